//! The task that keeps a call's dialog: it answers the peer's requests and ends the call.

mod refresh;
mod session;

use crate::call::info::{self, InfoDigit};
use crate::call::session_timer::{Due, Interval, SessionTimer};
use crate::call::{Call, CallEnd, Hangup};
use crate::line::{Allowance, LineCore, content_type};
use crate::media::{DigitMethod, StreamHandle, StreamLink};
use crate::recording::RecordingSink;
use crate::sdp::{Local, Session};
use base::Stopwatch;
use refresh::Refreshed;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver, TerminatedReason, TransactionHandle};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Request, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// What the owner of a call asks of its keeper. A closed channel asks to hang up.
#[derive(Debug)]
pub(super) enum Control {
    Info(char, oneshot::Sender<()>),
}

/// How long we wait for the answer to our BYE; it is repeated in the background for longer.
const BYE_PATIENCE: Duration = Duration::from_secs(2);

/// An answered dialog with the media it agreed on.
pub(crate) struct CallSetup {
    pub core: Arc<LineCore>,
    pub dialog: InviteDialog,
    pub states: DialogStateReceiver,
    pub stream: StreamHandle,
    pub link: Arc<StreamLink>,
    pub digits: mpsc::Receiver<char>,
    pub local: Local,
    pub session: Session,
    /// The session must be refreshed so often.
    pub interval: Option<Interval>,
    /// The peer takes UPDATE.
    pub updates: bool,
    pub recording: Option<RecordingSink>,
    pub forwarded: bool,
    pub allowance: Allowance,
}

/// Begins the conversation. Must run inside the runtime.
pub(crate) fn start_call(setup: CallSetup) -> Call {
    let sip_call_id = setup.dialog.id().call_id;
    setup.link.set_takes_events(setup.session.events.is_some());
    setup.stream.negotiated(setup.session);
    setup.stream.answered(setup.recording);
    let stream = Arc::new(setup.stream);
    let (ended, end) = watch::channel(None);
    let (control, asked) = mpsc::channel(8);
    let keeper = Keeper {
        core: setup.core,
        dialog: setup.dialog,
        stream: stream.clone(),
        link: setup.link.clone(),
        local: setup.local,
        last_info: 0,
        offered: None,
        timer: SessionTimer::new(setup.interval),
        updates: setup.updates,
        refresh: None,
        _allowance: setup.allowance,
    };
    let keeper = tokio::spawn(keeper.keep(setup.states, asked, ended));
    Call {
        link: setup.link,
        stream,
        digits: setup.digits,
        ended: end,
        control,
        keeper,
        forwarded: setup.forwarded,
        sip_call_id,
        sounds: 0,
    }
}

struct Keeper {
    core: Arc<LineCore>,
    dialog: InviteDialog,
    stream: Arc<StreamHandle>,
    link: Arc<StreamLink>,
    local: Local,
    /// CSeq of the last INFO, against repetitions.
    last_info: u32,
    /// CSeq of the re-INVITE whose ACK will answer our offer.
    offered: Option<u32>,
    timer: SessionTimer,
    updates: bool,
    /// Our refresh that is on its way.
    refresh: Option<JoinHandle<Refreshed>>,
    _allowance: Allowance,
}

impl Keeper {
    async fn keep(
        mut self,
        mut states: DialogStateReceiver,
        mut control: mpsc::Receiver<Control>,
        ended: watch::Sender<Option<Hangup>>,
    ) -> CallEnd {
        let since = Stopwatch::start();
        let mut timed_out = self.link.timed_out.subscribe();
        let closing = self.core.closing.clone();
        let by = loop {
            tokio::select! {
                state = states.recv() => match state {
                    Some(state) => if let Some(by) = self.follow(state).await { break by },
                    None => break Hangup::LineFailed,
                },
                asked = control.recv() => match asked {
                    Some(Control::Info(digit, sent)) => self.send_info(digit, sent),
                    None => break Hangup::Us,
                },
                due = self.timer.due() => match due {
                    Due::Refresh => self.send_refresh(),
                    Due::End => break Hangup::LineFailed,
                },
                done = finished(&mut self.refresh) => if let Some(by) = self.refreshed(done) { break by },
                () = until(&mut timed_out) => break Hangup::MediaTimeout,
                () = closing.cancelled() => break Hangup::LineFailed,
            }
        };
        let duration_ms = since.elapsed().as_millis() as u64;
        ended.send_replace(Some(by));
        self.say_bye().await;
        let stats = self.stream.close().await;
        CallEnd {
            by,
            duration_ms,
            stats,
        }
    }

