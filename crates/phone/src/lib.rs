//! The telephone: SIP signalling, RTP media and recordings, as an engine that knows no wallet.

mod audio;
mod sound;
mod wav;

pub use audio::Law;
pub use sound::Sound;
pub use wav::WavError;
