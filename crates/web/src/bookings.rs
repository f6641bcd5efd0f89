//! What the form and the API read of an application besides its fields: the operator's terms, and
//! when the applicant wants to be called.

use crate::state::AppState;
use base::{OperatorZone, Timestamp};
use calls::bookings;
use people::applications::{Draft, Field, FieldProblem, Terms};

pub fn terms(state: &AppState, now: Timestamp) -> Terms {
    Terms {
        today: state.zone.civil(now).date(),
        zone: state.zone.clone(),
        countries: state.call_policy.countries.clone(),
    }
}

/// Writes the time of this code into the draft; an empty one is as soon as possible.
pub fn choose(state: &AppState, now: Timestamp, draft: &mut Draft, code: &str) -> Result<(), FieldProblem> {
    if code.is_empty() {
        return Ok(());
    }
    let zone = OperatorZone::named(&draft.zone).unwrap_or_else(|_| state.zone.clone());
    let window = bookings::read(&state.call_policy, &zone, now, code).ok_or_else(not_offered)?;
    draft.call_time = Some(window.call_time());
    Ok(())
}

pub fn not_offered() -> FieldProblem {
    FieldProblem::new(
        Field::CallTime,
        "call_time_not_offered",
        "这个时间现在约不了。请从给出的时间里重选，或留空，我们会尽快来电。",
        "This time is not offered now. Choose one of those that are, or none: then we call as soon as possible.",
    )
}
