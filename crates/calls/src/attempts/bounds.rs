//! How often one telephone number is called, over all cases: a form filled in by a stranger must not
//! become a telephone that rings all day.

use super::store;
use crate::{CallPolicy, CallsError};
use ::store::Tx;
use base::{PhoneNumber, Timestamp};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// When the number may be called again, if not now. Two that ask at once wait for each other.
pub(super) fn called_enough(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    phone: &PhoneNumber,
    now: Timestamp,
) -> Result<Option<Timestamp>, CallsError> {
    tx.lock(phone.digits().parse().unwrap_or(i64::MAX))?;
    let hour = within(tx, phone, now, HOUR_MS, policy.per_number_hour)?;
    let day = within(tx, phone, now, DAY_MS, policy.per_number_day)?;
    Ok(hour.max(day))
}

/// When the oldest of the latest `bound` calls leaves the span, where all of them lie in it.
fn within(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    now: Timestamp,
    span_ms: i64,
    bound: u32,
) -> Result<Option<Timestamp>, CallsError> {
    let place = i64::from(bound.max(1)) - 1;
    let oldest = store::nth_to(tx, phone, now.plus_ms(-span_ms), place)?;
    Ok(oldest.map(|at| at.plus_ms(span_ms)))
}
