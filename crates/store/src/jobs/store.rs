use super::{Job, JobId, Lease, NewJob};
use crate::{DbError, Row, Tx};
use base::Timestamp;

#[derive(Clone, Copy)]
pub(super) enum State {
    Done = 1,
    GivenUp = 2,
}

crate::statements! {
    INSERT = "INSERT INTO jobs
        (id, kind, unique_key, body, state, created_at_us, due_at_us, attempts, max_attempts, leased_until_us)
        VALUES ($1, $2, $3, $4, 0, $5, $6, 0, $7, 0) ON CONFLICT (kind, unique_key) DO NOTHING";
    CANCEL = "DELETE FROM jobs WHERE kind = $1 AND unique_key = $2 AND state = 0";
    CLAIM = "UPDATE jobs SET lease = $2, leased_until_us = $4, attempts = attempts + 1
        WHERE kind = $1 AND state = 0 AND due_at_us <= $3 AND leased_until_us <= $3 AND id IN (
            SELECT id FROM jobs WHERE kind = $1 AND state = 0 AND due_at_us <= $3 AND leased_until_us <= $3
            ORDER BY due_at_us LIMIT $5)
        RETURNING id, kind, unique_key, body, attempts, max_attempts, lease";
    FINISH = "UPDATE jobs SET state = $3, finished_at_us = $4, last_error = $5, lease = NULL
        WHERE id = $1 AND lease = $2 AND state = 0";
    POSTPONE = "UPDATE jobs SET due_at_us = $3, leased_until_us = 0, lease = NULL, last_error = $4
        WHERE id = $1 AND lease = $2 AND state = 0";
    BACKLOG = "SELECT kind, CAST(SUM(CASE WHEN state = 0 THEN 1 ELSE 0 END) AS BIGINT),
        CAST(SUM(CASE WHEN state = 2 THEN 1 ELSE 0 END) AS BIGINT) FROM jobs GROUP BY kind ORDER BY kind";
    FAILING = "SELECT kind, COUNT(*) FROM jobs WHERE state = 0 AND last_error IS NOT NULL
        GROUP BY kind ORDER BY kind";
    FORGET = "DELETE FROM jobs WHERE id IN
        (SELECT id FROM jobs WHERE finished_at_us < $1 ORDER BY finished_at_us LIMIT $2)";
}

pub(super) fn insert(tx: &mut Tx<'_>, id: JobId, job: &NewJob, now: Timestamp) -> Result<bool, DbError> {
    let args = [
        id.as_bytes().into(),
        job.kind.into(),
        (&job.unique_key).into(),
        (&job.body).into(),
        now.into(),
        job.due.into(),
        i64::from(job.max_attempts).into(),
    ];
    Ok(tx.execute(&INSERT, &args)? == 1)
}

pub(super) fn cancel(tx: &mut Tx<'_>, kind: &str, unique_key: &str) -> Result<bool, DbError> {
    Ok(tx.execute(&CANCEL, &[kind.into(), unique_key.into()])? == 1)
}

pub(super) fn claim(
    tx: &mut Tx<'_>,
    kind: &str,
    lease: Lease,
    now: Timestamp,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<Job>, DbError> {
    let args = [
        kind.into(),
        lease.as_bytes().into(),
        now.into(),
        until.into(),
        (limit as i64).into(),
    ];
    tx.query(&CLAIM, &args, read)
}

pub(super) fn finish(
    tx: &mut Tx<'_>,
    job: &Job,
    state: State,
    now: Timestamp,
    error: Option<&String>,
) -> Result<bool, DbError> {
    let error = error.map(String::as_str);
    let args = [
        job.id.as_bytes().into(),
        job.lease.as_bytes().into(),
        (state as i64).into(),
        now.into(),
        error.into(),
    ];
    Ok(tx.execute(&FINISH, &args)? == 1)
}

pub(super) fn postpone(tx: &mut Tx<'_>, job: &Job, due: Timestamp, error: &str) -> Result<bool, DbError> {
    let args = [
        job.id.as_bytes().into(),
        job.lease.as_bytes().into(),
        due.into(),
        error.into(),
    ];
    Ok(tx.execute(&POSTPONE, &args)? == 1)
}

pub(super) fn backlog(tx: &mut Tx<'_>) -> Result<Vec<(String, i64, i64)>, DbError> {
    tx.query(&BACKLOG, &[], |row| Ok((row.text(0)?, row.int(1)?, row.int(2)?)))
}

pub(super) fn failing(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, DbError> {
    tx.query(&FAILING, &[], |row| Ok((row.text(0)?, row.int(1)?)))
}

pub(super) fn forget_ended(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<u64, DbError> {
    tx.execute(&FORGET, &[before.into(), max.into()])
}

fn read(row: &Row<'_>) -> Result<Job, DbError> {
    Ok(Job {
        id: JobId(row.id16(0)?),
        kind: row.text(1)?,
        unique_key: row.text(2)?,
        body: row.text(3)?,
        attempt: row.int(4)? as u32,
        max_attempts: row.int(5)? as u32,
        lease: Lease(row.id16(6)?),
    })
}
