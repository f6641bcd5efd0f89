use super::{Backlog, Event, EventId, Troubled};
use crate::{DbError, Row, Tx};
use base::Timestamp;

/// After this many failures an event is left for a person to look at.
pub(super) const ATTEMPTS_MAX: i64 = 20;

crate::statements! {
    INSERT = "INSERT INTO outbox (id, topic, subject, body, created_at_us, due_at_us, attempts)
        VALUES ($1, $2, $3, $4, $5, $5, 0)";
    DUE = "SELECT id, attempts FROM outbox WHERE due_at_us <= $1 AND attempts < $2 ORDER BY due_at_us, id LIMIT $3";
    TAKE = "DELETE FROM outbox WHERE id = $1
        RETURNING id, topic, subject, body, created_at_us, attempts";
    TOPIC = "SELECT topic FROM outbox WHERE id = $1";
    SET_ASIDE = "UPDATE outbox SET due_at_us = $2 WHERE id = $1";
    FAIL = "UPDATE outbox SET attempts = attempts + 1, due_at_us = $2, last_error = $3 WHERE id = $1";
    BACKLOG = "SELECT COUNT(*), MIN(created_at_us),
        CAST(COALESCE(SUM(CASE WHEN attempts >= $1 THEN 1 ELSE 0 END), 0) AS BIGINT),
        CAST(COALESCE(SUM(CASE WHEN attempts > 0 AND attempts < $1 THEN 1 ELSE 0 END), 0) AS BIGINT)
        FROM outbox";
    TROUBLED = "SELECT topic, CAST(SUM(CASE WHEN attempts < $1 THEN 1 ELSE 0 END) AS BIGINT),
        CAST(SUM(CASE WHEN attempts >= $1 THEN 1 ELSE 0 END) AS BIGINT)
        FROM outbox WHERE attempts > 0 GROUP BY topic ORDER BY topic LIMIT $2";
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    id: EventId,
    topic: &str,
    subject: &[u8; 16],
    body: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        &INSERT,
        &[
            id.as_bytes().into(),
            topic.into(),
            subject.into(),
            body.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn due(tx: &mut Tx<'_>, now: Timestamp, limit: usize) -> Result<Vec<(EventId, u32)>, DbError> {
    tx.query(
        &DUE,
        &[now.into(), ATTEMPTS_MAX.into(), (limit as i64).into()],
        |row| Ok((EventId(row.id16(0)?), row.int(1)? as u32)),
    )
}

pub(super) fn topic(tx: &mut Tx<'_>, id: EventId) -> Result<Option<String>, DbError> {
    tx.query_opt(&TOPIC, &[id.as_bytes().into()], |row| row.text(0))
}

pub(super) fn set_aside(tx: &mut Tx<'_>, id: EventId, due: Timestamp) -> Result<(), DbError> {
    tx.execute(&SET_ASIDE, &[id.as_bytes().into(), due.into()])?;
    Ok(())
}

/// Removes the event and returns it, unless another has taken it.
pub(super) fn take(tx: &mut Tx<'_>, id: EventId) -> Result<Option<Event>, DbError> {
    tx.query_opt(&TAKE, &[id.as_bytes().into()], read)
}

pub(super) fn fail(tx: &mut Tx<'_>, id: EventId, due: Timestamp, error: &str) -> Result<(), DbError> {
    tx.execute(&FAIL, &[id.as_bytes().into(), due.into(), error.into()])?;
    Ok(())
}

pub(super) fn backlog(tx: &mut Tx<'_>) -> Result<Backlog, DbError> {
    tx.query_one(&BACKLOG, &[ATTEMPTS_MAX.into()], |row| {
        Ok(Backlog {
            waiting: row.int(0)?,
            oldest_at: row.opt_time(1)?,
            given_up: row.int(2)?,
            failing: row.int(3)?,
        })
    })
}

pub(super) fn troubled(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Troubled>, DbError> {
    tx.query(&TROUBLED, &[ATTEMPTS_MAX.into(), limit.into()], |row| {
        Ok(Troubled {
            topic: row.text(0)?,
            failing: row.int(1)?,
            given_up: row.int(2)?,
        })
    })
}

fn read(row: &Row<'_>) -> Result<Event, DbError> {
    Ok(Event {
        id: EventId(row.id16(0)?),
        topic: row.text(1)?,
        subject: row.id16(2)?,
        body: row.text(3)?,
        at: row.time(4)?,
        attempts: row.int(5)? as u32,
    })
}
