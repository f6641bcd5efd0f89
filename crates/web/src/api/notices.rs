//! `GET /notices`: the calls that we announced to this customer, newest first.

use super::{query, reply};
use crate::fault::Fault;
use crate::guard::Caller;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use calls::notices::{self, Notice, NoticeId, NoticeState};
use serde::Serialize;

#[derive(Serialize)]
struct NoticesBody {
    notices: Vec<NoticeBody>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
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

pub async fn list(State(state): State<AppState>, caller: Caller, uri: Uri) -> Result<Response, Fault> {
    let customer = caller.known.customer;
    let (before, limit) = query::page(&uri, caller.language)?;
    let before = before.map(NoticeId);
    let mut found = state
        .db
        .read_async(move |tx| notices::page(tx, customer, before, limit + 1))
        .await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|notice| notice.id.to_string());
    let notices = found.into_iter().map(body).collect();
    reply::json(StatusCode::OK, &NoticesBody { notices, next })
}

fn body(notice: Notice) -> NoticeBody {
    NoticeBody {
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
    }
}
