//! Being called.

use crate::call::session_timer::{self, TooShort};
use crate::call::{Call, CallSetup, start_call};
use crate::error::DialFailure;
use crate::line::router::{answer, refuse, source_ip};
use crate::line::{Allowance, Line, LineCore, allow, content_type, lock, supported, takes_updates, target};
use crate::recording::RecordingSink;
use crate::sdp::{self, Description, MEDIA_TYPE, Session};
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::prelude::{HeadersExt, ToTypedHeader};
use rsipstack::sip::{Request, StatusCode};
use rsipstack::transaction::transaction::Transaction;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Calls that ring and were not looked at yet.
const MAX_WAITING: usize = 32;
/// 64 T1: longer than this no ACK is waited for (RFC 3261 section 13.3.1.4).
const ACK_PATIENCE: Duration = Duration::from_secs(32);

/// What a caller hears of a call that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclineReason {
    /// 486
    Busy,
    /// 603
    Declined,
    /// 480
    Unavailable,
    /// 404
    UnknownNumber,
}

impl DeclineReason {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Busy => StatusCode::BusyHere,
            Self::Declined => StatusCode::Decline,
            Self::Unavailable => StatusCode::TemporarilyUnavailable,
            Self::UnknownNumber => StatusCode::NotFound,
        }
    }
}

/// The calls that reach a line. Without a receiver, callers hear "unavailable" (480).
#[derive(Debug)]
pub struct IncomingCalls(mpsc::Receiver<IncomingCall>);

impl IncomingCalls {
    /// The next call; `None`: the line is closed.
    pub async fn next(&mut self) -> Option<IncomingCall> {
        self.0.recv().await
    }
}

impl Line {
    /// Takes over the calls that reach this line, from whoever took them before.
    pub fn incoming(&self) -> IncomingCalls {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        lock(&self.core.incoming).replace(sender);
        IncomingCalls(receiver)
    }
}

/// A call that rings here. Dropping it declines it as unavailable.
pub struct IncomingCall {
    /// As the caller's network states it; it can be faked.
    pub from_number: String,
    pub from_display: String,
    /// The number that was called.
    pub to_number: String,
    pub sip_call_id: String,
    /// Where the request came from.
    pub from_ip: IpAddr,
    ringing: Option<Ringing>,
}

struct Ringing {
    core: Arc<LineCore>,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    offer: Option<(Description, Session)>,
    /// The caller takes UPDATE.
    updates: bool,
    timer: session_timer::Accepted,
    allowance: Allowance,
}

/// Checks an INVITE and offers it to the line's owner; runs until the call is answered or over.
pub(super) async fn handle(core: Arc<LineCore>, transaction: &mut Transaction) -> rsipstack::Result<()> {
    let taker = lock(&core.incoming).clone().filter(|taker| !taker.is_closed());
    let Some(taker) = taker.filter(|_| !core.closing.is_cancelled()) else {
        return refuse(transaction, DeclineReason::Unavailable).await;
    };
    let Some(from_ip) = source_ip(transaction) else {
        return answer(transaction, StatusCode::BadRequest, vec![]).await;
    };
    let offer = match read_offer(&core, &transaction.original) {
        Ok(offer) => offer,
        Err(error) => {
            tracing::info!(%error, "an offer cannot be accepted");
            return answer(transaction, StatusCode::NotAcceptableHere, vec![]).await;
        }
    };
    let timer = match session_timer::accept(&transaction.original) {
        Ok(timer) => timer,
        Err(TooShort(least)) => {
            return answer(transaction, StatusCode::SessionIntervalTooSmall, vec![least]).await;
        }
    };
    let Ok(allowance) = core.slots.clone().try_acquire_owned() else {
        return refuse(transaction, DeclineReason::Busy).await;
    };
    let (sender, states) = core.layer.new_dialog_state_channel();
    let transport = core.config.trunk.transport();
    let contact = target::contact(&core, transport);
    let mut dialog = core
        .layer
        .get_or_create_server_invite(transaction, sender, None, Some(contact))?;
    core.trust_peer(&dialog.id().call_id, from_ip);
    let request = &transaction.original;
    let (from_number, from_display) = caller(request);
    let call = IncomingCall {
        from_number,
        from_display,
        to_number: request.uri.user().unwrap_or_default().to_owned(),
        sip_call_id: dialog.id().call_id,
        from_ip,
        ringing: Some(Ringing {
            core,
            dialog: dialog.clone(),
            states,
            offer,
            updates: takes_updates(request),
            timer,
            allowance,
        }),
    };
    if let Err(refused) = taker.try_send(call) {
        let call = match refused {
            mpsc::error::TrySendError::Full(call) | mpsc::error::TrySendError::Closed(call) => call,
        };
        call.decline(DeclineReason::Busy);
    }
    dialog.handle(transaction).await
}

