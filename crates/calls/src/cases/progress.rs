//! A case moves on: planned again, or concluded.

use super::case::{Case, CaseEvent, CaseKind, CaseOutcome};
use super::{Happening, note, store};
use crate::matter::Matter;
use crate::numbers::{self, CheckState};
use crate::schedule::{self, Next, Standing};
use crate::{CallPolicy, CallsError, Disposition, events, notices};
use ::store::{Tx, outbox};
use base::{Ambient, CaseId, Timestamp};

/// Ends a case, once. `false` when it had ended already.
pub fn conclude(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    case: CaseId,
    outcome: CaseOutcome,
) -> Result<bool, CallsError> {
    let Some(mut concluded) = store::find(tx, case)? else {
        return Err(CallsError::Missing { what: "row" });
    };
    let was = concluded.state;
    let Ok(state) = was.next(CaseEvent::Concluded) else {
        return Ok(false);
    };
    let now = ambient.now();
    concluded.state = state;
    concluded.outcome = Some(outcome);
    concluded.concluded_at = Some(now);
    if !store::update(tx, was, &concluded)? {
        return conclude_raced(tx, case);
    }
    note(tx, ambient, case, None, Happening::Concluded, outcome.code())?;
    let body = serde_json::json!({
        "kind": concluded.kind.code(),
        "subject": hex(&concluded.kind.subject()),
        "outcome": outcome.code(),
    });
    outbox::publish(tx, ambient, events::CASE_CONCLUDED, &case.0, &body.to_string())?;
    if let (
        CaseKind::ApplicationCallback(application),
        CaseOutcome::Unreachable
        | CaseOutcome::WrongNumber
        | CaseOutcome::Expired
        | CaseOutcome::NoCallInTime,
    ) = (concluded.kind, outcome)
    {
        let body = serde_json::json!({ "reason": outcome.code() }).to_string();
        outbox::publish(
            tx,
            ambient,
            events::APPLICATION_CALLBACK_UNREACHABLE,
            &application.0,
            &body,
        )?;
    }
    if let CaseKind::NumberCheck(check) = concluded.kind {
        // Unless the call has decided it.
        numbers::decide(tx, ambient, check, CheckState::Ended)?;
    }
    tx.wake(events::SIGNAL_CHANGED);
    Ok(true)
}

/// Counts an attempt that has ended and plans what follows. A case that was concluded meanwhile
/// only counts it. `matter` is what the case is about, where it still is.
pub fn plan_after(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    matter: Option<&Matter>,
    case: CaseId,
    disposition: Disposition,
) -> Result<(), CallsError> {
    let Some(mut case) = store::find(tx, case)? else {
        return Err(CallsError::Missing { what: "row" });
    };
    let was = case.state;
    count(&mut case, disposition);
    case.any_hour = disposition == Disposition::Later;
    let Ok(planned) = was.next(CaseEvent::Planned) else {
        store::update(tx, was, &case)?;
        return Ok(());
    };
    match next_call(policy, ambient.now(), matter, &case, disposition) {
        Next::At(due) => {
            case.state = planned;
            case.due = due;
            store::update(tx, was, &case)?;
            note(tx, ambient, case.id, None, Happening::Planned, &due.to_rfc3339())?;
            if disposition.was_missed() {
                notices::missed(tx, ambient, case.id)?;
            }
            tx.wake(events::SIGNAL_DUE);
            tx.wake(events::SIGNAL_CHANGED);
        }
        Next::AttemptsSpent | Next::NoTimeLeft | Next::Concluded => {
            store::update(tx, was, &case)?;
            conclude(tx, ambient, case.id, outcome_of(disposition))?;
        }
    }
    Ok(())
}

fn next_call(
    policy: &CallPolicy,
    now: Timestamp,
    matter: Option<&Matter>,
    case: &Case,
    disposition: Disposition,
) -> Next {
    let zone = matter
        .and_then(|matter| matter.zone.as_ref())
        .unwrap_or(&policy.zone);
    let standing = Standing {
        awake_until: case.awake_until(policy, matter.and_then(|matter| matter.ordered_at)),
        ..case.standing()
    };
    let next = schedule::after_attempt(policy, zone, now, disposition, standing);
    let application = matches!(case.kind, CaseKind::ApplicationCallback(_));
    match next {
        // At its deadline an application that nobody was called about is given more time.
        Next::NoTimeLeft if application && disposition == Disposition::LineDown => Next::At(case.deadline),
        next => next,
    }
}

fn count(case: &mut Case, disposition: Disposition) {
    if disposition.counts() {
        case.attempts = (case.attempts + 1).min(case.max_attempts);
    } else {
        case.line_failures += 1;
    }
}

/// What a case that is not called again has come to, by its last attempt.
fn outcome_of(disposition: Disposition) -> CaseOutcome {
    match disposition {
        Disposition::Confirmed => CaseOutcome::Confirmed,
        Disposition::Stopped => CaseOutcome::Stopped,
        Disposition::DecidedElsewhere => CaseOutcome::DecidedElsewhere,
        Disposition::WrongNumber => CaseOutcome::WrongNumber,
        Disposition::Expired => CaseOutcome::Expired,
        Disposition::Later
        | Disposition::NoAnswer
        | Disposition::Busy
        | Disposition::Declined
        | Disposition::HungUp
        | Disposition::WrongKeys
        | Disposition::Silent
        | Disposition::Unreachable
        | Disposition::Interrupted
        | Disposition::MediaLost
        | Disposition::TooLong
        | Disposition::Trouble => CaseOutcome::Unreachable,
        Disposition::LineDown => CaseOutcome::LineDown,
        Disposition::NotPossible => CaseOutcome::NotPossible,
    }
}

/// Another transaction moved the case between our look and our change: look once more.
fn conclude_raced(tx: &mut Tx<'_>, case: CaseId) -> Result<bool, CallsError> {
    match store::find(tx, case)? {
        Some(case) if case.outcome.is_some() => Ok(false),
        _ => Err(::store::DbError::Conflict { attempts: 1 }.into()),
    }
}

fn hex(bytes: &[u8; 16]) -> String {
    CaseId(*bytes).to_string()
}
