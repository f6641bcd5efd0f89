//! A payment's public id holds its number, so that finding it needs no index of its own: a UUIDv7
//! (RFC 9562) with the number's milliseconds as its time, the number's count behind them, and 53
//! random bits that nobody can guess.

use crate::accounts::COUNT_BITS;
use base::{PaymentId, Rng};

/// Random bits of an id.
const NONCE_BITS: u32 = 53;
/// Bits of the count that follow the variant; the ones above them follow the version.
const COUNT_LOW_BITS: u32 = 9;

pub(crate) fn nonce(rng: &Rng) -> i64 {
    (rng.next_u64() >> (64 - NONCE_BITS)) as i64
}

pub(crate) fn payment_id(number: i64, nonce: i64) -> PaymentId {
    let (number, nonce) = (number as u64, nonce as u64);
    let ms = number >> COUNT_BITS;
    let count = number & ((1 << COUNT_BITS) - 1);
    let high = ms << 16 | 7 << 12 | count >> COUNT_LOW_BITS;
    let low = 0b10 << 62 | (count & ((1 << COUNT_LOW_BITS) - 1)) << NONCE_BITS | nonce;
    PaymentId((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}

/// Number and nonce; an id of somebody else's making gives a number that has another nonce.
pub(crate) fn parts(id: PaymentId) -> (i64, i64) {
    let bits = u128::from_be_bytes(id.0);
    let (high, low) = ((bits >> 64) as u64, bits as u64);
    let ms = high >> 16 & ((1 << (63 - COUNT_BITS)) - 1);
    let count = (high & 0xfff) << COUNT_LOW_BITS | low >> NONCE_BITS & ((1 << COUNT_LOW_BITS) - 1);
    let nonce = low & ((1 << NONCE_BITS) - 1);
    ((ms << COUNT_BITS | count) as i64, nonce as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_holds_its_number(number in 0i64..=i64::MAX, nonce in 0i64..1 << NONCE_BITS) {
            let id = payment_id(number, nonce);
            prop_assert_eq!(parts(id), (number, nonce));
            prop_assert_eq!(id.0[6] >> 4, 7);
            prop_assert_eq!(id.0[8] >> 6, 0b10);
        }

        #[test]
        fn ids_ascend_with_their_numbers(a in 0i64..i64::MAX, nonces in (0i64..1 << NONCE_BITS, 0i64..1 << NONCE_BITS)) {
            prop_assert!(payment_id(a, nonces.0) < payment_id(a + 1, nonces.1));
        }
    }
}
