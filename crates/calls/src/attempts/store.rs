use super::attempt::{Attempt, AttemptState, Words};
use crate::{CallsError, Disposition};
use base::{CallId, CaseId, CustomerId, PhoneNumber, Timestamp};
use store::{Row, Sql, Tx, Value};

macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "id, case_id, customer, number, node, lease_until_us, state, proof_digit, displayed_number,
             begun_at_us, ringing_at_us, answered_at_us, ended_at_us, words, forwarded, disposition",
            $after
        )
    };
}

store::statements! {
    INSERT = columns!("INSERT INTO call_attempt (", ", phone)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)");
    FIND = columns!("SELECT ", " FROM call_attempt WHERE id = $1");
    OF_CASE = columns!("SELECT ", " FROM call_attempt WHERE case_id = $1 ORDER BY number");
    LATEST_OF_CASE = columns!("SELECT ", " FROM call_attempt WHERE case_id = $1 ORDER BY number DESC LIMIT 1");
    LATEST_OF_CUSTOMER = columns!("SELECT ", " FROM call_attempt WHERE customer = $1 ORDER BY id DESC LIMIT 1");
    LIST = columns!("SELECT ", " FROM call_attempt WHERE id < $1 ORDER BY id DESC LIMIT $2");
    TALKING = "SELECT COUNT(*) FROM call_attempt
        WHERE customer = $1 AND state IN ('dialing', 'ringing', 'answered')";
    UNFINISHED = columns!("SELECT ", " FROM call_attempt
        WHERE state IN ('dialing', 'ringing', 'answered') AND (node = $1 OR lease_until_us < $2)
        ORDER BY lease_until_us, begun_at_us LIMIT $3");
    RENEW = "UPDATE call_attempt SET lease_until_us = $2
        WHERE state IN ('dialing', 'ringing', 'answered') AND node = $1";
    RINGING = "UPDATE call_attempt SET state = 'ringing', ringing_at_us = $2, forwarded = $3
        WHERE id = $1 AND state = 'dialing'";
    ANSWERED = "UPDATE call_attempt SET state = 'answered', answered_at_us = $2, words = $3, forwarded = $4
        WHERE id = $1 AND state IN ('dialing', 'ringing')";
    ADOPT = "UPDATE call_attempt SET customer = $2 WHERE case_id = $1 AND customer IS NULL";
    /// Of the calls to a number since then that our line carried, newest first, the one at this place.
    NTH_TO = "SELECT begun_at_us FROM call_attempt WHERE phone = $1 AND begun_at_us > $2
        AND (disposition IS NULL OR disposition <> 'line_down') ORDER BY begun_at_us DESC LIMIT 1 OFFSET $3";
    /// The words are gone with the call.
    END = "UPDATE call_attempt SET state = 'ended', ended_at_us = $2, words = NULL, disposition = $3
        WHERE id = $1 AND state <> 'ended'";
}

/// A row by itself: one that cannot be read hides no other.
type Found = (CallId, Result<Attempt, CallsError>);

pub(super) fn insert(tx: &mut Tx<'_>, attempt: &Attempt, phone: &PhoneNumber) -> Result<(), CallsError> {
    tx.execute(
        &INSERT,
        &[
            attempt.id.as_bytes().into(),
            attempt.case.as_bytes().into(),
            attempt.customer.as_ref().map(CustomerId::as_bytes).into(),
            i64::from(attempt.number).into(),
            (&attempt.node).into(),
            attempt.lease_until.into(),
            attempt.state.code().into(),
            i64::from(attempt.proof_digit).into(),
            (&attempt.displayed_number).into(),
            attempt.begun_at.into(),
            attempt.ringing_at.into(),
            attempt.answered_at.into(),
            attempt.ended_at.into(),
            attempt.words.map(Words::to_int).into(),
            attempt.forwarded.into(),
            attempt.disposition.map(Disposition::code).into(),
            phone.as_str().into(),
        ],
    )?;
    Ok(())
}

/// When the call at this place began, counted from 0 for the newest.
pub(super) fn nth_to(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    since: Timestamp,
    place: i64,
) -> Result<Option<Timestamp>, CallsError> {
    let args = [phone.as_str().into(), since.into(), place.into()];
    Ok(tx.query_opt(&NTH_TO, &args, |row| row.time(0))?)
}

pub(super) fn find(tx: &mut Tx<'_>, call: CallId) -> Result<Option<Attempt>, CallsError> {
    Ok(many(tx, &FIND, &[call.as_bytes().into()])?.pop())
}

pub(super) fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Attempt>, CallsError> {
    many(tx, &OF_CASE, &[case.as_bytes().into()])
}

pub(crate) fn latest_of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Attempt>, CallsError> {
    Ok(many(tx, &LATEST_OF_CASE, &[case.as_bytes().into()])?.pop())
}

pub(crate) fn latest_of_customer(
    tx: &mut Tx<'_>,
    customer: CustomerId,
) -> Result<Option<Attempt>, CallsError> {
    Ok(many(tx, &LATEST_OF_CUSTOMER, &[customer.as_bytes().into()])?.pop())
}

pub(super) fn is_talking(tx: &mut Tx<'_>, customer: CustomerId) -> Result<bool, CallsError> {
    let live = tx.query_one(&TALKING, &[customer.as_bytes().into()], |row| row.int(0))?;
    Ok(live > 0)
}

pub(super) fn list(tx: &mut Tx<'_>, before: Option<CallId>, limit: usize) -> Result<Vec<Found>, CallsError> {
    let before = before.map_or([0xff; 16], |call| call.0);
    let args = [(&before).into(), (limit as i64).into()];
    Ok(tx.query(&LIST, &args, |row| {
        let call = CallId(row.id16(0)?);
        Ok((call, read(row)))
    })?)
}

/// Attempts that are not ended: those of this node, and those whose node gave no sign of life. The
/// dead come first, so that a node with many calls of its own sees them.
pub(super) fn unfinished(
    tx: &mut Tx<'_>,
    node: &str,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Attempt>, CallsError> {
    many(tx, &UNFINISHED, &[node.into(), now.into(), (limit as i64).into()])
}

pub(super) fn renew(tx: &mut Tx<'_>, node: &str, until: Timestamp) -> Result<(), CallsError> {
    tx.execute(&RENEW, &[node.into(), until.into()])?;
    Ok(())
}

pub(super) fn ringing(
    tx: &mut Tx<'_>,
    call: CallId,
    at: Timestamp,
    forwarded: bool,
) -> Result<bool, CallsError> {
    let rows = tx.execute(&RINGING, &[call.as_bytes().into(), at.into(), forwarded.into()])?;
    Ok(rows == 1)
}

pub(super) fn answered(
    tx: &mut Tx<'_>,
    call: CallId,
    at: Timestamp,
    words: Option<Words>,
    forwarded: bool,
) -> Result<bool, CallsError> {
    let args = [
        call.as_bytes().into(),
        at.into(),
        words.map(Words::to_int).into(),
        forwarded.into(),
    ];
    Ok(tx.execute(&ANSWERED, &args)? == 1)
}

pub(super) fn end(
    tx: &mut Tx<'_>,
    call: CallId,
    at: Timestamp,
    disposition: Disposition,
) -> Result<bool, CallsError> {
    let args = [call.as_bytes().into(), at.into(), disposition.code().into()];
    Ok(tx.execute(&END, &args)? == 1)
}

/// The calls of a case were calls to this customer, who was none yet.
pub(crate) fn adopt(tx: &mut Tx<'_>, case: CaseId, customer: CustomerId) -> Result<(), CallsError> {
    tx.execute(&ADOPT, &[case.as_bytes().into(), customer.as_bytes().into()])?;
    Ok(())
}

fn many(tx: &mut Tx<'_>, sql: &Sql, args: &[Value<'_>]) -> Result<Vec<Attempt>, CallsError> {
    tx.query(sql, args, |row| Ok(read(row)))?.into_iter().collect()
}

fn read(row: &Row<'_>) -> Result<Attempt, CallsError> {
    let (state, disposition) = (row.text(6)?, row.opt_text(15)?);
    let corrupt = |what, found: &str| CallsError::Corrupt {
        what,
        found: found.into(),
    };
    Ok(Attempt {
        id: CallId(row.id16(0)?),
        case: CaseId(row.id16(1)?),
        customer: row.opt_id16(2)?.map(CustomerId),
        number: row.int(3)? as u32,
        node: row.text(4)?,
        lease_until: row.time(5)?,
        state: AttemptState::from_code(&state).ok_or_else(|| corrupt("state of a call", &state))?,
        proof_digit: row.int(7)? as u8,
        displayed_number: row.text(8)?,
        begun_at: row.time(9)?,
        ringing_at: row.opt_time(10)?,
        answered_at: row.opt_time(11)?,
        ended_at: row.opt_time(12)?,
        words: row.opt_int(13)?.and_then(Words::from_int),
        forwarded: row.bool(14)?,
        disposition: disposition
            .map(|code| Disposition::from_code(&code).ok_or_else(|| corrupt("disposition", &code)))
            .transpose()?,
    })
}
