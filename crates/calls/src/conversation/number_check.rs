//! What the answer at a number does that somebody gave as theirs: it is changed by an event.

use super::yes_or_no::{Answer, conclude};
use crate::attempts::Begun;
use crate::numbers::{self, CheckState, NumberCheckId};
use crate::scripts::Outcome;
use crate::{CallsError, events};
use base::Ambient;
use store::{Tx, outbox};

pub(super) fn answer(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    begun: &Begun,
    check: NumberCheckId,
    answer: Answer,
) -> Result<Outcome, CallsError> {
    let state = match answer {
        Answer::Yes => CheckState::Verified,
        Answer::No => CheckState::Denied,
    };
    if !numbers::decide(tx, ambient, check, state)? {
        // Our own commit, whose answer was lost, is repeated here.
        let known = numbers::get(tx, check)?.map(|check| check.state);
        return Ok(if known == Some(state) {
            answer.outcome()
        } else {
            Outcome::NotWaiting
        });
    }
    if answer == Answer::Yes {
        let body = serde_json::json!({ "call": begun.attempt.id.to_string() }).to_string();
        outbox::publish(tx, ambient, events::NUMBER_VERIFIED, &check.0, &body)?;
    }
    conclude(tx, ambient, begun, answer)
}
