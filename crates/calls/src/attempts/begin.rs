//! An attempt begins: a case that is due is looked at once more, then written down before it rings.

use super::attempt::{Attempt, AttemptState};
use super::{bounds, store};
use crate::cases::{self, Case, CaseEvent, CaseOutcome, Happening, note};
use crate::matter::Matter;
use crate::schedule::{self, Next};
use crate::{CallPolicy, CallsError, events};
use ::store::Tx;
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

/// What the second look at a due case says.
enum Look {
    Call,
    /// Not at this moment.
    Wait(Timestamp),
    /// Its number has been called as often as it may be until then.
    HeldBack(Timestamp),
    /// Never.
    Over(CaseOutcome),
}

/// Takes cases that are due, at most `limit`, and writes their attempts. What is no longer due
/// on a second look (decided, out of time, night has come) is settled on the way; what cannot be
/// read is passed over.
pub fn begin_due(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    node: &str,
    limit: usize,
) -> Result<Vec<Begun>, CallsError> {
    let mut begun = Vec::new();
    for (case, matter) in cases::due(tx, ambient.now(), limit)?.ready {
        begun.extend(begin(tx, ambient, policy, node, case, matter)?);
    }
    Ok(begun)
}

fn begin(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    node: &str,
    mut case: Case,
    matter: Option<Matter>,
) -> Result<Option<Begun>, CallsError> {
    let Some(matter) = matter.filter(Matter::is_waiting) else {
        cases::close(tx, ambient, case.kind)?;
        return Ok(None);
    };
    case.wait_on(policy, ambient.now());
    match look(tx, policy, &case, &matter, ambient.now())? {
        Look::Call => return write(tx, ambient, policy, node, case, matter),
        Look::Over(outcome) => {
            cases::conclude(tx, ambient, case.id, outcome)?;
        }
        Look::Wait(due) => {
            case.due = due;
            cases::update(tx, case.state, &case)?;
        }
        Look::HeldBack(due) => {
            case.any_hour &= due <= case.due.plus_ms(policy.own_payment_ms);
            case.due = due;
            cases::update(tx, case.state, &case)?;
            let when = due.to_rfc3339();
            note(tx, ambient, case.id, None, Happening::Planned, &when)?;
            tx.wake(events::SIGNAL_CHANGED);
            tracing::info!(case = %case.id, "a number has been called as often as it may be; the call waits");
        }
    }
    Ok(None)
}

fn look(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    case: &Case,
    matter: &Matter,
    now: Timestamp,
) -> Result<Look, CallsError> {
    if now >= case.deadline {
        return Ok(Look::Over(case.at_deadline()));
    }
    if matter.wrong_number || !policy.countries.cover(&matter.phone) {
        return Ok(Look::Over(CaseOutcome::WrongNumber));
    }
    // A dialer that was away does not make up in the night for what it missed in the day.
    let zone = matter.zone.as_ref().unwrap_or(&policy.zone);
    let awake_until = case.awake_until(policy, matter.ordered_at);
    let no_sooner = |at| schedule::no_sooner(policy, zone, at, awake_until, case.deadline);
    match no_sooner(now) {
        Next::At(at) if at == now => {}
        Next::At(at) => return Ok(Look::Wait(at)),
        _ => return Ok(Look::Over(CaseOutcome::NoCallInTime)),
    }
    if is_talking(tx, case)? {
        return Ok(Look::Wait(now.plus_ms(ALREADY_TALKING_MS)));
    }
    let Some(free) = bounds::called_enough(tx, policy, &matter.phone, now)? else {
        return Ok(Look::Call);
    };
    Ok(match no_sooner(free) {
        Next::At(at) => Look::HeldBack(at),
        _ => Look::Over(CaseOutcome::NoCallInTime),
    })
}

/// Whether the customer is on the telephone with us. Two that ask at once wait for each other.
fn is_talking(tx: &mut Tx<'_>, case: &Case) -> Result<bool, CallsError> {
    let Some(customer) = case.customer else {
        return Ok(false);
    };
    let half = u64::from_be_bytes(*customer.0.last_chunk().expect("an id has 16 bytes"));
    tx.lock(half as i64)?;
    store::is_talking(tx, customer)
}

fn write(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    node: &str,
    mut case: Case,
    matter: Matter,
) -> Result<Option<Begun>, CallsError> {
    let (was, now) = (case.state, ambient.now());
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
