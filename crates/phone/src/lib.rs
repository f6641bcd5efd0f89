//! The telephone: SIP signalling, RTP media and recordings, as an engine that knows no wallet.
//!
//! A [`Line`] places calls ([`Line::dial`]) and takes them ([`Line::incoming`]). An answered
//! [`Call`] plays sounds, hears digits, and is recorded while it goes on.
//!
//! - Signalling is RFC 3261 over UDP and TCP by `rsipstack`, which this crate hides. Session
//!   timers (RFC 4028) are absent there: a peer that dies in silence is noticed by the absence of
//!   its RTP, after `media_timeout_ms`.
//! - `rsipstack` logs whole messages, with telephone numbers and digests, at level `info`. Install
//!   a log filter that contains [`LOG_FILTER`].
//! - Sound is G.711 at 8 kHz in packets of 10 to 60 ms; digits are telephone events (RFC 4733) or
//!   SIP INFO, one of the two in a call: the first that delivers. Digits before the answer and on
//!   hold are not heard.
//! - RTP and requests within a call are taken only from the addresses that the peer named, or
//!   that the trunk is configured to send from.
//! - Media threads pace themselves; nothing they do waits for a disk or for a lock that is held.

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
pub use recording::{RecordingSink, WriteOctets, recording_to_wav};
pub use sound::Sound;
pub use wav::WavError;

/// Keeps telephone numbers and credentials out of the log; add it to the filter of the program.
pub const LOG_FILTER: &str = "rsipstack=error";
