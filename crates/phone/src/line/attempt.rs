//! From the INVITE to its final response: what the network says meanwhile.

use crate::call::session_timer;
use crate::error::DialFailure;
use crate::line::LineCore;
use crate::line::dial::DialProgress;
use crate::media::StreamHandle;
use crate::sdp::{self, Session};
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Response, StatusCode, StatusCodeKind};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// A trunk that says nothing at all for this long is down.
const FIRST_RESPONSE: Duration = Duration::from_secs(8);

type InviteOutcome = rsipstack::Result<(InviteDialog, Option<Response>)>;

/// An INVITE on its way.
pub(super) struct Attempt<'a> {
    pub core: &'a LineCore,
    pub stream: &'a StreamHandle,
    pub steps: mpsc::Sender<DialProgress>,
    pub states: DialogStateReceiver,
    /// What a provisional response described.
    pub early: Option<Session>,
    pub forwarded: bool,
    /// The network has found the telephone: an 18x came.
    pub rang: bool,
    /// What a 422 wants as the least interval of the session.
    pub least: Option<u64>,
}

impl Attempt<'_> {
    /// Waits for the final response. The stack would wait for ever; giving up drops the invite,
    /// for which it sends CANCEL.
    pub async fn ring(
        &mut self,
        invite: impl Future<Output = InviteOutcome>,
    ) -> Result<(InviteDialog, Response), DialFailure> {
        let begun = Instant::now();
        let ring_over = begun + Duration::from_millis(self.core.config.ring_timeout_ms);
        let mut silent = true;
        tokio::pin!(invite);
        let outcome = loop {
            tokio::select! {
                outcome = &mut invite => break outcome,
                Some(state) = self.states.recv() => silent &= !self.observe(state),
                () = sleep_until(begun + FIRST_RESPONSE), if silent => {
                    return Err(DialFailure::TrunkDown("no reply to our call".into()));
                }
                () = sleep_until(ring_over) => return Err(DialFailure::NoAnswer),
                () = self.core.closing.cancelled() => return Err(DialFailure::Cancelled),
            }
        };
        // Responses that came with the last one. What follows the confirmation is for the call.
        while let Ok(state) = self.states.try_recv() {
            let confirmed = matches!(state, DialogState::Confirmed(..));
            silent &= !self.observe(state);
            if confirmed {
                break;
            }
        }
        match outcome {
            Ok((dialog, Some(response))) if response.status_code.kind() == StatusCodeKind::Successful => {
                self.note_forwarding(&response);
                Ok((dialog, response))
            }
            // The stack makes up a 408 when nothing came.
            Ok((_, Some(response))) if silent && response.status_code.code() == 408 => {
                Err(DialFailure::TrunkDown("no reply to our call".into()))
            }
            Ok((_, Some(response))) => {
                if response.status_code == StatusCode::SessionIntervalTooSmall {
                    self.least = session_timer::least_of(&response);
                }
                Err(DialFailure::from_status(response.status_code.code(), self.rang))
            }
            Ok((_, None)) => Err(DialFailure::TrunkDown("the call ended without a reply".into())),
            Err(error) => Err(DialFailure::TrunkDown(error.to_string())),
        }
    }

    /// True: the network has replied.
    fn observe(&mut self, state: DialogState) -> bool {
        match state {
            DialogState::Trying(_) => self.tell(DialProgress::Trying),
            DialogState::Early(_, response) => {
                self.note_forwarding(&response);
                self.note_early_media(&response);
                self.rang |= (180..190).contains(&response.status_code.code());
                match response.status_code.code() {
                    180 | 183 => self.tell(DialProgress::Ringing {
                        early_media: self.early.is_some(),
                    }),
                    _ => self.tell(DialProgress::Trying),
                }
            }
            _ => return false,
        }
        true
    }

    fn note_early_media(&mut self, response: &Response) {
        if response.body().is_empty() {
            return;
        }
        let answer = sdp::parse(response.body());
        if let Ok(session) =
            answer.and_then(|answer| sdp::negotiate_answer(&answer, self.core.config.ptime_ms))
        {
            self.early = Some(session);
            self.stream.negotiated(session);
        }
    }

    fn note_forwarding(&mut self, response: &Response) {
        if !self.forwarded && (response.status_code.code() == 181 || is_diverted(response)) {
            self.forwarded = true;
            self.tell(DialProgress::Forwarded);
        }
    }

    fn tell(&self, step: DialProgress) {
        // Nobody has to listen.
        let _ = self.steps.try_send(step);
    }
}

/// RFC 5806 Diversion, or a History-Info (RFC 7044) with a second target.
fn is_diverted(response: &Response) -> bool {
    let mut entries = 0;
    for header in response.headers.iter() {
        match header.name().to_ascii_lowercase().as_str() {
            "diversion" => return true,
            "history-info" => {
                let value = header.value().to_ascii_lowercase();
                if value.contains("cause=") || value.contains("cause%3d") {
                    return true;
                }
                entries += value.split(',').count();
            }
            _ => {}
        }
    }
    entries > 1
}
