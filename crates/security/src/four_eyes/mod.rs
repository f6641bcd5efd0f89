//! What no member of staff may do alone. One asks, with a reason; another approves within a day;
//! the caller then acts, in the transaction of the approval. Nobody approves their own request.

mod request;
mod store;

use crate::SecurityError;
use crate::staff::{self, Role};
use ::store::Tx;
use base::{Ambient, StaffId, Timestamp};

pub use self::store::ALL as STATEMENTS;
pub use request::{Action, Decided, Ended, Past, Request, RequestId, Requested, Wanted, Withdrawn};

/// How long a request waits for the second person.
pub const VALID_SECS: i64 = 24 * 3600;
const REASON_CHARACTERS_MAX: usize = 500;

/// Asks for an action on a subject. It waits for a day, or until its subject ends.
pub fn request(
    tx: &mut Tx,
    ambient: &Ambient,
    (staff, role): (StaffId, Role),
    wanted: &Wanted,
) -> Result<Requested, SecurityError> {
    let Wanted { action, subject, .. } = *wanted;
    if !role.may(action.asked_with()) {
        return Ok(Requested::NotAllowed);
    }
    let reason = wanted.reason.trim();
    if reason.is_empty() {
        return Ok(Requested::ReasonMissing);
    }
    let now = ambient.now();
    let a_day = now.plus_secs(VALID_SECS);
    let expires_at = wanted.ends_by.map_or(a_day, |end| end.min(a_day));
    if expires_at <= now {
        return Ok(Requested::TooLate);
    }
    store::expire(tx, &open_key(action, subject), now)?;
    withdraw_orphan(tx, now, action, subject)?;
    let request = Request {
        id: RequestId::new(ambient),
        action,
        subject: subject.to_owned(),
        payload: wanted.payload.to_owned(),
        reason: bounded(reason),
        requested_by: staff,
        requested_at: now,
        expires_at,
    };
    let made = store::insert(tx, &request, &open_key(action, subject))?;
    Ok(if made {
        Requested::Requested(request.id)
    } else {
        Requested::AlreadyOpen
    })
}

/// Approves as the second person. On [`Decided::Approved`] the caller carries the action out in
/// this same transaction. What nobody stands behind any more ends instead.
pub fn approve(
    tx: &mut Tx,
    ambient: &Ambient,
    by: (StaffId, Role),
    id: RequestId,
) -> Result<Decided, SecurityError> {
    decide(tx, ambient.now(), by, id, None)
}

/// Why this person cannot decide on it, whatever they say; `None` when they can. Nothing is changed.
pub fn obstacle(
    tx: &mut Tx,
    now: Timestamp,
    by: (StaffId, Role),
    id: RequestId,
) -> Result<Option<Decided>, SecurityError> {
    Ok(decidable(tx, now, by, id)?.err())
}

/// Refuses as the second person, and says why: whoever asked reads it.
pub fn refuse(
    tx: &mut Tx,
    ambient: &Ambient,
    by: (StaffId, Role),
    id: RequestId,
    reason: &str,
) -> Result<Decided, SecurityError> {
    decide(tx, ambient.now(), by, id, Some(bounded(reason)))
}

/// Takes one's own request back.
pub fn withdraw(
    tx: &mut Tx,
    ambient: &Ambient,
    staff: StaffId,
    id: RequestId,
) -> Result<Withdrawn, SecurityError> {
    let Some((request, _)) = store::get(tx, id)? else {
        return Ok(Withdrawn::NotFound);
    };
    if request.requested_by != staff {
        return Ok(Withdrawn::NotYours);
    }
    let done = store::close(tx, id, Ended::Withdrawn.code(), staff, None, ambient.now())?;
    Ok(if done {
        Withdrawn::Withdrawn
    } else {
        Withdrawn::AlreadyDone
    })
}

/// Takes back what a member asked for, nobody decided and they may ask for no longer: all of it when
/// they leave, and what their new role does not cover when they get one. Returns how many.
pub(crate) fn withdraw_lost(
    tx: &mut Tx,
    now: Timestamp,
    staff: StaffId,
    role: Option<Role>,
) -> Result<u64, SecurityError> {
    let may_ask = |action: &Action| role.is_some_and(|role| role.may(action.asked_with()));
    let mut withdrawn = 0;
    for action in Action::ALL.into_iter().filter(|action| !may_ask(action)) {
        withdrawn += store::withdraw(tx, staff, action, now)?;
    }
    Ok(withdrawn)
}

/// The end of the subject was moved: what was asked for about it ends then, and after a day at most.
pub fn follow(
    tx: &mut Tx,
    actions: &[Action],
    subject: &str,
    ends_by: Timestamp,
) -> Result<(), SecurityError> {
    for action in actions {
        store::follow(tx, &open_key(*action, subject), ends_by)?;
    }
    Ok(())
}

