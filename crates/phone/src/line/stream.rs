//! What a call needs of its line, whichever side begins it: a stream with its ports, and a Call-ID.

use crate::error::DialFailure;
use crate::line::LineCore;
use crate::media::{StreamConfig, StreamHandle, StreamLink};
use crate::sdp::Local;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::mpsc;

pub(super) type Media = (StreamHandle, Arc<StreamLink>, mpsc::Receiver<char>, Local);

impl LineCore {
    /// A stream of its own for a call.
    pub(super) fn open_media(&self) -> Result<Media, DialFailure> {
        let sockets = self.ports.take().ok_or_else(|| {
            let range = &self.config.rtp_ports;
            DialFailure::TrunkDown(format!("no free RTP port in {}-{}", range.start(), range.end()))
        })?;
        let rng = &self.ambient.rng;
        let local = Local {
            rtp: SocketAddr::new(self.advertised.ip(), sockets.port),
            session_id: rng.next_u64() >> 2,
            version: 0,
            ptime_ms: self.config.ptime_ms,
            said: String::new(),
        };
        let (link, digits) = StreamLink::new();
        let link = Arc::new(link);
        let stream = self.media.open(StreamConfig {
            sockets,
            link: link.clone(),
            rtp_from: self.config.trunk.rtp_from().to_vec(),
            media_timeout_ms: self.config.media_timeout_ms,
            ssrc: rng.next_u64() as u32,
            first_sequence: rng.next_u64() as u16 >> 1,
            first_timestamp: rng.next_u64() as u32,
            clock: self.ambient.clock.clone(),
        });
        let stream = stream.ok_or_else(|| DialFailure::TrunkDown("no media thread runs any more".into()))?;
        Ok((stream, link, digits, local))
    }

    /// The stack's own Call-IDs carry its name.
    pub(super) fn new_call_id(&self, hint: Option<&str>) -> String {
        let clean = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        match hint {
            Some(hint) => format!(
                "huiling-{}",
                hint.chars().filter(clean).take(64).collect::<String>()
            ),
            None => {
                let id = self.ambient.rng.uuid_v7(self.ambient.now());
                format!("huiling-{}", base::uuid::Uuid::from_bytes(id))
            }
        }
    }

    pub(super) fn forget_peer(&self, call_id: &str) {
        super::lock(&self.peers).remove(call_id);
    }
}
