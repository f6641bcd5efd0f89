//! When a customer may be called: spacing, attempt caps, quiet hours, booked times. Pure.

#[cfg(test)]
mod tests;

use crate::dispositions::{Consequence, Disposition};
use crate::policy::{CallPolicy, QuietHours};
use base::{OperatorZone, Timestamp};
use people::applications::CallTime;

/// What is known of a case when its next call is planned.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Attempts that counted so far.
    pub attempts: u32,
    pub max_attempts: u32,
    /// Attempts that our trunk did not carry.
    pub line_failures: u32,
    /// After this moment a call is of no use.
    pub deadline: Timestamp,
    /// Up to here a call may come in quiet hours too.
    pub awake_until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Call at this moment, or as soon after it as a line is free.
    At(Timestamp),
    /// No call: all attempts are spent.
    AttemptsSpent,
    /// No call: none fits before the deadline.
    NoTimeLeft,
    /// No call is needed.
    Concluded,
}

/// The first call of a case. `ordered_at` is when the customer themselves ordered the payment:
/// a call about an order of this minute may come at any hour, because they are awake.
pub fn first_call(
    policy: &CallPolicy,
    zone: &OperatorZone,
    now: Timestamp,
    ordered_at: Option<Timestamp>,
    deadline: Timestamp,
) -> Next {
    let awake_until = ordered_at.map(|at| at.plus_ms(policy.own_payment_ms));
    no_sooner(policy, zone, now, awake_until, deadline)
}

/// A call at the time that the customer chose, no sooner than `earliest` and never in quiet hours.
/// Without a time, or when it is over, as soon as possible.
pub fn chosen_call(
    policy: &CallPolicy,
    zone: &OperatorZone,
    earliest: Timestamp,
    chosen: Option<CallTime>,
    deadline: Timestamp,
) -> Next {
    let due = match chosen.filter(|time| earliest < time.until) {
        Some(time) => earliest.max(time.from),
        None => earliest,
    };
    within(after_quiet(policy.quiet, zone, due), deadline)
}

/// The call after an attempt that ended at `now`; the attempt is already counted in `standing`.
/// A time that the customer booked is kept whatever the hour.
pub fn after_attempt(
    policy: &CallPolicy,
    zone: &OperatorZone,
    now: Timestamp,
    disposition: Disposition,
    standing: Standing,
) -> Next {
    let consequence = disposition.consequence();
    match consequence {
        Consequence::Concluded => return Next::Concluded,
        Consequence::GiveUp => return Next::AttemptsSpent,
        Consequence::TryAgain | Consequence::Booked => {}
    }
    if disposition == Disposition::LineDown {
        // Nothing rang: as if it were the first call, and no number of failures ends it.
        let due = now.plus_ms(line_pause_ms(policy, standing.line_failures));
        return no_sooner(policy, zone, due, standing.awake_until, standing.deadline);
    }
    if standing.attempts >= standing.max_attempts {
        return Next::AttemptsSpent;
    }
    if consequence == Consequence::Booked {
        return booked(policy, now, standing).map_or(Next::NoTimeLeft, Next::At);
    }
    let due = now.plus_ms(spacing_ms(policy, disposition));
    within(after_quiet(policy.quiet, zone, due), standing.deadline)
}

/// A call at this moment, or when quiet hours are over. Whoever is known to be awake until then may
/// be called in quiet hours too.
pub fn no_sooner(
    policy: &CallPolicy,
    zone: &OperatorZone,
    at: Timestamp,
    awake_until: Option<Timestamp>,
    deadline: Timestamp,
) -> Next {
    if awake_until.is_some_and(|until| at <= until) {
        within(at, deadline)
    } else {
        within(after_quiet(policy.quiet, zone, at), deadline)
    }
}

/// From the end of an attempt to the next one.
pub fn spacing_ms(policy: &CallPolicy, disposition: Disposition) -> i64 {
    match disposition {
        Disposition::Busy => policy.busy_spacing_ms,
        // Nothing rang.
        Disposition::LineDown => 0,
        _ => policy.spacing_ms,
    }
}

/// How long to wait after so many failures of our trunk in a row.
pub fn line_pause_ms(policy: &CallPolicy, failures: u32) -> i64 {
    let doubled = policy.line_retry_ms << failures.saturating_sub(1).min(16);
    doubled.min(policy.line_retry_longest_ms)
}

/// When "call me later" would be: the usual delay, or half of the time left where the deadline
/// comes before. `None` when attempts are spent, or so little time is left that it is of no use.
/// The attempt that asks is counted.
pub fn offer_later(policy: &CallPolicy, now: Timestamp, standing: Standing) -> Option<Timestamp> {
    let left_ms = standing.deadline.since(now).as_millis() as i64;
    let useful = left_ms >= 2 * policy.spacing_ms.min(policy.later_ms);
    booked(policy, now, standing).filter(|_| useful)
}

/// The time of a call that was promised: as [`offer_later`], but a promise is kept even if little
/// time is left when the call that made it ends.
fn booked(policy: &CallPolicy, now: Timestamp, standing: Standing) -> Option<Timestamp> {
    if standing.attempts >= standing.max_attempts || now >= standing.deadline {
        return None;
    }
    let usual = now.plus_ms(policy.later_ms);
    if usual < standing.deadline {
        return Some(usual);
    }
    let left_us = standing.deadline.since(now).as_micros() as i64;
    Some(Timestamp(now.as_us() + (left_us / 2).max(1))).filter(|due| *due < standing.deadline)
}

/// The first moment at or after `at` outside the quiet hours.
pub fn after_quiet(quiet: QuietHours, zone: &OperatorZone, at: Timestamp) -> Timestamp {
    if is_quiet(quiet, zone, at) {
        zone.next_at(at, quiet.until_second)
    } else {
        at
    }
}

pub fn is_quiet(quiet: QuietHours, zone: &OperatorZone, at: Timestamp) -> bool {
    quiet.cover(zone.second_of_day(at))
}

fn within(due: Timestamp, deadline: Timestamp) -> Next {
    if due < deadline {
        Next::At(due)
    } else {
        Next::NoTimeLeft
    }
}
