use super::{Desk, Left};
use crate::CallsError;
use crate::recordings::{self, LeftOpen};
use base::Timestamp;
use std::sync::Arc;

/// While we run, the end of a call and of its recording are one commit; what is open for longer
/// after its call was never written down.
const SETTLED_SECS: i64 = 60;

/// Closes recordings that nobody writes any more, with what is on the disk.
pub(super) async fn close_left_open(desk: &Arc<Desk>, left: Left) -> Result<(), CallsError> {
    let now = desk.parts.ambient.now();
    let before = match left {
        Left::ByAnEarlierProcess => now.plus_secs(1),
        Left::ByOthers => now.plus_secs(-SETTLED_SECS),
    };
    let open = desk
        .parts
        .db
        .read_async(move |tx| recordings::left_open(tx, before))
        .await?;
    for left in open {
        close(desk, left, now).await?;
    }
    Ok(())
}

async fn close(desk: &Arc<Desk>, left: LeftOpen, now: Timestamp) -> Result<(), CallsError> {
    let (keyring, folder, node) = (
        desk.parts.keyring.clone(),
        desk.parts.recordings.clone(),
        desk.parts.node.clone(),
    );
    let call = left.call;
    let found =
        tokio::task::spawn_blocking(move || recordings::salvage(&keyring, &folder, &left, &node, now));
    let Ok(Some(finished)) = found.await else {
        return Ok(());
    };
    tracing::warn!(%call, ms = finished.duration_ms, "a recording was left open and is closed");
    desk.write(move |tx, _| recordings::finish(tx, call, now, &finished))
        .await
}
