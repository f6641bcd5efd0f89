use super::{CheckState, NumberCheck, NumberCheckId};
use crate::{CallsError, Disposition};
use base::{CustomerId, PhoneNumber, Timestamp};
use store::{Row, Sql, Tx, Value};

store::statements! {
    INSERT = "INSERT INTO call_number_check (id, customer, phone, state, asked_at_us, ended_at_us)
        VALUES ($1, $2, $3, $4, $5, $6)";
    FIND = "SELECT id, customer, phone, state, asked_at_us, ended_at_us FROM call_number_check WHERE id = $1";
    LATEST_OF = "SELECT id, customer, phone, state, asked_at_us, ended_at_us FROM call_number_check
        WHERE customer = $1 ORDER BY id DESC LIMIT 1";
    COUNT_SINCE = "SELECT COUNT(*) FROM call_number_check WHERE customer = $1 AND asked_at_us > $2";
    END = "UPDATE call_number_check SET state = $2, ended_at_us = $3 WHERE id = $1 AND state = 'asked'";
    VERIFIED_AT = "SELECT MAX(ended_at_us) FROM call_number_check
        WHERE customer = $1 AND phone = $2 AND state = 'verified'";
    /// Of calls to the number on file; newest first.
    ENDS_SINCE = "SELECT a.disposition, a.ended_at_us FROM call_attempt a JOIN call_case c ON c.id = a.case_id
        WHERE a.customer = $1 AND a.begun_at_us >= $2 AND a.ended_at_us IS NOT NULL AND c.kind = 'payment'
        ORDER BY a.id DESC LIMIT 50";
}

pub(super) fn insert(tx: &mut Tx<'_>, check: &NumberCheck) -> Result<(), CallsError> {
    tx.execute(
        &INSERT,
        &[
            check.id.as_bytes().into(),
            check.customer.as_bytes().into(),
            check.phone.as_str().into(),
            check.state.code().into(),
            check.asked_at.into(),
            check.ended_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(tx: &mut Tx<'_>, check: NumberCheckId) -> Result<Option<NumberCheck>, CallsError> {
    one(tx, &FIND, &[check.as_bytes().into()])
}

pub(super) fn latest_of(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Option<NumberCheck>, CallsError> {
    one(tx, &LATEST_OF, &[customer.as_bytes().into()])
}

pub(super) fn count_since(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    since: Timestamp,
) -> Result<i64, CallsError> {
    let args = [customer.as_bytes().into(), since.into()];
    Ok(tx.query_one(&COUNT_SINCE, &args, |row| row.int(0))?)
}

/// `false` when it had ended already.
pub(super) fn end(
    tx: &mut Tx<'_>,
    check: NumberCheckId,
    state: CheckState,
    at: Timestamp,
) -> Result<bool, CallsError> {
    let args = [check.as_bytes().into(), state.code().into(), at.into()];
    Ok(tx.execute(&END, &args)? == 1)
}

pub(super) fn verified_at(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    phone: &PhoneNumber,
) -> Result<Option<Timestamp>, CallsError> {
    let args = [customer.as_bytes().into(), phone.as_str().into()];
    Ok(tx.query_one(&VERIFIED_AT, &args, |row| row.opt_time(0))?)
}

pub(super) fn ends_since(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    since: Timestamp,
) -> Result<Vec<(Disposition, Timestamp)>, CallsError> {
    let args = [customer.as_bytes().into(), since.into()];
    let rows = tx.query(&ENDS_SINCE, &args, |row| Ok((row.text(0)?, row.time(1)?)))?;
    let ends = rows.into_iter().map(|(code, at)| {
        let disposition = Disposition::from_code(&code).ok_or(CallsError::Corrupt {
            what: "disposition",
            found: code,
        })?;
        Ok((disposition, at))
    });
    ends.collect()
}

fn one(tx: &mut Tx<'_>, sql: &Sql, args: &[Value<'_>]) -> Result<Option<NumberCheck>, CallsError> {
    tx.query_opt(sql, args, |row| Ok(read(row)))?.transpose()
}

fn read(row: &Row<'_>) -> Result<NumberCheck, CallsError> {
    let (phone, state) = (row.text(2)?, row.text(3)?);
    let corrupt = |what, found: &str| CallsError::Corrupt {
        what,
        found: found.into(),
    };
    Ok(NumberCheck {
        id: NumberCheckId(row.id16(0)?),
        customer: CustomerId(row.id16(1)?),
        phone: PhoneNumber::parse(&phone).map_err(|_| corrupt("telephone number", "unreadable"))?,
        state: CheckState::from_code(&state).ok_or_else(|| corrupt("state of a check", &state))?,
        asked_at: row.time(4)?,
        ended_at: row.opt_time(5)?,
    })
}
