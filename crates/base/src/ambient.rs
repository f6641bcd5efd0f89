use crate::{Clock, Rng, Timestamp};

/// Time and chance, passed to whatever needs them, so that a test or a simulation decides both.
#[derive(Clone, Debug)]
pub struct Ambient {
    pub clock: Clock,
    pub rng: Rng,
}

impl Ambient {
    /// The machine's clock and the operating system's randomness.
    pub fn system() -> Self {
        Self {
            clock: Clock::System,
            rng: Rng::from_system(),
        }
    }

    /// A clock that stands still until advanced, and a generator that repeats for a seed.
    pub fn seeded(start: Timestamp, seed: u64) -> Self {
        Self {
            clock: Clock::manual(start),
            rng: Rng::from_seed(seed),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
