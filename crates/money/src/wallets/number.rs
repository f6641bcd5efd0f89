use base::Rng;
use std::fmt;

/// A wallet's number: eight digits, the last of them a check digit (ISO/IEC 7812-1, Luhn), so that
/// one wrong digit or two swapped ones reach nobody. Written in two groups: `8866 1688`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WalletNumber(String);

/// Seven digits of which the first is no zero.
const BODIES: u64 = 9_000_000;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWalletNumber {
    #[error("a wallet number has eight digits")]
    NotEightDigits,
    #[error("the number's check digit does not fit: a digit is wrong")]
    CheckDigit,
}

impl WalletNumber {
    pub fn parse(text: &str) -> Result<Self, BadWalletNumber> {
        let digits: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '\u{a0}'))
            .collect();
        if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadWalletNumber::NotEightDigits);
        }
        match check_digit(&digits.as_bytes()[..7]) == digits.as_bytes()[7] {
            true => Ok(Self(digits)),
            false => Err(BadWalletNumber::CheckDigit),
        }
    }

    /// The eight digits without the space.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a voice says of it where a name cannot be spoken.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// A number that does not begin with zero; whether it is free, the table knows.
    pub(crate) fn draw(rng: &Rng) -> Self {
        Self::nth(rng.below(BODIES))
    }

    /// One of the nine million numbers, in their order.
    pub(crate) fn nth(place: u64) -> Self {
        let body = (1_000_000 + place % BODIES).to_string();
        let check = char::from(check_digit(body.as_bytes()));
        Self(format!("{body}{check}"))
    }

    pub(crate) fn stored(digits: String) -> Self {
        Self(digits)
    }
}

impl fmt::Display for WalletNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = self.0.split_at(self.0.len().min(4));
        write!(f, "{head} {tail}")
    }
}

fn check_digit(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            let doubled = if place % 2 == 0 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    b'0' + ((10 - sum % 10) % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Rng;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_written_in_two_groups() {
        let number = WalletNumber::draw(&Rng::from_seed(1));
        assert_eq!(WalletNumber::parse(&number.to_string()).unwrap(), number);
        assert_eq!(number.last_four().len(), 4);
        assert_eq!(WalletNumber::parse("1234"), Err(BadWalletNumber::NotEightDigits));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_noticed(seed in any::<u64>(), place in 0usize..8, by in 1u8..10) {
            let number = WalletNumber::draw(&Rng::from_seed(seed));
            let mut digits = number.as_str().as_bytes().to_vec();
            digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
            let wrong = String::from_utf8(digits).unwrap();
            prop_assert_eq!(WalletNumber::parse(&wrong), Err(BadWalletNumber::CheckDigit));
        }
    }
}
