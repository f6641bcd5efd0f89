//! An attempt from its beginning to its end, each step one short transaction.

use super::attempt::{Attempt, AttemptState, Words};
use super::{bounds, store};
use crate::cases::{self, Case, CaseEvent, CaseKind, CaseOutcome, Happening, note};
use crate::matter::{self, Matter};
use crate::{CallPolicy, CallsError, Disposition, events, schedule};
use ::store::{Tx, outbox};
use base::{Ambient, CallId, Timestamp};

/// A customer who is on the telephone with us is looked at again after this long.
const ALREADY_TALKING_MS: i64 = 2_000;

/// An attempt that is committed and may now send its INVITE.
#[derive(Clone, Debug)]
pub struct Begun {
    pub case: Case,
    pub attempt: Attempt,
    pub matter: Matter,
}

/// Takes cases that are due, at most `limit`, and writes their attempts. What is no longer due
/// on a second look (decided, out of time, night has come) is settled on the way.
pub fn begin_due(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    node: &str,
    limit: usize,
) -> Result<Vec<Begun>, CallsError> {
    let mut begun = Vec::new();
    for case in cases::due(tx, ambient.now(), limit)? {
        begun.extend(begin(tx, ambient, policy, node, case)?);
    }
    Ok(begun)
}

fn begin(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    node: &str,
    mut case: Case,
) -> Result<Option<Begun>, CallsError> {
    let now = ambient.now();
    let Some(matter) = matter::load(tx, case.kind)?.filter(Matter::is_waiting) else {
        cases::close(tx, ambient, case.kind)?;
        return Ok(None);
    };
    if now >= case.deadline {
        match case.at_deadline() {
            // Nobody was called, so nobody was not reached: it waits on, until it lapses.
            CaseOutcome::LineDown if matches!(case.kind, CaseKind::ApplicationCallback(_)) => {
                case.deadline = now.plus_ms(policy.application_window_ms);
            }
            outcome => {
                cases::conclude(tx, ambient, case.id, outcome)?;
                return Ok(None);
            }
        }
    }
    if matter.wrong_number || !policy.countries.cover(&matter.phone) {
        cases::conclude(tx, ambient, case.id, CaseOutcome::WrongNumber)?;
        return Ok(None);
    }
    let was = case.state;
    if let Some(due) = not_now(tx, policy, &case, &matter, now)? {
        case.due = due;
        cases::update(tx, was, &case)?;
        return Ok(None);
    }
    if let Some(due) = bounds::called_enough(tx, policy, &matter.phone, now)? {
        let zone = matter.zone.as_ref().unwrap_or(&policy.zone);
        case.due = schedule::after_quiet(policy.quiet, zone, due);
        cases::update(tx, was, &case)?;
        note(
            tx,
            ambient,
            case.id,
            None,
            Happening::Planned,
            &case.due.to_rfc3339(),
        )?;
        tracing::info!(case = %case.id, "a number has been called as often as it may be; the call waits");
        return Ok(None);
    }
    let Ok(state) = was.next(CaseEvent::AttemptBegun) else {
        return Ok(None);
    };
    case.state = state;
    if !cases::update(tx, was, &case)? {
        return Ok(None);
    }
    let attempt = Attempt {
        id: CallId::new(ambient),
        case: case.id,
        customer: case.customer,
        number: case.attempts + case.line_failures + 1,
        node: node.into(),
        lease_until: now.plus_ms(policy.lease_ms),
        state: AttemptState::Dialing,
        proof_digit: 3 + ambient.rng.below(7) as u8,
        displayed_number: policy.displayed_number.clone(),
        begun_at: now,
        ringing_at: None,
        answered_at: None,
        ended_at: None,
        words: None,
        forwarded: false,
        disposition: None,
    };
    store::insert(tx, &attempt, &matter.phone)?;
    note(tx, ambient, case.id, Some(attempt.id), Happening::Dialed, "")?;
    tx.wake(events::SIGNAL_CHANGED);
    Ok(Some(Begun {
        case,
        attempt,
        matter,
    }))
}

/// When instead, if a due case must not be called at this moment.
fn not_now(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    case: &Case,
    matter: &Matter,
    now: Timestamp,
) -> Result<Option<Timestamp>, CallsError> {
    let zone = matter.zone.as_ref().unwrap_or(&policy.zone);
    // A dialer that was away does not make up in the night for what it missed in the day.
    let kept = case.any_hour && now <= case.due.plus_ms(policy.own_payment_ms);
    if !kept && schedule::is_quiet(policy.quiet, zone, now) {
        return Ok(Some(schedule::after_quiet(policy.quiet, zone, now)));
    }
    if let Some(customer) = case.customer {
        let half = u64::from_be_bytes(*customer.0.last_chunk().expect("an id has 16 bytes"));
        tx.lock(half as i64)?;
        if store::is_talking(tx, customer)? {
            return Ok(Some(now.plus_ms(ALREADY_TALKING_MS)));
        }
    }
    Ok(None)
}

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
    let zone = matter.and_then(|matter| matter.zone);
    let zone = zone.as_ref().unwrap_or(&policy.zone);
    cases::plan_after(tx, ambient, policy, zone, case.id, disposition)?;
    let body = serde_json::json!({ "case": case.id.to_string(), "disposition": disposition.code() });
    outbox::publish(tx, ambient, events::CALL_ENDED, &call.0, &body.to_string())?;
    tx.wake(events::SIGNAL_CHANGED);
    Ok(true)
}

/// Attempts of this node, or of a node that is gone, that were never finished.
pub fn unfinished_of(tx: &mut Tx<'_>, node: &str, now: Timestamp) -> Result<Vec<Attempt>, CallsError> {
    store::unfinished(tx, node, now, super::PAGE)
}
