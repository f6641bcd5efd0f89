//! Calling out.

use crate::call::{Call, CallSetup, session_timer, start_call};
use crate::error::DialFailure;
use crate::line::attempt::Attempt;
use crate::line::target::{self, Target};
use crate::line::{Line, LineCore, allow, supported, takes_updates};
use crate::recording::RecordingSink;
use crate::sdp::{self, MEDIA_TYPE, Session};
use base::PhoneNumber;
use rsipstack::dialog::invitation::InviteOption;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::Response;
use rsipstack::sip::prelude::HeadersExt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

const CONNECT: Duration = Duration::from_secs(5);
/// A call that has just ended gives its place back within this time.
const SLOT_PATIENCE: Duration = Duration::from_secs(1);

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
    let allowance = timeout(SLOT_PATIENCE, core.slots.clone().acquire_owned()).await;
    let Ok(Ok(allowance)) = allowance else {
        return Err(DialFailure::LineFull(core.config.max_calls));
    };
    let target = target::find(&core, to, options.destination_uri.as_deref()).await?;
    reach(&core, &target).await?;
    let (stream, link, digits, mut local) = core.open_media()?;
    let invite = invitation(&core, &target, options.call_id_hint.as_deref(), local.offer());
    let call_id = invite.call_id.clone().unwrap_or_default();
    let trusted = Trusted::new(&core, call_id, target.address.ip());
    let (sender, states) = core.layer.new_dialog_state_channel();
    let mut attempt = Attempt {
        core: &core,
        stream: &stream,
        steps,
        states,
        early: None,
        forwarded: false,
        rang: false,
        least: None,
    };
    let mut answer = attempt.ring(core.layer.do_invite(invite.clone(), sender)).await;
    if let Some(secs) = attempt.least {
        let (sender, states) = core.layer.new_dialog_state_channel();
        attempt.states = states;
        let invite = with_interval(invite, secs);
        answer = attempt.ring(core.layer.do_invite(invite, sender)).await;
    }
    let Attempt {
        states,
        early,
        forwarded,
        ..
    } = attempt;
    let (dialog, response, session) = answer.and_then(|answer| accept(&core, answer, early))?;
    trusted.stays();
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
        interval: session_timer::agreed(&response),
        updates: takes_updates(&response),
        recording,
        forwarded,
        allowance,
    }))
}

/// The trunk may speak within a call that is not answered yet. When the attempt ends, however it
/// ends, nobody may.
struct Trusted<'a> {
    core: &'a LineCore,
    call_id: Option<String>,
}

impl<'a> Trusted<'a> {
    fn new(core: &'a LineCore, call_id: String, ip: IpAddr) -> Self {
        core.trust_peer(&call_id, ip);
        Self {
            core,
            call_id: Some(call_id),
        }
    }

    /// The call is answered: its keeper forgets it.
    fn stays(mut self) {
        self.call_id = None;
    }
}

impl Drop for Trusted<'_> {
    fn drop(&mut self) {
        if let Some(call_id) = &self.call_id {
            self.core.forget_peer(call_id);
        }
    }
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
        headers: Some(vec![allow(), supported()]),
        call_id: Some(core.new_call_id(hint)),
        ..InviteOption::default()
    }
}

/// The same call once more, with the interval that the network wants (RFC 4028 section 7.3).
fn with_interval(mut invite: InviteOption, secs: u64) -> InviteOption {
    let headers = invite.headers.get_or_insert_default();
    headers.extend(session_timer::asking_for(secs));
    invite
}

/// The media of an answered call; without any that we can use, it is hung up.
fn accept(
    core: &Arc<LineCore>,
    (dialog, response): (InviteDialog, Response),
    early: Option<Session>,
) -> Result<(InviteDialog, Response, Session), DialFailure> {
    if let Some(ip) = contact_ip(&response) {
        core.trust_peer(&dialog.id().call_id, ip);
    }
    let agreed = match (response.body(), early) {
        // The answer came with a provisional response.
        (body, Some(early)) if body.is_empty() => Ok(early),
        (body, _) => sdp::parse(body).and_then(|answer| sdp::negotiate_answer(&answer, core.config.ptime_ms)),
    };
    match agreed {
        Ok(session) => Ok((dialog, response, session)),
        Err(error) => {
            tracing::warn!(%error, "the answer to our call cannot be used");
            let core = core.clone();
            tokio::spawn(async move {
                let _ = dialog.bye().await;
                core.forget(&dialog.id());
            });
            Err(DialFailure::Unreachable { status: 488 })
        }
    }
}

fn contact_ip(response: &Response) -> Option<IpAddr> {
    let contact = response.typed_contact_headers().ok()?;
    contact.first()?.uri.host_with_port.host.to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LineConfig, SipTransport, Trunk};
    use base::Ambient;
    use std::net::UdpSocket;

    #[tokio::test]
    async fn a_call_that_is_given_up_leaves_nobody_trusted() {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let trunk = Trunk::Address {
            host: silent.local_addr().unwrap(),
            transport: SipTransport::Udp,
            rtp_from: vec![],
        };
        let config = LineConfig {
            caller_number: "95138".into(),
            rtp_ports: 30_000..=39_999,
            ..LineConfig::new("127.0.0.1:0".parse().unwrap(), trunk)
        };
        let line = Line::open(config, Ambient::system()).await.unwrap();
        let number = PhoneNumber::parse("13800138000").unwrap();
        let dialing = line.dial(&number, DialOptions::default()).await;
        let trusted = |wanted: usize| {
            let core = line.core.clone();
            timeout(Duration::from_secs(30), async move {
                while core.trusted_calls() != wanted {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        };
        trusted(1).await.expect("it calls");
        drop(dialing);
        trusted(0).await.expect("it is forgotten");
    }
}
