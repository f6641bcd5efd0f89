use crate::fault::Fault;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::Duration;

/// Work that waits longer than this means that nobody does it.
const MOST_LAG_SECS: u64 = 120;
const DB_TIMEOUT: Duration = Duration::from_secs(2);

/// `/health/live`: the process answers.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `/health/ready`: whether requests should come here: the database answers, keeps what is written, and
/// work does not pile up. A line that is down does not stop the wallet, so it is told but does not fail.
pub async fn ready(State(state): State<AppState>) -> Response {
    let now = state.ambient.now();
    let looked = state
        .db
        .read_async(|tx| Ok::<_, Fault>(store::outbox::backlog(tx)?));
    let backlog = match tokio::time::timeout(DB_TIMEOUT, looked).await {
        Ok(Ok(backlog)) => Some(backlog),
        Ok(Err(_)) | Err(_) => None,
    };
    let lag_secs = backlog
        .as_ref()
        .map(|backlog| backlog.oldest_at.map_or(0, |at| now.since(at).as_secs()));
    let writes = state.db.keeps();
    let ready = writes && lag_secs.is_some_and(|secs| secs <= MOST_LAG_SECS);
    let body = json!({
        "ready": ready,
        "database": backlog.is_some(),
        "writes": writes,
        "line": (state.line_ready)(),
        "events_lag_secs": lag_secs,
    });
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(body)).into_response()
}
