//! Telephone audio: G.711 and sounds at 8 kHz.

mod g711;

pub use g711::Law;
pub(crate) use g711::{alaw_to_linear, linear_to_ulaw, ulaw_to_linear};

/// Samples a second, of every sound and every call.
pub const SAMPLE_RATE: u32 = 8_000;

/// Samples, and G.711 octets, in one millisecond.
pub const SAMPLES_PER_MS: u32 = SAMPLE_RATE / 1_000;