/// The subject has ended without anybody here: what was asked for about it waits no longer. Returns
/// how many requests that were.
pub fn overtaken(
    tx: &mut Tx,
    now: Timestamp,
    actions: &[Action],
    subject: &str,
) -> Result<u64, SecurityError> {
    let mut ended = 0;
    for action in actions {
        ended += store::overtake(tx, &open_key(*action, subject), now)?;
    }
    Ok(ended)
}

/// The requests that wait, oldest first; at most 200. Each has somebody behind it who may ask for it.
pub fn open_requests(tx: &mut Tx, now: Timestamp) -> Result<Vec<Request>, SecurityError> {
    let mut open = Vec::new();
    for request in store::open(tx, now, 200)? {
        if may_still_ask(tx, &request)? {
            open.push(request);
        }
    }
    Ok(open)
}

/// The waiting request for an action on a subject, with somebody behind it who may ask for it.
pub fn open_request(
    tx: &mut Tx,
    now: Timestamp,
    action: Action,
    subject: &str,
) -> Result<Option<Request>, SecurityError> {
    let open = store::open_for(tx, &open_key(action, subject), now)?;
    Ok(match open {
        Some(request) if may_still_ask(tx, &request)? => Some(request),
        _ => None,
    })
}

/// The requests that are over, the latest first; at most 200.
pub fn decided(tx: &mut Tx, limit: i64) -> Result<Vec<Past>, SecurityError> {
    store::decided(tx, limit.clamp(1, 200))
}

/// Forgets requests that ended before, at most `max`; the audit log keeps that they were made.
pub fn forget(tx: &mut Tx, now: Timestamp, before: Timestamp, max: i64) -> Result<u64, SecurityError> {
    Ok(store::forget(tx, now, before, max)?)
}

fn bounded(reason: &str) -> String {
    reason.trim().chars().take(REASON_CHARACTERS_MAX).collect()
}

/// The request, when this person can decide on it now.
fn decidable(
    tx: &mut Tx,
    now: Timestamp,
    (staff, role): (StaffId, Role),
    id: RequestId,
) -> Result<Result<Request, Decided>, SecurityError> {
    let Some((request, done)) = store::get(tx, id)? else {
        return Ok(Err(Decided::NotFound));
    };
    Ok(if !role.may(request.action.decided_with()) {
        Err(Decided::NotAllowed)
    } else if request.requested_by == staff {
        Err(Decided::SamePerson)
    } else if done {
        Err(Decided::AlreadyDone)
    } else if request.expires_at <= now {
        Err(Decided::Expired)
    } else {
        Ok(request)
    })
}

fn decide(
    tx: &mut Tx,
    now: Timestamp,
    by: (StaffId, Role),
    id: RequestId,
    refusal: Option<String>,
) -> Result<Decided, SecurityError> {
    let request = match decidable(tx, now, by, id)? {
        Ok(request) => request,
        Err(obstacle) => return Ok(obstacle),
    };
    if refusal.as_ref().is_some_and(String::is_empty) {
        return Ok(Decided::ReasonMissing);
    }
    let staff = by.0;
    let (ended, by) = match &refusal {
        Some(_) => (Ended::Refused, staff),
        None if may_still_ask(tx, &request)? => (Ended::Approved, staff),
        None => (Ended::Withdrawn, request.requested_by),
    };
    if !store::close(tx, id, ended.code(), by, refusal.as_deref(), now)? {
        return Ok(Decided::AlreadyDone);
    }
    Ok(match ended {
        Ended::Approved => Decided::Approved(request),
        Ended::Refused => Decided::Refused(request),
        Ended::Withdrawn | Ended::Expired | Ended::Overtaken => Decided::AskerGone(request),
    })
}

/// What nobody stands behind any more makes room for another.
fn withdraw_orphan(tx: &mut Tx, now: Timestamp, action: Action, subject: &str) -> Result<(), SecurityError> {
    if let Some(open) = store::open_for(tx, &open_key(action, subject), now)?
        && !may_still_ask(tx, &open)?
    {
        store::close(tx, open.id, Ended::Withdrawn.code(), open.requested_by, None, now)?;
    }
    Ok(())
}

/// A request made in the moment in which its member leaves or gets another role is still open.
fn may_still_ask(tx: &mut Tx, request: &Request) -> Result<bool, SecurityError> {
    let member = staff::get(tx, request.requested_by)?.filter(|member| member.active);
    Ok(member.is_some_and(|member| member.role.may(request.action.asked_with())))
}

fn open_key(action: Action, subject: &str) -> String {
    format!("{}:{subject}", action.code())
}

#[cfg(test)]
mod tests;
