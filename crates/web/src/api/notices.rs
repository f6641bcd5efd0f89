//! `GET /notices`: the calls that we announced to this customer, newest first.

use super::reply;
use crate::fault::Fault;
use crate::guard::Caller;
use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use calls::notices::{self, NoticeState};
use serde::Serialize;

#[derive(Serialize)]
struct NoticesBody {
    notices: Vec<NoticeBody>,
}

#[derive(Serialize)]
struct NoticeBody {
    window_from: String,
    window_until: String,
    number: String,
    purpose: &'static str,
    state: &'static str,
    /// Anybody may look at it; it names nobody.
    public_page: String,
}

pub async fn list(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let customer = caller.known.customer;
    let found = state
        .db
        .read_async(move |tx| notices::for_customer(tx, customer))
        .await?;
    let notices = found
        .into_iter()
        .map(|notice| NoticeBody {
            window_from: notice.window_from.to_rfc3339(),
            window_until: notice.window_until.to_rfc3339(),
            number: notice.number,
            purpose: notice.purpose.code(),
            state: match notice.state {
                NoticeState::Announced => "announced",
                NoticeState::Calling => "calling",
                NoticeState::Over => "over",
            },
            public_page: format!("/n/{}", notice.token),
        })
        .collect();
    reply::json(StatusCode::OK, &NoticesBody { notices })
}
