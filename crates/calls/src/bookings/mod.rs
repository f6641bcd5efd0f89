//! The time that an applicant books for our call: a part of a day by their own wall clock, inside
//! the operator's calling hours. As long as we are not calling, it may be changed.

#[cfg(test)]
mod tests;
mod window;

pub use window::{DAYS_AHEAD, DayPart, Window, read, windows};

use crate::cases::{self, Case, CaseKind, CaseState, Happening, note};
use crate::matter::people;
use crate::schedule::{self, Next};
use crate::{CallPolicy, CallsError, attempts, events, notices};
use ::people::applications::{self, Application, CallTime, Moved};
use ::store::{DbError, Tx};
use base::{Ambient, ApplicationId, OperatorZone, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    Done,
    /// No such time is offered, or not any more.
    NoSuchTime,
    /// The telephone rings already, or they are on it.
    Calling,
    /// No call will come any more.
    TooLate,
    NotFound,
}

/// The applicant's own zone, or the operator's where theirs is not known any more.
pub fn zone_of(policy: &CallPolicy, application: &Application) -> OperatorZone {
    OperatorZone::named(&application.zone).unwrap_or_else(|_| policy.zone.clone())
}

/// What the applicant may choose from at this moment, earliest first. Empty when nothing can be
/// chosen: while we are calling, and when no call will come any more.
pub fn offered(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    now: Timestamp,
    application: &Application,
) -> Result<Vec<Window>, CallsError> {
    if application.state.is_ended() {
        return Ok(Vec::new());
    }
    let zone = zone_of(policy, application);
    Ok(match open_case(tx, application.id)? {
        Some(case) if case.state == CaseState::Calling => Vec::new(),
        Some(case) => {
            let earliest = earliest(tx, policy, now, &case)?;
            let mut windows = windows(policy, &zone, earliest);
            windows.retain(|window| window.until <= case.deadline);
            windows
        }
        None => windows(policy, &zone, now),
    })
}

/// Books a window by its code, or none for as soon as possible. A call that is planned already is
/// moved, with its notice. Safe to repeat.
pub fn book(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    id: ApplicationId,
    code: &str,
) -> Result<Booked, CallsError> {
    cases::lock(tx, CaseKind::ApplicationCallback(id))?;
    let Some(application) = applications::get(tx, id).map_err(people("reading an application"))? else {
        return Ok(Booked::NotFound);
    };
    let case = open_case(tx, id)?;
    if case.as_ref().is_some_and(|case| case.state == CaseState::Calling) {
        return Ok(Booked::Calling);
    }
    let now = ambient.now();
    let wanted = if code.is_empty() {
        None
    } else {
        let known = application.call_time.filter(|booked| now < booked.until);
        let offered = offered(tx, policy, now, &application)?;
        let zone = zone_of(policy, &application);
        let wanted = read(policy, &zone, now, code).map(|window| window.call_time());
        match wanted {
            Some(time) if known == Some(time) || offered.iter().any(|window| window.code == code) => {
                Some(time)
            }
            _ if application.state.is_ended() => return Ok(Booked::TooLate),
            _ => return Ok(Booked::NoSuchTime),
        }
    };
    match applications::book_call(tx, id, wanted).map_err(people("booking a call"))? {
        Moved::Done(_) => {}
        Moved::Already => return Ok(Booked::Done),
        Moved::NotNow(_) => return Ok(Booked::TooLate),
        Moved::NotFound => return Ok(Booked::NotFound),
    }
    if let Some(case) = case {
        let zone = zone_of(policy, &application);
        move_call(tx, ambient, policy, &zone, case, wanted)?;
    }
    Ok(Booked::Done)
}

fn move_call(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    zone: &OperatorZone,
    mut case: Case,
    wanted: Option<CallTime>,
) -> Result<(), CallsError> {
    let earliest = earliest(tx, policy, ambient.now(), &case)?;
    let next = schedule::chosen_call(policy, zone, earliest, wanted, case.deadline);
    let Next::At(due) = next else {
        return Ok(());
    };
    case.due = due;
    case.any_hour = false;
    if !cases::update(tx, CaseState::Waiting, &case)? {
        // The dialer took it between our look and our change.
        return Err(DbError::Conflict { attempts: 1 }.into());
    }
    notices::move_window(tx, &case, wanted)?;
    note(tx, ambient, case.id, None, Happening::Booked, &due.to_rfc3339())?;
    tx.wake(events::SIGNAL_DUE);
    tx.wake(events::SIGNAL_CHANGED);
    Ok(())
}

/// No sooner than a spacing after the attempt before.
fn earliest(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    now: Timestamp,
    case: &Case,
) -> Result<Timestamp, CallsError> {
    let before = attempts::latest_of_case(tx, case.id)?;
    let before = before.and_then(|attempt| attempt.ended_at.zip(attempt.disposition));
    Ok(before.map_or(now, |(ended, how)| {
        now.max(ended.plus_ms(schedule::spacing_ms(policy, how)))
    }))
}

fn open_case(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<Case>, CallsError> {
    let case = cases::by_kind(tx, CaseKind::ApplicationCallback(id))?;
    Ok(case.filter(|case| matches!(case.state, CaseState::Waiting | CaseState::Calling)))
}
