//! One refresh of a session by us.

use crate::call::session_timer::{self, Interval};
use crate::line::content_type;
use crate::sdp::{self, MEDIA_TYPE, Session};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Response, StatusCodeKind};

/// A re-INVITE that crosses one of the peer's is sent so often.
const GLARES: usize = 3;

/// What became of it.
#[derive(Debug)]
pub(super) enum Refreshed {
    Done {
        interval: Option<Interval>,
        /// Where the answer moved the media.
        session: Option<Session>,
    },
    /// 422: not below so many seconds.
    TooShort(u64),
    /// The peer knows the call no more.
    Gone,
    /// The timer decides what comes of it.
    Failed,
}

/// By UPDATE where the peer takes it, else by offering again what we said last.
pub(super) async fn send(
    dialog: InviteDialog,
    mut headers: Vec<Header>,
    offer: Option<String>,
    ptime_ms: u32,
) -> Refreshed {
    let answer = match offer {
        None => dialog.update(Some(headers), None).await,
        Some(offer) => {
            headers.push(content_type(MEDIA_TYPE));
            let body = Some(offer.into_bytes());
            dialog
                .reinvite_with_glare_retry(Some(headers), body, GLARES)
                .await
        }
    };
    match answer {
        Ok(Some(response)) => read(&response, ptime_ms),
        Ok(None) => Refreshed::Failed,
        Err(error) => {
            tracing::info!(%error, "a session was not refreshed");
            Refreshed::Failed
        }
    }
}

fn read(response: &Response, ptime_ms: u32) -> Refreshed {
    if response.status_code.kind() == StatusCodeKind::Successful {
        let answer = sdp::parse(response.body());
        return Refreshed::Done {
            interval: session_timer::agreed(response),
            session: answer
                .and_then(|answer| sdp::negotiate_answer(&answer, ptime_ms))
                .ok(),
        };
    }
    match response.status_code.code() {
        422 => session_timer::least_of(response).map_or(Refreshed::Failed, Refreshed::TooShort),
        // RFC 3261 section 12.2.1.2.
        408 | 481 => Refreshed::Gone,
        status => {
            tracing::info!(status, "the peer did not take the refresh of a session");
            Refreshed::Failed
        }
    }
}
