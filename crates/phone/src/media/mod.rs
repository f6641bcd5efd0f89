//! Sound in and out of calls, on threads of its own.

mod engine;
mod keypad;
mod lateness;
mod link;
mod ports;
mod receive;
mod stream;
mod thread;

pub(crate) use engine::{MediaEngine, StreamHandle};
pub use lateness::MediaReport;
pub use link::MediaStats;
pub(crate) use link::{DigitMethod, StreamLink};
pub(crate) use ports::{PortLease, RtpPorts, SocketPair};
pub(crate) use stream::StreamConfig;

/// The wheel's step. Every packet length is a multiple of it.
pub(crate) const TICK_MS: u64 = 5;
pub(crate) const SAMPLES_PER_TICK: u64 = TICK_MS * 8;
