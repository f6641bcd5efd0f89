//! The people of the demo town answer their telephones. They cannot hear; what a person would
//! hear in the call is read from the case, everything else goes over SIP and RTP like anybody's.

use base::Rng;
use phone::{Call, DeclineReason, Heard, IncomingCall};
use std::sync::Arc;
use std::time::Duration;

/// Tells which digit the call now asks for, by its SIP Call-ID.
#[derive(Clone)]
pub struct Ears(pub Hear);

type Hear = Arc<dyn Fn(&str) -> Option<Asked> + Send + Sync>;

impl Ears {
    async fn hear(&self, call_id: &str) -> Option<Asked> {
        let (hear, call_id) = (self.0.clone(), call_id.to_owned());
        tokio::task::spawn_blocking(move || hear(&call_id))
            .await
            .ok()
            .flatten()
    }
}

/// What the voice on the line has asked for so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The digit that proves a person.
    Proof(char),
    /// The choice, after the details were played.
    Choice,
}

/// How somebody takes such a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    /// Listens and confirms.
    Confirms,
    /// Listens and says that it was not them.
    Stops,
    /// Puts the telephone down in the middle.
    HangsUp,
    /// Does not hear it ring.
    Away,
    /// Talks to somebody else: perhaps to the fraudster.
    OnThePhone,
}

impl Persona {
    /// Most people confirm.
    pub fn draw(rng: &Rng) -> Self {
        match rng.below(100) {
            0..62 => Self::Confirms,
            62..78 => Self::Stops,
            78..84 => Self::HangsUp,
            84..92 => Self::Away,
            _ => Self::OnThePhone,
        }
    }
}

/// Longer than any of our conversations.
const CALL_STEPS_MAX: u32 = 240;
const STEP_MS: u64 = 500;
/// Steps between two presses of a key.
const PRESS_EVERY: u32 = 6;

pub async fn take_call(mut incoming: IncomingCall, persona: Persona, ears: Ears, rng: Rng) {
    let call_id = incoming.sip_call_id.clone();
    match persona {
        Persona::OnThePhone => return incoming.decline(DeclineReason::Busy),
        Persona::Away => {
            incoming.ringing();
            return incoming.cancelled().await;
        }
        Persona::Confirms | Persona::Stops | Persona::HangsUp => incoming.ringing(),
    }
    let rings_ms = 1_500 + rng.below(4_000);
    tokio::select! {
        () = incoming.cancelled() => return,
        () = tokio::time::sleep(Duration::from_millis(rings_ms)) => {}
    }
    if let Ok(call) = incoming.accept().await {
        converse(call, persona, &call_id, &ears).await;
    }
}

async fn converse(mut call: Call, persona: Persona, call_id: &str, ears: &Ears) {
    for step in 0..CALL_STEPS_MAX {
        if call.digit(STEP_MS).await == Heard::HungUp {
            break;
        }
        if persona == Persona::HangsUp && step == 12 {
            break;
        }
        // A key pressed before the question does not count, so people press again.
        if step % PRESS_EVERY != PRESS_EVERY - 1 {
            continue;
        }
        match ears.hear(call_id).await {
            Some(Asked::Proof(digit)) => call.send_digit(digit).await,
            Some(Asked::Choice) => {
                call.send_digit(if persona == Persona::Stops { '2' } else { '1' })
                    .await
            }
            None => {}
        }
    }
    call.hang_up().await;
}