fn read_offer(core: &LineCore, request: &Request) -> Result<Option<(Description, Session)>, sdp::SdpError> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let offer = sdp::parse(&request.body)?;
    let session = sdp::negotiate_offer(&offer, core.config.ptime_ms)?;
    Ok(Some((offer, session)))
}

fn caller(request: &Request) -> (String, String) {
    let from = request
        .from_header()
        .ok()
        .and_then(|from| from.clone().typed().ok());
    from.map_or_else(Default::default, |from| {
        let number = from.uri.user().unwrap_or_default().to_owned();
        let display = from.display_name.unwrap_or_default();
        (number, display.trim_matches('"').to_owned())
    })
}

impl IncomingCall {
    /// Tells the caller that it rings here.
    pub fn ringing(&self) {
        if let Some(ringing) = &self.ringing {
            let _ = ringing.dialog.ringing(None, None);
        }
    }

    /// Waits until the caller gives up.
    pub async fn cancelled(&mut self) {
        let Some(ringing) = &mut self.ringing else { return };
        while let Some(state) = ringing.states.recv().await {
            if matches!(state, DialogState::Terminated(..)) {
                return;
            }
        }
    }

    /// Takes the call.
    ///
    /// # Errors
    /// When the caller has given up, or there is no port for its media.
    pub async fn accept(self) -> Result<Call, DialFailure> {
        self.accept_recorded(None).await
    }

    /// Takes the call, and records it.
    ///
    /// # Errors
    /// As `accept`.
    pub async fn accept_recorded(mut self, recording: Option<RecordingSink>) -> Result<Call, DialFailure> {
        let mut ringing = self.ringing.take().ok_or(DialFailure::Cancelled)?;
        let outcome = ringing.answer().await;
        let (session, media) = match outcome {
            Ok(agreed) => agreed,
            Err(failure) => {
                ringing.abandon(&failure);
                return Err(failure);
            }
        };
        let Ringing {
            core,
            dialog,
            states,
            updates,
            timer,
            allowance,
            ..
        } = ringing;
        let (stream, link, digits, local) = media;
        Ok(start_call(CallSetup {
            core,
            dialog,
            states,
            stream,
            link,
            digits,
            local,
            session,
            interval: timer.interval,
            updates,
            recording,
            forwarded: false,
            allowance,
        }))
    }

    /// Refuses the call.
    pub fn decline(mut self, reason: DeclineReason) {
        if let Some(ringing) = self.ringing.take() {
            ringing.refuse(reason);
        }
    }
}

impl Drop for IncomingCall {
    fn drop(&mut self) {
        if let Some(ringing) = self.ringing.take() {
            ringing.refuse(DeclineReason::Unavailable);
        }
    }
}

impl Ringing {
    /// Sends 200 and waits for its ACK.
    async fn answer(&mut self) -> Result<(Session, super::stream::Media), DialFailure> {
        let mut media = self.core.open_media()?;
        let local = &mut media.3;
        let body = match &self.offer {
            Some((offer, session)) => local.answer(offer, session),
            None => local.offer(),
        };
        let mut headers = vec![content_type(MEDIA_TYPE), allow(), supported()];
        headers.append(&mut self.timer.headers);
        self.dialog
            .accept(Some(headers), Some(body.into_bytes()))
            .map_err(|error| DialFailure::TrunkDown(error.to_string()))?;
        let confirmed = async {
            while let Some(state) = self.states.recv().await {
                match state {
                    DialogState::Confirmed(..) => return Ok(()),
                    DialogState::Terminated(..) => break,
                    _ => {}
                }
            }
            Err(DialFailure::Cancelled)
        };
        tokio::time::timeout(ACK_PATIENCE, confirmed)
            .await
            .unwrap_or(Err(DialFailure::Cancelled))?;
        let session = match &self.offer {
            Some((_, session)) => *session,
            None => self.session_from_ack()?,
        };
        Ok((session, media))
    }

    /// We made the offer; the ACK carries the answer.
    fn session_from_ack(&self) -> Result<Session, DialFailure> {
        let ack = self.dialog.last_remote_ack();
        let answer = ack.map_or(Err(sdp::SdpError::NotSdp), |ack| sdp::parse(&ack.body));
        answer
            .and_then(|answer| sdp::negotiate_answer(&answer, self.core.config.ptime_ms))
            .map_err(|_| DialFailure::Unreachable { status: 488 })
    }

    fn refuse(self, reason: DeclineReason) {
        let _ = self.dialog.reject(Some(reason.status()), None);
        self.core.forget(&self.dialog.id());
    }

    fn abandon(self, failure: &DialFailure) {
        let Self { core, dialog, .. } = self;
        if matches!(failure, DialFailure::TrunkDown(_)) {
            let _ = dialog.reject(Some(StatusCode::ServiceUnavailable), None);
        }
        tokio::spawn(async move {
            let _ = dialog.bye().await;
            core.forget(&dialog.id());
        });
    }
}

impl std::fmt::Debug for IncomingCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IncomingCall({})", self.sip_call_id)
    }
}
