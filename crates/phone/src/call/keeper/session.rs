//! What was agreed changes within the call: by the peer, by our refresh, by neither in time.

use super::Keeper;
use super::refresh::{self, Refreshed};
use crate::call::Hangup;
use crate::call::session_timer::{self, TooShort};
use crate::line::content_type;
use crate::sdp::{self, MEDIA_TYPE, SdpError, Session};
use rsipstack::dialog::dialog::TransactionHandle;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Method, Request, StatusCode};

impl Keeper {
    /// A re-INVITE or UPDATE: hold, resume, a move of the peer's media, or a refresh.
    pub(super) async fn renegotiate(&mut self, request: &Request, handle: &TransactionHandle) {
        let accepted = match session_timer::accept(request) {
            Ok(accepted) => accepted,
            Err(TooShort(least)) => {
                let status = StatusCode::SessionIntervalTooSmall;
                let _ = handle.respond(status, Some(vec![least]), None).await;
                return;
            }
        };
        let body = match self.answer(request) {
            Ok(body) => body,
            Err(error) => {
                tracing::info!(%error, "a change of the session is not acceptable");
                let _ = handle.reply(StatusCode::NotAcceptableHere).await;
                return;
            }
        };
        self.timer.restart(accepted.interval);
        let mut headers = accepted.headers;
        headers.extend(body.is_some().then(|| content_type(MEDIA_TYPE)));
        let body = body.map(String::into_bytes);
        let _ = handle.respond(StatusCode::OK, Some(headers), body).await;
    }

    /// Our side of the session that a re-INVITE or UPDATE changes. Without a description UPDATE
    /// changes nothing, and INVITE asks for our offer.
    fn answer(&mut self, request: &Request) -> Result<Option<String>, SdpError> {
        if request.body.is_empty() {
            if request.method != Method::Invite {
                return Ok(None);
            }
            self.offered = number_of(request);
            return Ok(Some(self.local.offer()));
        }
        let offer = sdp::parse(&request.body)?;
        let session = sdp::negotiate_offer(&offer, self.core.config.ptime_ms)?;
        let answer = self.local.answer(&offer, &session);
        self.take(session);
        Ok(Some(answer))
    }

    /// The ACK of a re-INVITE that asked for our offer brings its answer.
    pub(super) fn take_answer(&mut self) {
        let ack = self.dialog.last_remote_ack();
        let Some(ack) = ack.filter(|ack| self.offered.is_some() && number_of(ack) == self.offered) else {
            return;
        };
        self.offered = None;
        let answer = sdp::parse(&ack.body);
        match answer.and_then(|answer| sdp::negotiate_answer(&answer, self.core.config.ptime_ms)) {
            Ok(session) => self.take(session),
            Err(error) => tracing::info!(%error, "the answer to our offer cannot be used; nothing changes"),
        }
    }

    fn take(&self, session: Session) {
        self.stream.negotiated(session);
        self.link.set_takes_events(session.events.is_some());
    }

    pub(super) fn send_refresh(&mut self) {
        let offer = (!self.updates).then(|| self.local.said.clone());
        let refresh = refresh::send(
            self.dialog.clone(),
            self.timer.headers(),
            offer,
            self.core.config.ptime_ms,
        );
        self.refresh = Some(tokio::spawn(refresh));
    }

    /// `Some`: the call is over.
    pub(super) fn refreshed(&mut self, done: Refreshed) -> Option<Hangup> {
        match done {
            Refreshed::Done { interval, session } => {
                self.timer.restart(interval);
                if let Some(session) = session {
                    self.take(session);
                }
            }
            Refreshed::TooShort(least) => {
                if self.timer.raise(least) {
                    self.send_refresh();
                }
            }
            Refreshed::Gone => return Some(Hangup::LineFailed),
            Refreshed::Failed => {}
        }
        None
    }
}

pub(super) fn number_of(request: &Request) -> Option<u32> {
    request.cseq_header().and_then(|cseq| cseq.seq()).ok()
}
