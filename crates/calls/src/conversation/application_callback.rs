//! What the keys of the application call do. `people` hears of the answer by an event, in the
//! same commit that concludes the case.

use super::{Rules, later};
use crate::attempts::Begun;
use crate::cases::{self, CaseOutcome, Happening};
use crate::scripts::{Act, Outcome};
use crate::{CallsError, events, matter};
use base::{Ambient, ApplicationId};
use store::{Tx, outbox};

pub(super) fn perform(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rules: &Rules<'_>,
    begun: &Begun,
    application: ApplicationId,
    act: Act,
) -> Result<Outcome, CallsError> {
    let (case, call) = (begun.case.id, begun.attempt.id);
    match act {
        Act::RecordDetails => {
            cases::note(tx, ambient, case, Some(call), Happening::DetailsPlayed, "")?;
            Ok(Outcome::Recorded)
        }
        Act::Confirm => answer(tx, ambient, begun, application, Answer::ItWasMe),
        Act::Deny => answer(tx, ambient, begun, application, Answer::NotMe),
        Act::Later => later(tx, ambient, rules, begun),
        Act::KeypadRule | Act::Release | Act::Stop => Ok(Outcome::Trouble),
    }
}

#[derive(Clone, Copy)]
enum Answer {
    ItWasMe,
    NotMe,
}

fn answer(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    begun: &Begun,
    application: ApplicationId,
    answer: Answer,
) -> Result<Outcome, CallsError> {
    let (outcome, concluded, happening, topic) = match answer {
        Answer::ItWasMe => (
            Outcome::Confirmed,
            CaseOutcome::Confirmed,
            Happening::Confirmed,
            events::APPLICATION_CALLBACK_CONFIRMED,
        ),
        Answer::NotMe => (
            Outcome::Denied,
            CaseOutcome::Stopped,
            Happening::Denied,
            events::APPLICATION_CALLBACK_DENIED,
        ),
    };
    let case = cases::get(tx, begun.case.id)?.ok_or(CallsError::Missing { what: "row" })?;
    if case.outcome == Some(concluded) {
        // Our own commit, whose answer was lost, is repeated here.
        return Ok(outcome);
    }
    let waits = matter::load(tx, case.kind)?.is_some_and(|matter| matter.is_waiting());
    if case.outcome.is_some() || !waits {
        return Ok(Outcome::NotWaiting);
    }
    let call = begun.attempt.id;
    cases::note(tx, ambient, case.id, Some(call), happening, "")?;
    cases::conclude(tx, ambient, case.id, concluded)?;
    let body = serde_json::json!({ "call": call.to_string() }).to_string();
    outbox::publish(tx, ambient, topic, &application.0, &body)?;
    Ok(outcome)
}
