//! An attempt that has begun, to its end; each step one short transaction.

use super::attempt::{Attempt, AttemptState, Words};
use super::store;
use crate::cases::{self, Case, Happening, note};
use crate::{CallPolicy, CallsError, Disposition, events, matter};
use ::store::{Tx, outbox};
use base::{Ambient, CallId, Timestamp};

/// The telephone rings. `false` when the attempt has ended meanwhile.
pub fn ringing(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    attempt: &Attempt,
    forwarded: bool,
) -> Result<bool, CallsError> {
    if !store::ringing(tx, attempt.id, ambient.now(), forwarded)? {
        return Ok(false);
    }
    note(
        tx,
        ambient,
        attempt.case,
        Some(attempt.id),
        Happening::Ringing,
        "",
    )?;
    tx.wake(events::SIGNAL_CHANGED);
    Ok(true)
}

/// Somebody answered: the matching words begin to exist, and the payment's deadline is moved,
/// once. `false` when the attempt has ended meanwhile: hang up. Repeated after a commit whose answer
/// was lost, it is `true` again: the first words stand, and must be ours.
pub fn answered(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    case: &Case,
    attempt: &Attempt,
    words: Option<Words>,
    forwarded: bool,
) -> Result<bool, CallsError> {
    let known = store::find(tx, attempt.id)?.filter(|known| known.answered_at.is_some());
    if known.is_some_and(|known| known.words == words && known.state == AttemptState::Answered) {
        return Ok(true);
    }
    if !store::answered(tx, attempt.id, ambient.now(), words, forwarded)? {
        return Ok(false);
    }
    note(tx, ambient, case.id, Some(attempt.id), Happening::Answered, "")?;
    if forwarded {
        note(tx, ambient, case.id, Some(attempt.id), Happening::Forwarded, "")?;
    }
    if let Some(deadline) = matter::extend_deadline(tx, ambient, case.kind)? {
        cases::extend(tx, case.id, deadline)?;
    }
    tx.wake(events::SIGNAL_CHANGED);
    Ok(true)
}

/// Ends an attempt, once, and plans what follows. `false` when it had ended already.
pub fn finish(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    call: CallId,
    disposition: Disposition,
) -> Result<bool, CallsError> {
    let Some(attempt) = store::find(tx, call)? else {
        return Ok(false);
    };
    if !store::end(tx, call, ambient.now(), disposition)? {
        return Ok(false);
    }
    note(
        tx,
        ambient,
        attempt.case,
        Some(call),
        Happening::Ended,
        disposition.code(),
    )?;
    let Some(case) = cases::get(tx, attempt.case)? else {
        return Err(CallsError::Missing { what: "row" });
    };
    let matter = matter::load(tx, case.kind)?;
    matter::learn(tx, ambient, matter.as_ref(), disposition)?;
    cases::plan_after(tx, ambient, policy, matter.as_ref(), case.id, disposition)?;
    let body = serde_json::json!({ "case": case.id.to_string(), "disposition": disposition.code() });
    outbox::publish(tx, ambient, events::CALL_ENDED, &call.0, &body.to_string())?;
    tx.wake(events::SIGNAL_CHANGED);
    Ok(true)
}

/// Attempts of this node, or of a node that is gone, that were never finished.
pub fn unfinished_of(tx: &mut Tx<'_>, node: &str, now: Timestamp) -> Result<Vec<Attempt>, CallsError> {
    store::unfinished(tx, node, now, super::PAGE)
}
