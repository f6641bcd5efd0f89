//! Calling out.

use crate::call::{Call, CallSetup, start_call};
use crate::error::DialFailure;
use crate::line::target::{self, Target};
use crate::line::{Line, LineCore, allow};
use crate::media::{StreamConfig, StreamHandle, StreamLink};
use crate::recording::RecordingSink;
use crate::sdp::{self, Local, MEDIA_TYPE, Session};
use base::PhoneNumber;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::invitation::InviteOption;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Response, StatusCodeKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

/// A trunk that says nothing at all for this long is down.
const FIRST_RESPONSE: Duration = Duration::from_secs(8);
const CONNECT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub struct DialOptions {
    pub recording: Option<RecordingSink>,
    /// Becomes part of the Call-ID, so that a call is found in the trunk's records. Must be
    /// unique to this attempt.
    pub call_id_hint: Option<String>,
    /// Calls this instead of the number, past the trunk: `sip:138@192.0.2.1:5090`.
    pub destination_uri: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialProgress {
    /// The network is looking for the telephone.
    Trying,
    /// It rings; or the network plays something, which nobody has answered.
    Ringing { early_media: bool },
    /// It rings elsewhere.
    Forwarded,
}

/// A call that is not answered yet. Dropping it cancels the call.
#[derive(Debug)]
pub struct Dialing {
    progress: mpsc::Receiver<DialProgress>,
    task: JoinHandle<Result<Call, DialFailure>>,
}

impl Dialing {
    /// The next step on the way; `None`: answered, or failed.
    pub async fn next_progress(&mut self) -> Option<DialProgress> {
        self.progress.recv().await
    }

    /// Waits for the answer, the refusal, or the end of the ring time.
    ///
    /// # Errors
    /// Why nobody is on the line.
    pub async fn answered(mut self) -> Result<Call, DialFailure> {
        (&mut self.task).await.unwrap_or(Err(DialFailure::Cancelled))
    }
}

impl Drop for Dialing {
    fn drop(&mut self) {
        // The attempt is dropped with its task, and the stack sends CANCEL for it.
        self.task.abort();
    }
}

impl Line {
    /// Begins to call a number; returns at once.
    pub async fn dial(&self, to: &PhoneNumber, options: DialOptions) -> Dialing {
        let (steps, progress) = mpsc::channel(16);
        let (core, to) = (self.core.clone(), to.clone());
        let task = tokio::spawn(async move {
            let outcome = place(core.clone(), &to, options, steps).await;
            match &outcome {
                Err(DialFailure::TrunkDown(reason)) => core.note_error(reason.clone()),
                Err(refused @ DialFailure::Refused { .. }) => core.note_error(refused.to_string()),
                _ => {}
            }
            outcome
        });
        Dialing { progress, task }
    }
}

async fn place(
    core: Arc<LineCore>,
    to: &PhoneNumber,
    options: DialOptions,
    steps: mpsc::Sender<DialProgress>,
) -> Result<Call, DialFailure> {
    if core.closing.is_cancelled() {
        return Err(DialFailure::TrunkDown("the line is closed".into()));
    }
    let allowance = core.slots.clone().try_acquire_owned().map_err(|_| {
        DialFailure::TrunkDown(format!(
            "all {} calls of this line are taken",
            core.config.max_calls
        ))
    })?;
    let target = target::find(&core, to, options.destination_uri.as_deref()).await?;
    reach(&core, &target).await?;
    let (stream, link, digits, mut local) = core.open_media()?;
    let invite = invitation(&core, &target, options.call_id_hint.as_deref(), local.offer());
    let call_id = invite.call_id.clone().unwrap_or_default();
    core.trust_peer(&call_id, target.address.ip());
    let (sender, states) = core.layer.new_dialog_state_channel();
    let mut attempt = Attempt {
        core: &core,
        stream: &stream,
        steps,
        states,
        early: None,
        forwarded: false,
        rang: false,
    };
    let answer = attempt.ring(core.layer.do_invite(invite, sender)).await;
    let Attempt {
        states,
        early,
        forwarded,
        ..
    } = attempt;
    let (dialog, session) = match answer.and_then(|answer| accept(&core, answer, early)) {
        Ok(agreed) => agreed,
        Err(failure) => {
            core.forget_peer(&call_id);
            return Err(failure);
        }
    };
    let recording = options.recording;
    Ok(start_call(CallSetup {
        core: core.clone(),
        dialog,
        states,
        stream,
        link,
        digits,
        local,
        session,
        recording,
        forwarded,
        allowance,
    }))
}

/// A connection that is refused is known now, not after the last repetition of the request.
async fn reach(core: &LineCore, target: &Target) -> Result<(), DialFailure> {
    let destination = target.destination();
    let found = timeout(
        CONNECT,
        core.layer.endpoint.transport_layer.lookup(&destination, None),
    )
    .await;
    match found {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(DialFailure::TrunkDown(format!("{}: {error}", target.address))),
        Err(_) => Err(DialFailure::TrunkDown(format!(
            "{} does not accept a connection",
            target.address
        ))),
    }
}

fn invitation(core: &LineCore, target: &Target, hint: Option<&str>, offer: String) -> InviteOption {
    let unquotable = |c: char| c == '"' || c == '\\' || c.is_control();
    let display: String = core
        .config
        .display_name
        .chars()
        .filter(|c| !unquotable(*c))
        .collect();
    InviteOption {
        caller_display_name: (!display.is_empty()).then_some(display),
        caller: target::caller(core),
        callee: target.uri.clone(),
        destination: Some(target.destination()),
        content_type: Some(MEDIA_TYPE.into()),
        offer: Some(offer.into_bytes()),
        contact: target::contact(core, target.transport),
        credential: target::credential(&core.config.trunk),
        headers: Some(vec![allow()]),
        call_id: Some(core.new_call_id(hint)),
        ..InviteOption::default()
    }
}

type InviteOutcome = rsipstack::Result<(InviteDialog, Option<Response>)>;

/// An INVITE on its way.
struct Attempt<'a> {
    core: &'a LineCore,
    stream: &'a StreamHandle,
    steps: mpsc::Sender<DialProgress>,
    states: DialogStateReceiver,
    /// What a provisional response described.
    early: Option<Session>,
    forwarded: bool,
    /// The network has found the telephone: an 18x came.
    rang: bool,
}

