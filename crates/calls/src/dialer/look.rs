use super::{Desk, Left, attempt, recover};
use crate::attempts::{self, Begun};
use crate::{cases, events};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Cases taken in one transaction.
const TAKEN_AT_ONCE: usize = 16;
/// The guarantee when no signal comes.
const POLL_MS: u64 = 250;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Looks for due cases until it is told to stop, then lets the calls under way end.
pub(super) async fn look(desk: Arc<Desk>) {
    settle_the_past(&desk).await;
    let mut wake = desk.parts.db.signal(events::SIGNAL_DUE).listen();
    let mut calls = JoinSet::new();
    let mut pause = FIRST_PAUSE;
    while !desk.stop.is_cancelled() {
        while calls.try_join_next().is_some() {}
        let free = desk.parts.policy.concurrent_calls.saturating_sub(calls.len());
        match take(&desk, desk.room(free).min(TAKEN_AT_ONCE)).await {
            Ok(begun) => {
                pause = FIRST_PAUSE;
                let idle = begun.is_empty();
                for begun in begun {
                    desk.note_begun();
                    let (desk, running) = (desk.clone(), desk.begin(begun.attempt.id));
                    calls.spawn(async move {
                        attempt::run(&desk, begun).await;
                        drop(running);
                    });
                }
                if idle {
                    tokio::select! {
                        _ = wake.changed(POLL_MS) => {}
                        () = desk.stop.cancelled() => {}
                    }
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = %store::causes(&error),
                    "due calls cannot be taken"
                );
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = desk.stop.cancelled() => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
    while calls.join_next().await.is_some() {}
}

/// Before the first call, however long the database takes to come.
async fn settle_the_past(desk: &Arc<Desk>) {
    let mut pause = FIRST_PAUSE;
    while let Err(error) = recover(desk, Left::ByAnEarlierProcess).await {
        tracing::warn!(
            error = %store::causes(&error),
            "unfinished calls cannot be looked for"
        );
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = desk.stop.cancelled() => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn take(desk: &Arc<Desk>, limit: usize) -> Result<Vec<Begun>, crate::CallsError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let now = desk.parts.ambient.now();
    if !desk
        .parts
        .db
        .read_async(move |tx| cases::any_due(tx, now))
        .await?
    {
        return Ok(Vec::new());
    }
    let (policy, node) = (desk.parts.policy.clone(), desk.parts.node.clone());
    desk.write(move |tx, ambient| attempts::begin_due(tx, ambient, &policy, &node, limit))
        .await
}
