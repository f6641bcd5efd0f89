//! What the applicant's answer does.

use super::yes_or_no::{Answer, conclude};
use crate::attempts::Begun;
use crate::cases;
use crate::scripts::Outcome;
use crate::{CallsError, events, matter};
use base::{Ambient, ApplicationId};
use store::{Tx, outbox};

pub(super) fn answer(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    begun: &Begun,
    application: ApplicationId,
    answer: Answer,
) -> Result<Outcome, CallsError> {
    let case = cases::get(tx, begun.case.id)?.ok_or(CallsError::Missing { what: "row" })?;
    if case.outcome == Some(answer.case_outcome()) {
        // Our own commit, whose answer was lost, is repeated here.
        return Ok(answer.outcome());
    }
    let waits = matter::load(tx, case.kind)?.is_some_and(|matter| matter.is_waiting());
    if case.outcome.is_some() || !waits {
        return Ok(Outcome::NotWaiting);
    }
    let topic = match answer {
        Answer::Yes => events::APPLICATION_CALLBACK_CONFIRMED,
        Answer::No => events::APPLICATION_CALLBACK_DENIED,
    };
    let body = serde_json::json!({ "call": begun.attempt.id.to_string() }).to_string();
    outbox::publish(tx, ambient, topic, &application.0, &body)?;
    conclude(tx, ambient, begun, answer)
}
