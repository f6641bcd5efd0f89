//! The telephone: SIP signalling, RTP media and recordings, as an engine that knows no wallet.

mod audio;
mod call;
mod config;
mod error;
mod line;
mod media;
pub mod prompts;
mod recording;
mod rtp;
mod sdp;
mod sound;
mod wav;

pub use audio::Law;
pub use call::{Call, CallEnd, Hangup, Heard, PlayEnd};
pub use config::{IpRange, LineConfig, NotAnIpRange, SipTransport, Trunk};
pub use error::{DialFailure, PhoneError};
pub use line::{
    DeclineReason, DialOptions, DialProgress, Dialing, IncomingCall, IncomingCalls, Line, LineStatus,
};
pub use media::{MediaReport, MediaStats};
pub use recording::{RecordingSink, recording_to_wav};
pub use sound::Sound;
pub use wav::WavError;
