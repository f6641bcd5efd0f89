use super::case::{Case, CaseKind, CaseOutcome, CaseState};
use super::list::Unreadable;
use super::timeline::{Happening, TimelineItem};
use crate::CallsError;
use base::{CallId, CaseId, CustomerId, Timestamp};
use store::{Row, Sql, Tx, Value};

macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "id, kind, subject, round, customer, state, priority, due_us, any_hour, deadline_us, attempts,
             max_attempts, line_failures, outcome, created_at_us, concluded_at_us",
            $after
        )
    };
}

store::statements! {
    INSERT = columns!("INSERT INTO call_case (", ")
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT (kind, subject, round) DO NOTHING");
    FIND = columns!("SELECT ", " FROM call_case WHERE id = $1");
    FIND_BY_KIND = columns!("SELECT ", " FROM call_case WHERE kind = $1 AND subject = $2
        ORDER BY round DESC LIMIT 1");
    LIST = columns!("SELECT ", " FROM call_case WHERE id < $1 ORDER BY id DESC LIMIT $2");
    LIST_IN_STATE = columns!("SELECT ", " FROM call_case WHERE state = $3 AND id < $1 ORDER BY id DESC LIMIT $2");
    OF_CUSTOMER = columns!("SELECT ", " FROM call_case WHERE customer = $1 ORDER BY id DESC LIMIT $2");
    DUE = columns!("SELECT ", " FROM call_case WHERE state = 'waiting' AND due_us <= $1
        ORDER BY priority DESC, due_us, id LIMIT $2 OFFSET $3");
    LONGEST_DUE = columns!("SELECT ", " FROM call_case WHERE state = 'waiting' AND due_us <= $1
        ORDER BY due_us, id LIMIT $2");
    COUNT = "SELECT COUNT(*) FROM (SELECT id FROM call_case WHERE state = $1 LIMIT $2) AS counted";
    /// The guard: of two who planned with what they read, the second changes nothing.
    UPDATE = "UPDATE call_case SET state = $3, due_us = $4, any_hour = $5, deadline_us = $6, attempts = $7,
        line_failures = $8, outcome = $9, concluded_at_us = $10 WHERE id = $1 AND state = $2";
    OF_SUBJECT = columns!("SELECT ", " FROM call_case WHERE kind = $1 AND subject = $2 ORDER BY round LIMIT 100");
    ADOPT = "UPDATE call_case SET customer = $2 WHERE id = $1 AND customer IS NULL";
    EXTEND = "UPDATE call_case SET deadline_us = $2 WHERE id = $1 AND deadline_us < $2";
    INSERT_EVENT = "INSERT INTO call_event (id, case_id, call_id, at_us, kind, detail)
        VALUES ($1, $2, $3, $4, $5, $6)";
    EVENTS = "SELECT at_us, call_id, kind, detail FROM call_event WHERE case_id = $1
        ORDER BY at_us, id LIMIT $2";
}

/// `false` when the subject has a case of this kind.
pub(super) fn insert(tx: &mut Tx<'_>, case: &Case) -> Result<bool, CallsError> {
    let rows = tx.execute(
        &INSERT,
        &[
            case.id.as_bytes().into(),
            case.kind.code().into(),
            case.kind.subject().to_vec().into(),
            i64::from(case.round).into(),
            case.customer.as_ref().map(CustomerId::as_bytes).into(),
            case.state.code().into(),
            case.priority.into(),
            case.due.into(),
            case.any_hour.into(),
            case.deadline.into(),
            i64::from(case.attempts).into(),
            i64::from(case.max_attempts).into(),
            i64::from(case.line_failures).into(),
            case.outcome.map(CaseOutcome::code).into(),
            case.created_at.into(),
            case.concluded_at.into(),
        ],
    )?;
    Ok(rows == 1)
}

pub(super) fn find(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Case>, CallsError> {
    one(tx, &FIND, &[case.as_bytes().into()])
}

pub(super) fn find_by_kind(tx: &mut Tx<'_>, kind: CaseKind) -> Result<Option<Case>, CallsError> {
    one(
        tx,
        &FIND_BY_KIND,
        &[kind.code().into(), kind.subject().to_vec().into()],
    )
}

pub(super) fn list(
    tx: &mut Tx<'_>,
    state: Option<CaseState>,
    before: Option<CaseId>,
    limit: usize,
) -> Result<Vec<Result<Case, Unreadable>>, CallsError> {
    let before = before.map_or([0xff; 16], |case| case.0);
    let limit = limit as i64;
    match state {
        None => each(tx, &LIST, &[(&before).into(), limit.into()]),
        Some(state) => each(
            tx,
            &LIST_IN_STATE,
            &[(&before).into(), limit.into(), state.code().into()],
        ),
    }
}

pub(super) fn of_customer(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    limit: usize,
) -> Result<Vec<Result<Case, Unreadable>>, CallsError> {
    each(
        tx,
        &OF_CUSTOMER,
        &[customer.as_bytes().into(), (limit as i64).into()],
    )
}

/// The most urgent first.
pub(super) fn due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    limit: usize,
    skip: usize,
) -> Result<Vec<Result<Case, Unreadable>>, CallsError> {
    each(
        tx,
        &DUE,
        &[now.into(), (limit as i64).into(), (skip as i64).into()],
    )
}

/// Those that wait longest first, however urgent.
pub(super) fn longest_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Result<Case, Unreadable>>, CallsError> {
    each(tx, &LONGEST_DUE, &[now.into(), (limit as i64).into()])
}

pub(super) fn count(tx: &mut Tx<'_>, state: CaseState, most: usize) -> Result<usize, CallsError> {
    let args = [state.code().into(), (most as i64).into()];
    Ok(tx.query_one(&COUNT, &args, |row| row.int(0))? as usize)
}

/// Writes what changes of a case; `false` when it has left the state it was read in.
pub(crate) fn update(tx: &mut Tx<'_>, was: CaseState, case: &Case) -> Result<bool, CallsError> {
    let rows = tx.execute(
        &UPDATE,
        &[
            case.id.as_bytes().into(),
            was.code().into(),
            case.state.code().into(),
            case.due.into(),
            case.any_hour.into(),
            case.deadline.into(),
            i64::from(case.attempts).into(),
            i64::from(case.line_failures).into(),
            case.outcome.map(CaseOutcome::code).into(),
            case.concluded_at.into(),
        ],
    )?;
    Ok(rows == 1)
}

pub(crate) fn extend(tx: &mut Tx<'_>, case: CaseId, deadline: Timestamp) -> Result<(), CallsError> {
    tx.execute(&EXTEND, &[case.as_bytes().into(), deadline.into()])?;
    Ok(())
}

/// Every round about this subject.
pub(super) fn of_subject(tx: &mut Tx<'_>, kind: CaseKind) -> Result<Vec<Case>, CallsError> {
    many(
        tx,
        &OF_SUBJECT,
        &[kind.code().into(), kind.subject().to_vec().into()],
    )
}

pub(super) fn adopt(tx: &mut Tx<'_>, case: CaseId, customer: CustomerId) -> Result<(), CallsError> {
    tx.execute(&ADOPT, &[case.as_bytes().into(), customer.as_bytes().into()])?;
    Ok(())
}

pub(super) fn insert_event(
    tx: &mut Tx<'_>,
    id: [u8; 16],
    case: CaseId,
    call: Option<CallId>,
    at: Timestamp,
    happening: Happening,
    detail: &str,
) -> Result<(), CallsError> {
    tx.execute(
        &INSERT_EVENT,
        &[
            (&id).into(),
            case.as_bytes().into(),
            call.as_ref().map(CallId::as_bytes).into(),
            at.into(),
            happening.code().into(),
            detail.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn events(tx: &mut Tx<'_>, case: CaseId, limit: usize) -> Result<Vec<TimelineItem>, CallsError> {
    let rows = tx.query(&EVENTS, &[case.as_bytes().into(), (limit as i64).into()], |row| {
        Ok((row.time(0)?, row.opt_id16(1)?, row.text(2)?, row.text(3)?))
    })?;
    rows.into_iter()
        .map(|(at, call, kind, detail)| {
            let happening = Happening::from_code(&kind).ok_or(CallsError::Corrupt {
                what: "happening",
                found: kind,
            })?;
            Ok(TimelineItem {
                at,
                call: call.map(CallId),
                happening,
                detail,
            })
        })
        .collect()
}

fn one(tx: &mut Tx<'_>, sql: &Sql, args: &[Value<'_>]) -> Result<Option<Case>, CallsError> {
    Ok(many(tx, sql, args)?.into_iter().next())
}

fn many(tx: &mut Tx<'_>, sql: &Sql, args: &[Value<'_>]) -> Result<Vec<Case>, CallsError> {
    // A stored word that nobody knows is a corrupt row, not a database failure.
    tx.query(sql, args, |row| Ok(read(row)))?.into_iter().collect()
}

/// Each row by itself: one that cannot be read hides no other.
fn each(tx: &mut Tx<'_>, sql: &Sql, args: &[Value<'_>]) -> Result<Vec<Result<Case, Unreadable>>, CallsError> {
    Ok(tx.query(sql, args, |row| {
        let case = CaseId(row.id16(0)?);
        Ok(read(row).map_err(|why| Unreadable { case, why }))
    })?)
}

fn read(row: &Row<'_>) -> Result<Case, CallsError> {
    let (kind, state, outcome) = (row.text(1)?, row.text(5)?, row.opt_text(13)?);
    let corrupt = |what, found: &str| CallsError::Corrupt {
        what,
        found: found.into(),
    };
    Ok(Case {
        id: CaseId(row.id16(0)?),
        kind: CaseKind::read(&kind, row.id16(2)?).ok_or_else(|| corrupt("kind of case", &kind))?,
        round: row.int(3)? as u32,
        customer: row.opt_id16(4)?.map(CustomerId),
        state: CaseState::from_code(&state).ok_or_else(|| corrupt("state of a case", &state))?,
        priority: row.int(6)?,
        due: row.time(7)?,
        any_hour: row.bool(8)?,
        deadline: row.time(9)?,
        attempts: row.int(10)? as u32,
        max_attempts: row.int(11)? as u32,
        line_failures: row.int(12)? as u32,
        outcome: outcome
            .map(|outcome| CaseOutcome::from_code(&outcome).ok_or_else(|| corrupt("outcome", &outcome)))
            .transpose()?,
        created_at: row.time(14)?,
        concluded_at: row.opt_time(15)?,
    })
}
