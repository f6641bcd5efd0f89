//! Places the calls that are due. Whatever happens to this process, the database knows of every
//! call that may have rung: an attempt is committed before its INVITE, and one that was never
//! finished is found at the next start.

mod attempt;
mod desk;
mod health;
mod line;
mod look;
mod recordings;

pub(crate) use desk::Desk;
pub use desk::{DialerParts, Route};
pub use health::DialerHealth;

use crate::{CallsError, attempts, status};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long calls under way may take to end when the dialer stops.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// The running dialer. Dropping it stops it without waiting.
pub struct Dialer {
    desk: Arc<Desk>,
    looking: Option<JoinHandle<()>>,
    beating: JoinHandle<()>,
    sweeping: JoinHandle<()>,
}

impl Dialer {
    /// Settles what an earlier process left unfinished, and begins to place calls. Must be called
    /// within a runtime; returns at once.
    pub fn start(parts: DialerParts) -> Self {
        let desk = Desk::new(parts, CancellationToken::new());
        Self {
            looking: Some(tokio::spawn(look::look(desk.clone()))),
            beating: tokio::spawn(health::beat(desk.clone())),
            sweeping: tokio::spawn(health::sweep(desk.clone())),
            desk,
        }
    }

    pub fn health(&self) -> DialerHealth {
        health::of(&self.desk)
    }

    /// Places no further calls, ends those under way as interrupted, and says so to the others.
    pub async fn stop(mut self) {
        self.desk.stop.cancel();
        if let Some(looking) = self.looking.take() {
            let _ = tokio::time::timeout(STOP_PATIENCE, looking).await;
        }
        self.beating.abort();
        self.sweeping.abort();
        let node = self.desk.parts.node.clone();
        if let Err(error) = self.desk.write(move |tx, _| status::rest(tx, &node)).await {
            tracing::warn!(
                error = %store::causes(&error),
                "the end of the dialer was not written"
            );
        }
    }
}

impl Drop for Dialer {
    fn drop(&mut self) {
        self.desk.stop.cancel();
        self.beating.abort();
        self.sweeping.abort();
    }
}

/// Whose unfinished attempts are settled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// At the start: all of this node's, and those of nodes that are gone.
    ByAnEarlierProcess,
    /// Later: those of nodes that are gone, and our own whose beginning was committed without us
    /// hearing of it.
    ByOthers,
}

/// Settles attempts that nobody goes on with, as interrupted.
pub(crate) async fn recover(desk: &Arc<Desk>, left: Left) -> Result<(), CallsError> {
    // Page by page, as long as there is one that could be settled.
    while settle(desk, left).await? == attempts::PAGE {}
    recordings::close_left_open(desk, left).await
}

/// How many of one page were settled.
async fn settle(desk: &Arc<Desk>, left: Left) -> Result<usize, CallsError> {
    let node = desk.parts.node.clone();
    let found = desk
        .write(move |tx, ambient| attempts::unfinished_of(tx, &node, ambient.now()))
        .await?;
    // An attempt is among the running ones a moment after its commit.
    let old = desk.parts.ambient.now().plus_ms(-2 * desk.parts.policy.lease_ms);
    let mut settled = 0;
    for attempt in found {
        let fresh = left == Left::ByOthers && attempt.begun_at > old;
        if !fresh && !desk.is_running(attempt.id) && attempt::interrupt(desk, attempt.id).await {
            settled += 1;
        }
    }
    Ok(settled)
}
