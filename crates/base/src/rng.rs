use crate::Timestamp;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::{Arc, Mutex, PoisonError};

/// A cryptographic generator (ChaCha12), shared by its clones.
/// Seeded, it repeats; from the system, it cannot be guessed.
#[derive(Clone, Debug)]
pub struct Rng(Arc<Mutex<ChaCha12Rng>>);

impl Rng {
    /// # Panics
    /// When the operating system gives no randomness: no secret could be made safely.
    pub fn from_system() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the operating system gives randomness");
        Self(Arc::new(Mutex::new(ChaCha12Rng::from_seed(seed))))
    }

    pub fn from_seed(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(ChaCha12Rng::seed_from_u64(seed))))
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(bytes);
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    pub fn next_u64(&self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    /// Uniform below `bound`, without modulo bias.
    ///
    /// # Panics
    /// When `bound` is zero.
    pub fn below(&self, bound: u64) -> u64 {
        assert!(bound > 0, "nothing is below zero");
        let limit = u64::MAX - u64::MAX % bound;
        for _ in 0..128 {
            let draw = self.next_u64();
            if draw < limit {
                return draw % bound;
            }
        }
        unreachable!("128 draws in a row fell into less than half of the range")
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A UUIDv7 (RFC 9562) for this moment.
    pub fn uuid_v7(&self, now: Timestamp) -> [u8; 16] {
        uuid::Builder::from_unix_timestamp_millis(now.as_ms().max(0) as u64, &self.bytes())
            .into_uuid()
            .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn a_seed_repeats_and_stays_in_bounds() {
        let (a, b) = (Rng::from_seed(3), Rng::from_seed(3));
        for bound in 1..200 {
            let draw = a.below(bound);
            assert_eq!(draw, b.below(bound));
            assert!(draw < bound);
        }
        assert!((0..100).all(|_| (0.0..1.0).contains(&a.unit())));
    }
}
