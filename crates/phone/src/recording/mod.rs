//! Recordings: both sides of a call, streamed away while it goes on.
//!
//! The form is two-channel µ-law at 8 kHz, octets in turn: ours, theirs. Sound is placed by its
//! RTP timestamp, gaps are silence. 16 kB a second.

mod timeline;
mod writer;

pub(crate) use timeline::{Channel, Timeline};
pub(crate) use writer::{Endings, Recorder, WriterThread};

use crate::wav;
use std::io;

/// Takes the next octets of a recording.
pub type WriteOctets = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send>;

/// Where the octets of a recording go, chunk by chunk.
///
/// The function is called on a thread that only writes recordings, never on a media thread. It
/// is dropped when the recording is complete, before `Call::hang_up` returns.
pub struct RecordingSink {
    pub write: WriteOctets,
}

impl RecordingSink {
    pub fn new(write: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static) -> Self {
        Self {
            write: Box::new(write),
        }
    }
}

impl std::fmt::Debug for RecordingSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordingSink")
    }
}

/// A stereo WAVE file of what a sink received: left is us, right is them.
pub fn recording_to_wav(ulaw_stereo: &[u8]) -> Vec<u8> {
    wav::ulaw_stereo(ulaw_stereo)
}