impl Attempt<'_> {
    /// Waits for the final response. The stack would wait for ever; giving up drops the invite,
    /// for which it sends CANCEL.
    async fn ring(
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
            Ok((_, Some(response))) => Err(DialFailure::from_status(response.status_code.code(), self.rang)),
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

/// The media of an answered call; without any that we can use, it is hung up.
fn accept(
    core: &Arc<LineCore>,
    (dialog, response): (InviteDialog, Response),
    early: Option<Session>,
) -> Result<(InviteDialog, Session), DialFailure> {
    if let Some(ip) = contact_ip(&response) {
        core.trust_peer(&dialog.id().call_id, ip);
    }
    let agreed = match (response.body(), early) {
        // The answer came with a provisional response.
        (body, Some(early)) if body.is_empty() => Ok(early),
        (body, _) => sdp::parse(body).and_then(|answer| sdp::negotiate_answer(&answer, core.config.ptime_ms)),
    };
    agreed.map(|session| (dialog.clone(), session)).map_err(|error| {
        tracing::warn!(%error, "the answer to our call cannot be used");
        let core = core.clone();
        tokio::spawn(async move {
            let _ = dialog.bye().await;
            core.forget(&dialog.id());
        });
        DialFailure::Unreachable { status: 488 }
    })
}

fn contact_ip(response: &Response) -> Option<std::net::IpAddr> {
    let contact = response.typed_contact_headers().ok()?;
    contact.first()?.uri.host_with_port.host.to_string().parse().ok()
}

pub(super) type Media = (StreamHandle, Arc<StreamLink>, mpsc::Receiver<char>, Local);

impl LineCore {
    /// A stream of its own for a call.
    pub(super) fn open_media(&self) -> Result<Media, DialFailure> {
        let sockets = self.ports.take().ok_or_else(|| {
            let range = &self.config.rtp_ports;
            DialFailure::TrunkDown(format!("no free RTP port in {}-{}", range.start(), range.end()))
        })?;
        let rng = &self.ambient.rng;
        let local = Local {
            rtp: SocketAddr::new(self.advertised.ip(), sockets.port),
            session_id: rng.next_u64() >> 2,
            version: 0,
            ptime_ms: self.config.ptime_ms,
        };
        let (link, digits) = StreamLink::new();
        let link = Arc::new(link);
        let stream = self.media.open(StreamConfig {
            sockets,
            link: link.clone(),
            rtp_from: self.config.trunk.rtp_from().to_vec(),
            media_timeout_ms: self.config.media_timeout_ms,
            ssrc: rng.next_u64() as u32,
            first_sequence: rng.next_u64() as u16 >> 1,
            first_timestamp: rng.next_u64() as u32,
            clock: self.ambient.clock.clone(),
        });
        let stream = stream.ok_or_else(|| DialFailure::TrunkDown("no media thread runs any more".into()))?;
        Ok((stream, link, digits, local))
    }

    /// The stack's own Call-IDs carry its name.
    pub(super) fn new_call_id(&self, hint: Option<&str>) -> String {
        let clean = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        match hint {
            Some(hint) => format!(
                "huiling-{}",
                hint.chars().filter(clean).take(64).collect::<String>()
            ),
            None => {
                let id = self.ambient.rng.uuid_v7(self.ambient.now());
                format!("huiling-{}", base::uuid::Uuid::from_bytes(id))
            }
        }
    }

    pub(super) fn forget_peer(&self, call_id: &str) {
        super::lock(&self.peers).remove(call_id);
    }
}
