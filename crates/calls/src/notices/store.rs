use super::{Notice, NoticeId, NoticeState, Purpose};
use crate::CallsError;
use crate::cases::CaseState;
use base::{CaseId, CustomerId, OperatorZone, Timestamp};
use store::{Row, Sql, Tx, Value};

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT n.id, n.case_id, n.customer, n.token, n.purpose, n.displayed_number,
             n.window_from_us, n.window_until_us, c.state, n.zone
             FROM call_notice n JOIN call_case c ON c.id = n.case_id ",
            $where
        )
    };
}

store::statements! {
    INSERT = "INSERT INTO call_notice (id, case_id, customer, token, purpose, displayed_number,
        window_from_us, window_until_us, created_at_us, zone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (case_id) DO NOTHING";
    BY_TOKEN = select!("WHERE n.token = $1");
    BY_CASE = select!("WHERE n.case_id = $1");
    ADOPT = "UPDATE call_notice SET customer = $2 WHERE case_id = $1 AND customer IS NULL";
    MOVE_WINDOW = "UPDATE call_notice SET window_from_us = $2, window_until_us = $3 WHERE case_id = $1";
    OF_CUSTOMER = select!("WHERE n.customer = $1 AND n.id < $2 ORDER BY n.id DESC LIMIT $3");
}

/// A row by itself: one that cannot be read hides no other.
type Found = (NoticeId, Result<Notice, CallsError>);

pub(super) fn insert(tx: &mut Tx<'_>, notice: &Notice, now: Timestamp) -> Result<(), CallsError> {
    tx.execute(
        &INSERT,
        &[
            notice.id.as_bytes().into(),
            notice.case.as_bytes().into(),
            notice.customer.as_ref().map(CustomerId::as_bytes).into(),
            (&notice.token).into(),
            notice.purpose.code().into(),
            (&notice.number).into(),
            notice.window_from.into(),
            notice.window_until.into(),
            now.into(),
            notice.zone.as_ref().map(OperatorZone::name).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn move_window(
    tx: &mut Tx<'_>,
    case: CaseId,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), CallsError> {
    tx.execute(&MOVE_WINDOW, &[case.as_bytes().into(), from.into(), until.into()])?;
    Ok(())
}

pub(super) fn by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Notice>, CallsError> {
    Ok(many(tx, &BY_TOKEN, &[token.into()])?.pop())
}

pub(super) fn by_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Notice>, CallsError> {
    Ok(many(tx, &BY_CASE, &[case.as_bytes().into()])?.pop())
}

pub(super) fn of_customer(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    before: Option<NoticeId>,
    limit: usize,
) -> Result<Vec<Found>, CallsError> {
    let before = before.map_or([0xff; 16], |id| id.0);
    let args = [
        customer.as_bytes().into(),
        (&before).into(),
        (limit as i64).into(),
    ];
    Ok(tx.query(&OF_CUSTOMER, &args, |row| {
        let id = NoticeId(row.id16(0)?);
        Ok((id, read(row)))
    })?)
}

pub(crate) fn adopt(tx: &mut Tx<'_>, case: CaseId, customer: CustomerId) -> Result<(), CallsError> {
    tx.execute(&ADOPT, &[case.as_bytes().into(), customer.as_bytes().into()])?;
    Ok(())
}

fn many(tx: &mut Tx<'_>, sql: &Sql, args: &[Value<'_>]) -> Result<Vec<Notice>, CallsError> {
    tx.query(sql, args, |row| Ok(read(row)))?.into_iter().collect()
}

fn read(row: &Row<'_>) -> Result<Notice, CallsError> {
    let (purpose, state, zone) = (row.text(4)?, row.text(8)?, row.opt_text(9)?);
    let corrupt = |what, found: &str| CallsError::Corrupt {
        what,
        found: found.into(),
    };
    Ok(Notice {
        id: NoticeId(row.id16(0)?),
        case: CaseId(row.id16(1)?),
        customer: row.opt_id16(2)?.map(CustomerId),
        token: row.text(3)?,
        purpose: Purpose::from_code(&purpose).ok_or_else(|| corrupt("purpose", &purpose))?,
        zone: zone.and_then(|name| OperatorZone::named(&name).ok()),
        number: row.text(5)?,
        window_from: row.time(6)?,
        window_until: row.time(7)?,
        state: NoticeState::of(CaseState::from_code(&state).ok_or_else(|| corrupt("state", &state))?),
    })
}
