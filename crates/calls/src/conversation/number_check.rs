//! What the keys of the call to a number do that somebody gave as theirs. The number is changed by
//! an event, in the same commit that concludes the case.

use super::Rules;
use crate::attempts::Begun;
use crate::cases::{self, CaseOutcome, Happening};
use crate::numbers::{self, CheckState, NumberCheckId};
use crate::scripts::{Act, Outcome};
use crate::{CallsError, events};
use base::Ambient;
use store::{Tx, outbox};

pub(super) fn perform(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rules: &Rules<'_>,
    begun: &Begun,
    check: NumberCheckId,
    act: Act,
) -> Result<Outcome, CallsError> {
    let (case, call) = (begun.case.id, begun.attempt.id);
    match act {
        Act::RecordDetails => {
            cases::note(tx, ambient, case, Some(call), Happening::DetailsPlayed, "")?;
            Ok(Outcome::Recorded)
        }
        Act::Confirm => answer(tx, ambient, begun, check, CheckState::Verified),
        Act::Deny => answer(tx, ambient, begun, check, CheckState::Denied),
        Act::Later => super::later(tx, ambient, rules, begun),
        Act::KeypadRule | Act::Release | Act::Stop => Ok(Outcome::Trouble),
    }
}

fn answer(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    begun: &Begun,
    check: NumberCheckId,
    state: CheckState,
) -> Result<Outcome, CallsError> {
    let (outcome, concluded, happening) = if state == CheckState::Verified {
        (Outcome::Confirmed, CaseOutcome::Confirmed, Happening::Confirmed)
    } else {
        (Outcome::Denied, CaseOutcome::Stopped, Happening::Denied)
    };
    if !numbers::decide(tx, ambient, check, state)? {
        // Our own commit, whose answer was lost, is repeated here.
        let known = numbers::get(tx, check)?.map(|check| check.state);
        return Ok(if known == Some(state) {
            outcome
        } else {
            Outcome::NotWaiting
        });
    }
    let (case, call) = (begun.case.id, begun.attempt.id);
    cases::note(tx, ambient, case, Some(call), happening, "")?;
    cases::conclude(tx, ambient, case, concluded)?;
    if state == CheckState::Verified {
        let body = serde_json::json!({ "call": call.to_string() }).to_string();
        outbox::publish(tx, ambient, events::NUMBER_VERIFIED, &check.0, &body)?;
    }
    Ok(outcome)
}
