use crate::MoneyError;
use crate::payments::{PaymentState, payment_id};
use base::{CallId, PaymentId, Timestamp};
use store::{DbError, Tx};

store::statements! {
    OPEN = "INSERT INTO holds (payment, payer_account, state, day, year, deadline_us, latest_deadline_us,
        extended) VALUES ($1, $2, 0, $3, $4, $5, $6, 0)";
    ONE = "SELECT state, day, year, deadline_us, details_call FROM holds WHERE payment = $1";
    END = "UPDATE holds SET state = $2, ended_at_us = $3, ended_by = $4, end_reason = $5, transfer = $6
        WHERE payment = $1 AND state = 0 AND deadline_us <= $7";
    EXTEND = "UPDATE holds SET deadline_us = latest_deadline_us, extended = 1
        WHERE payment = $1 AND state = 0 AND extended = 0 AND deadline_us > $2";
    DETAILS_PLAYED = "UPDATE holds SET details_call = $2, details_played_at_us = $3
        WHERE payment = $1 AND state = 0";
    DUE = "SELECT h.payment, p.nonce FROM holds h JOIN payments p ON p.id = h.payment
        WHERE h.state = 0 AND h.deadline_us <= $1 ORDER BY h.payer_account, h.payment LIMIT $2";
    OPEN_OF = "SELECT h.payment, p.nonce FROM holds h JOIN payments p ON p.id = h.payment
        WHERE h.payer_account = $1 AND h.state = 0 ORDER BY h.payment";
}

pub(crate) struct NewHold {
    pub payment: i64,
    pub payer_account: i64,
    /// The day and the year whose limits it uses.
    pub day: i64,
    pub year: i64,
    pub deadline: Timestamp,
    pub latest_deadline: Timestamp,
}

pub(super) struct StoredHold {
    pub state: PaymentState,
    pub day: i64,
    pub year: i64,
    pub deadline: Timestamp,
    pub details_call: Option<CallId>,
}

pub(super) struct Ended<'a> {
    pub state: PaymentState,
    pub at: Timestamp,
    /// Only if the deadline is not later than this.
    pub due_by: Option<Timestamp>,
    pub by: &'a str,
    pub reason: Option<&'a str>,
    pub transfer: Option<i64>,
}

pub(in crate::payments) fn open(tx: &mut Tx<'_>, hold: &NewHold) -> Result<(), DbError> {
    let args = [
        hold.payment.into(),
        hold.payer_account.into(),
        hold.day.into(),
        hold.year.into(),
        hold.deadline.into(),
        hold.latest_deadline.into(),
    ];
    tx.execute(&OPEN, &args)?;
    Ok(())
}

pub(super) fn hold(tx: &mut Tx<'_>, payment: i64) -> Result<Option<StoredHold>, MoneyError> {
    let found = tx.query_opt(&ONE, &[payment.into()], |row| {
        Ok((
            row.int(0)?,
            row.int(1)?,
            row.int(2)?,
            row.time(3)?,
            row.opt_id16(4)?,
        ))
    })?;
    let Some((state, day, year, deadline, call)) = found else {
        return Ok(None);
    };
    Ok(Some(StoredHold {
        state: PaymentState::from_number(state).ok_or_else(|| MoneyError::damaged("hold state", state))?,
        day,
        year,
        deadline,
        details_call: call.map(CallId),
    }))
}

/// `false` if the hold was no longer open, or not due: it ends once.
pub(super) fn end(tx: &mut Tx<'_>, payment: i64, ended: &Ended<'_>) -> Result<bool, DbError> {
    let args = [
        payment.into(),
        ended.state.number().into(),
        ended.at.into(),
        ended.by.into(),
        ended.reason.into(),
        ended.transfer.into(),
        ended.due_by.map_or(i64::MAX, Timestamp::as_us).into(),
    ];
    Ok(tx.execute(&END, &args)? == 1)
}

pub(super) fn extend(tx: &mut Tx<'_>, payment: i64, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(&EXTEND, &[payment.into(), now.into()])? == 1)
}

pub(super) fn details_played(
    tx: &mut Tx<'_>,
    payment: i64,
    call: CallId,
    at: Timestamp,
) -> Result<bool, DbError> {
    let args = [payment.into(), call.as_bytes().into(), at.into()];
    Ok(tx.execute(&DETAILS_PLAYED, &args)? == 1)
}

pub(super) fn due(tx: &mut Tx<'_>, now: Timestamp, max: usize) -> Result<Vec<PaymentId>, DbError> {
    tx.query(&DUE, &[now.into(), (max as i64).into()], |row| {
        Ok(payment_id(row.int(0)?, row.int(1)?))
    })
}

pub(super) fn open_of(tx: &mut Tx<'_>, payer_account: i64) -> Result<Vec<PaymentId>, DbError> {
    tx.query(&OPEN_OF, &[payer_account.into()], |row| {
        Ok(payment_id(row.int(0)?, row.int(1)?))
    })
}