    /// Answers a request of the peer; `Some`: the call is over.
    async fn follow(&mut self, state: DialogState) -> Option<Hangup> {
        match state {
            DialogState::Terminated(_, TerminatedReason::Timeout) => return Some(Hangup::LineFailed),
            DialogState::Terminated(..) => return Some(Hangup::Peer),
            DialogState::Updated(_, request, handle) => self.renegotiate(&request, &handle).await,
            DialogState::Info(_, request, handle) => self.take_info(&request, &handle).await,
            DialogState::Options(_, _, handle) => reply(&handle, StatusCode::OK).await,
            DialogState::Refer(_, _, handle)
            | DialogState::Message(_, _, handle)
            | DialogState::Publish(_, _, handle)
            | DialogState::Notify(_, _, handle) => reply(&handle, StatusCode::MethodNotAllowed).await,
            DialogState::Calling(_)
            | DialogState::Trying(_)
            | DialogState::Early(..)
            | DialogState::WaitAck(..) => {}
            DialogState::Confirmed(..) => self.take_answer(),
        }
        None
    }

    async fn take_info(&mut self, request: &Request, handle: &TransactionHandle) {
        let number = session::number_of(request).unwrap_or_default();
        let content_type = request.header_value("Content-Type").unwrap_or_default();
        let status = match info::read(&content_type, &request.body) {
            InfoDigit::Digit(digit) => {
                if number > self.last_info {
                    self.last_info = number;
                    self.link.hear_digit(DigitMethod::Info, digit);
                }
                StatusCode::OK
            }
            InfoDigit::Malformed => StatusCode::BadRequest,
            // An empty INFO asks whether we are alive (RFC 2976).
            InfoDigit::OtherType if request.body.is_empty() => StatusCode::OK,
            InfoDigit::OtherType => StatusCode::UnsupportedMediaType,
        };
        reply(handle, status).await;
    }

    fn send_info(&self, digit: char, sent: oneshot::Sender<()>) {
        let dialog = self.dialog.clone();
        tokio::spawn(async move {
            let headers = vec![content_type(info::RELAY_TYPE)];
            let body = info::relay_body(digit).into_bytes();
            if let Err(error) = dialog.info(Some(headers), Some(body)).await {
                tracing::info!(%error, "a digit was not taken");
            }
            let _ = sent.send(());
        });
    }

    /// Ends the dialog, when the peer has not, and forgets it.
    async fn say_bye(&self) {
        let (dialog, core) = (self.dialog.clone(), self.core.clone());
        let bye = tokio::spawn(async move {
            if let Err(error) = dialog.bye().await {
                tracing::info!(%error, "the peer did not answer our BYE");
            }
            core.forget(&dialog.id());
        });
        let _ = tokio::time::timeout(BYE_PATIENCE, bye).await;
    }
}

/// The end of the refresh that is on its way; waits for ever where none is.
async fn finished(refresh: &mut Option<JoinHandle<Refreshed>>) -> Refreshed {
    let Some(task) = refresh else {
        return std::future::pending().await;
    };
    let done = task.await.unwrap_or(Refreshed::Failed);
    *refresh = None;
    done
}

async fn until(flag: &mut watch::Receiver<bool>) {
    // The sender lives in the link, which the keeper holds.
    let _ = flag.wait_for(|raised| *raised).await;
}

async fn reply(handle: &TransactionHandle, status: StatusCode) {
    // The transaction may be over; then nobody waits for the answer.
    let _ = handle.reply(status).await;
}
