//! A telephone line: signalling for any number of calls on one address.

mod attempt;
mod dial;
mod incoming;
mod open;
mod registration;
mod router;
mod stream;
mod target;

pub use dial::{DialOptions, DialProgress, Dialing};
pub use incoming::{DeclineReason, IncomingCall, IncomingCalls};

use crate::call::session_timer;
use crate::config::LineConfig;
use crate::media::{MediaEngine, MediaReport, RtpPorts};
use base::Ambient;
use rsipstack::dialog::DialogId;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::sip::Header;
use rsipstack::sip::prelude::HeadersExt;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// An open line. Clones are the same line; when the last is gone it closes without goodbye.
#[derive(Clone, Debug)]
pub struct Line {
    core: Arc<LineCore>,
    _open: Arc<DropGuard>,
}

/// What a line can tell about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineStatus {
    /// The registrar knows us; a trunk by address needs no registration and is always known.
    pub registered: bool,
    /// Calls that ring or talk.
    pub calls: usize,
    pub last_error: Option<String>,
    /// Recordings that could not be written since the line opened.
    pub recording_failures: u64,
    /// Every media thread runs. One that ended takes no calls; a restart brings it back.
    pub media: bool,
    /// The media threads run with real-time scheduling (SCHED_RR).
    pub realtime: bool,
}

impl LineStatus {
    /// Calls can be placed, and heard.
    pub fn is_ready(&self) -> bool {
        self.registered && self.media
    }
}

impl Line {
    pub fn status(&self) -> LineStatus {
        let standing = self.core.standing();
        LineStatus {
            registered: standing.registered,
            calls: self.core.config.max_calls - self.core.slots.available_permits(),
            last_error: standing.last_error.clone(),
            recording_failures: self.core.media.recording_failures(),
            media: self.core.media.is_whole(),
            realtime: self.core.media.is_realtime(),
        }
    }

    /// Where it listens, which tells the port when the configuration left it open.
    pub fn local_addr(&self) -> SocketAddr {
        self.core.bound
    }

    pub fn media_report(&self) -> MediaReport {
        self.core.media.report()
    }

    /// Begins the media report anew.
    pub fn reset_media_report(&self) {
        self.core.media.reset_report();
    }

    /// Waits until the registrar knows us; false: not within `wait_ms`.
    pub async fn registered(&self, wait_ms: u64) -> bool {
        let mut changed = self.core.standing.subscribe();
        let known = changed.wait_for(|standing| standing.registered);
        tokio::time::timeout(Duration::from_millis(wait_ms), known)
            .await
            .is_ok_and(|known| known.is_ok())
    }

    /// Hangs up every call, leaves the registrar and frees the ports.
    pub async fn close(self) {
        self.core.closing.cancel();
        let all = self.core.config.max_calls as u32;
        let patience = Duration::from_secs(3);
        let _ = tokio::time::timeout(patience, self.core.slots.acquire_many(all)).await;
        let _ = tokio::time::timeout(patience, self.core.registration_over.cancelled()).await;
        self.core.stopped.cancel();
        let _ = tokio::time::timeout(patience, self.core.released.cancelled()).await;
    }
}

/// The right to one of the line's calls.
pub(crate) type Allowance = OwnedSemaphorePermit;

/// What every part of a line shares.
pub(crate) struct LineCore {
    pub config: LineConfig,
    pub ambient: Ambient,
    pub layer: Arc<DialogLayer>,
    pub media: MediaEngine,
    pub ports: RtpPorts,
    /// What we bound, and what we tell others.
    pub bound: SocketAddr,
    pub advertised: SocketAddr,
    pub slots: Arc<Semaphore>,
    pub standing: watch::Sender<Standing>,
    pub incoming: Mutex<Option<mpsc::Sender<IncomingCall>>>,
    /// From where requests within a call may come, by Call-ID.
    peers: Mutex<HashMap<String, Vec<IpAddr>>>,
    /// No new calls; those that are, end.
    pub closing: CancellationToken,
    pub registration_over: CancellationToken,
    /// The stack stops.
    pub stopped: CancellationToken,
    /// The ports are free again.
    pub released: CancellationToken,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    pub registered: bool,
    pub last_error: Option<String>,
}

impl LineCore {
    pub(crate) fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    pub(crate) fn note_error(&self, error: String) {
        self.standing
            .send_modify(|standing| standing.last_error = Some(error));
    }

    /// Lets requests of this call come from one more address.
    pub(crate) fn trust_peer(&self, call_id: &str, ip: IpAddr) {
        lock(&self.peers).entry(call_id.into()).or_default().push(ip);
    }

    pub(crate) fn is_trusted(&self, call_id: &str, ip: IpAddr) -> bool {
        self.is_trunk(ip)
            || lock(&self.peers)
                .get(call_id)
                .is_some_and(|ips| ips.contains(&ip))
    }

    #[cfg(test)]
    pub(crate) fn trusted_calls(&self) -> usize {
        lock(&self.peers).len()
    }

    /// The trunk sends from here.
    pub(crate) fn is_trunk(&self, ip: IpAddr) -> bool {
        self.config
            .trunk
            .rtp_from()
            .iter()
            .any(|range| range.contains(ip))
    }

    /// Removes what the stack and we know about a call; the stack never does.
    pub(crate) fn forget(&self, id: &DialogId) {
        self.layer.remove_dialog(id);
        lock(&self.peers).remove(&id.call_id);
    }
}

impl std::fmt::Debug for LineCore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LineCore({})", self.bound)
    }
}

pub(crate) fn content_type(media_type: &str) -> Header {
    Header::ContentType(media_type.into())
}

/// The peer takes UPDATE.
pub(crate) fn takes_updates(message: &impl HeadersExt) -> bool {
    let allowed = message.header_value("Allow").unwrap_or_default();
    allowed
        .split(',')
        .any(|method| method.trim().eq_ignore_ascii_case("UPDATE"))
}

/// Extensions we know.
pub(crate) fn supported() -> Header {
    Header::Supported(session_timer::TAG.into())
}

/// Methods we answer to.
pub(crate) fn allow() -> Header {
    Header::Allow("INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE".into())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
