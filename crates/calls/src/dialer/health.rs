use super::{Desk, Left, recover};
use crate::CallsError;
use crate::cases::{self, Unreadable};
use crate::status::{self, LineState};
use base::CaseId;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// How the dialer does, for the health page and metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialerHealth {
    /// Calls under way.
    pub running: usize,
    pub line: LineState,
    /// The latest trouble of the line, in words.
    pub line_error: Option<String>,
    /// Transactions that failed since the start.
    pub db_failures: u64,
}

pub(super) fn of(desk: &Desk) -> DialerHealth {
    DialerHealth {
        running: desk.calls(),
        line: desk.line_state(),
        line_error: desk.parts.line.status().last_error,
        db_failures: desk.db_failures(),
    }
}

/// Says again and again that this node is alive.
pub(super) async fn beat(desk: Arc<Desk>) {
    let lease_ms = desk.parts.policy.lease_ms;
    let period = Duration::from_millis((lease_ms / 4).max(50) as u64);
    while !desk.stop.is_cancelled() {
        let (node, line) = (desk.parts.node.clone(), desk.line_state());
        let done = desk
            .write(move |tx, ambient| {
                let now = ambient.now();
                status::beat(tx, &node, now, now.plus_ms(lease_ms), line)
            })
            .await;
        if let Err(error) = done {
            tracing::warn!(
                error = %store::causes(&error),
                "no sign of life was written"
            );
        }
        tokio::time::sleep(period).await;
    }
}

/// Looks again and again for attempts that nobody goes on with, and for cases that nobody can be
/// called about. Apart from the signs of life, which wait for nothing here.
pub(super) async fn sweep(desk: Arc<Desk>) {
    let period = Duration::from_millis(desk.parts.policy.lease_ms.max(200) as u64);
    let mut told = HashSet::new();
    while !desk.stop.is_cancelled() {
        tokio::time::sleep(period).await;
        if let Err(error) = recover(&desk, Left::ByOthers).await {
            tracing::warn!(
                error = %store::causes(&error),
                "unfinished calls cannot be looked for"
            );
        }
        match unreadable(&desk).await {
            Ok(found) => told = tell(&told, &found),
            Err(error) => tracing::warn!(
                error = %store::causes(&error),
                "cases that cannot be read cannot be looked for"
            ),
        }
    }
}

async fn unreadable(desk: &Desk) -> Result<Vec<Unreadable>, CallsError> {
    let now = desk.parts.ambient.now();
    let found = desk.parts.db.read_async(move |tx| cases::unreadable(tx, now));
    found.await
}

/// Names each once, as long as it stays so. What was read is not told: it may be about a person.
fn tell(told: &HashSet<CaseId>, found: &[Unreadable]) -> HashSet<CaseId> {
    for one in found.iter().filter(|one| !told.contains(&one.case)) {
        tracing::error!(case = %one.case, "a case cannot be read, nobody is called about it");
    }
    found.iter().map(|one| one.case).collect()
}
