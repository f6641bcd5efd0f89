//! "Are you calling me right now?": the answer that the app shows, live. It is given only while
//! there is a sign of life; whatever is stale is *unknown*, never "we are not calling you".

mod store;
#[cfg(test)]
mod tests;

pub use store::ALL;

use crate::attempts::{self, Attempt, AttemptState, Words};
use crate::cases;
use crate::notices::Purpose;
use crate::{CallPolicy, CallsError};
use ::store::Tx;
use base::{CaseId, CustomerId, Timestamp};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallStatus {
    NeverCalled,
    Calling {
        since: Timestamp,
        number: String,
        purpose: Purpose,
    },
    OnCall {
        since: Timestamp,
        number: String,
        purpose: Purpose,
        /// On devices enrolled for a while only.
        words: Option<Words>,
    },
    /// We called lately, and are not calling now.
    NotCalling,
    NoRecentCalls,
    /// No sign of life of whoever places the calls.
    Unknown,
}

/// Whether the line takes calls, as the node that uses it last said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineState {
    Up,
    Down,
}

/// A process that places calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub lease_until: Timestamp,
    pub line: LineState,
    pub line_since: Timestamp,
}

/// The status that a signed-in customer sees. `device_enrolled_at` decides about the matching
/// words: a device enrolled a moment ago may be a stranger's.
pub fn for_customer(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    now: Timestamp,
    customer: CustomerId,
    device_enrolled_at: Option<Timestamp>,
) -> Result<CallStatus, CallsError> {
    let latest = attempts::latest_of_customer(tx, customer);
    status(tx, policy, now, latest, device_enrolled_at)
}

/// The status of one case: for an applicant, who has no account yet and is shown no words.
pub fn for_case(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    now: Timestamp,
    case: CaseId,
) -> Result<CallStatus, CallsError> {
    let latest = attempts::latest_of_case(tx, case);
    status(tx, policy, now, latest, None)
}

/// Every node that ever placed calls.
pub fn nodes(tx: &mut Tx<'_>) -> Result<Vec<Node>, CallsError> {
    store::nodes(tx)
}

/// Whether a call can be placed now: a node that is alive says that its line takes calls.
pub fn line(tx: &mut Tx<'_>, now: Timestamp) -> Result<LineState, CallsError> {
    let up = |node: &Node| node.lease_until >= now && node.line == LineState::Up;
    Ok(if store::nodes(tx)?.iter().any(up) {
        LineState::Up
    } else {
        LineState::Down
    })
}

/// Says that this node is alive.
pub fn beat(
    tx: &mut Tx<'_>,
    node: &str,
    now: Timestamp,
    until: Timestamp,
    line: LineState,
) -> Result<(), CallsError> {
    store::beat(tx, node, now, until, line)?;
    attempts::renew(tx, node, until)
}

/// The node ends in order: it places no calls any more.
pub(crate) fn rest(tx: &mut Tx<'_>, node: &str) -> Result<(), CallsError> {
    store::rest(tx, node)
}

fn status(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    now: Timestamp,
    latest: Result<Option<Attempt>, CallsError>,
    device_enrolled_at: Option<Timestamp>,
) -> Result<CallStatus, CallsError> {
    let latest = match latest {
        // It may be under way, for all that we can read of it.
        Err(error) if error.is_unreadable() => return Ok(CallStatus::Unknown),
        latest => latest?,
    };
    let alive = store::nodes(tx)?.iter().any(|node| node.lease_until >= now);
    let purpose = match &latest {
        Some(attempt) => cases::get_readable(tx, attempt.case)?.and_then(|case| Purpose::of(case.kind)),
        None => None,
    };
    let known = device_enrolled_at.is_some_and(|at| at.plus_ms(policy.words_after_enrolled_ms) <= now);
    Ok(decide(policy, now, alive, latest.as_ref(), purpose, known))
}

/// Pure. `alive` is whether any node that places calls gave a sign of life.
pub fn decide(
    policy: &CallPolicy,
    now: Timestamp,
    alive: bool,
    latest: Option<&Attempt>,
    purpose: Option<Purpose>,
    device_known: bool,
) -> CallStatus {
    let Some(attempt) = latest else {
        return if alive {
            CallStatus::NeverCalled
        } else {
            CallStatus::Unknown
        };
    };
    let live = attempt.lease_until >= now;
    let purpose = purpose.unwrap_or(Purpose::Payment);
    let number = || attempt.displayed_number.clone();
    match attempt.state {
        AttemptState::Dialing | AttemptState::Ringing if live => CallStatus::Calling {
            since: attempt.begun_at,
            number: number(),
            purpose,
        },
        AttemptState::Answered if live => CallStatus::OnCall {
            since: attempt.answered_at.unwrap_or(attempt.begun_at),
            number: number(),
            purpose,
            words: attempt.words.filter(|_| device_known),
        },
        AttemptState::Dialing | AttemptState::Ringing | AttemptState::Answered => CallStatus::Unknown,
        AttemptState::Ended if !alive => CallStatus::Unknown,
        AttemptState::Ended => {
            let ended = attempt.ended_at.unwrap_or(attempt.begun_at);
            if ended.plus_ms(policy.recent_ms) >= now {
                CallStatus::NotCalling
            } else {
                CallStatus::NoRecentCalls
            }
        }
    }
}
