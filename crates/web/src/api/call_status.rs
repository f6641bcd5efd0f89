//! `GET /call-status`: whether we are calling the customer right now.

use super::reply;
use crate::fault::Fault;
use crate::guard::Caller;
use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use calls::status::{self, CallStatus};
use serde::Serialize;

#[derive(Serialize, Default)]
struct StatusBody {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// The number that the telephone displays; it can be faked, this answer cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'static str>,
    /// What the voice on the line says too; only on devices enrolled for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<[&'static str; 2]>,
}

pub async fn show(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let (policy, now) = (state.call_policy.clone(), state.ambient.now());
    let (customer, enrolled) = (caller.known.customer, caller.known.session.device_enrolled_at);
    let status = state
        .db
        .read_async(move |tx| status::for_customer(tx, &policy, now, customer, enrolled))
        .await?;
    let plain = |status| StatusBody {
        status,
        ..StatusBody::default()
    };
    let body = match status {
        CallStatus::NeverCalled => plain("never_called"),
        CallStatus::NotCalling => plain("not_calling"),
        CallStatus::NoRecentCalls => plain("no_recent_calls"),
        CallStatus::Unknown => plain("unknown"),
        CallStatus::Calling {
            since,
            number,
            purpose,
        } => StatusBody {
            status: "calling",
            since: Some(since.to_rfc3339()),
            number: Some(number),
            purpose: Some(purpose.code()),
            words: None,
        },
        CallStatus::OnCall {
            since,
            number,
            purpose,
            words,
        } => StatusBody {
            status: "on_call",
            since: Some(since.to_rfc3339()),
            number: Some(number),
            purpose: Some(purpose.code()),
            words: words.map(|words| words.text(caller.language)),
        },
    };
    reply::json(StatusCode::OK, &body)
}
