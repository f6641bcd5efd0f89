use super::{Action, Ended, Past, Request, RequestId};
use crate::SecurityError;
use base::{StaffId, Timestamp};
use store::{DbError, Row, Tx};

store::statements! {
    INSERT = "INSERT INTO staff_request (id, action, subject, payload, reason, requested_by, requested_at,
            expires_at, open_key)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (open_key) DO NOTHING";
    GET = "SELECT id, action, subject, payload, reason, requested_by, requested_at, expires_at, outcome
        FROM staff_request WHERE id = $1";
    OPEN = "SELECT id, action, subject, payload, reason, requested_by, requested_at, expires_at, outcome
        FROM staff_request WHERE open_key IS NOT NULL AND expires_at > $1
        ORDER BY requested_at, id LIMIT $2";
    OPEN_FOR = "SELECT id, action, subject, payload, reason, requested_by, requested_at, expires_at, outcome
        FROM staff_request WHERE open_key = $1 AND expires_at > $2";
    CLOSE = "UPDATE staff_request SET outcome = $2, decided_by = $3, decided_at = $4, decision_reason = $5,
            open_key = NULL
        WHERE id = $1 AND outcome IS NULL";
    WITHDRAW = "UPDATE staff_request SET outcome = 'withdrawn', decided_by = requested_by, decided_at = $3,
            open_key = NULL
        WHERE requested_by = $1 AND action = $2 AND open_key IS NOT NULL AND expires_at > $3";
    FOLLOW = "UPDATE staff_request
        SET expires_at = CASE WHEN requested_at + $3 < $2 THEN requested_at + $3 ELSE $2 END
        WHERE open_key = $1";
    OVERTAKE = "UPDATE staff_request SET outcome = 'overtaken', decided_at = $2, open_key = NULL
        WHERE open_key = $1 AND expires_at > $2";
    DECIDED = "SELECT id, action, subject, payload, reason, requested_by, requested_at, expires_at, outcome,
            decided_by, decided_at, decision_reason
        FROM staff_request WHERE decided_at IS NOT NULL ORDER BY decided_at DESC, id DESC LIMIT $1";
    FORGET = "DELETE FROM staff_request WHERE id IN
        (SELECT id FROM staff_request WHERE decided_at < $1 ORDER BY decided_at LIMIT $2)";
    EXPIRE_OLD = "UPDATE staff_request SET outcome = 'expired', decided_at = expires_at, open_key = NULL
        WHERE id IN (SELECT id FROM staff_request WHERE open_key IS NOT NULL AND expires_at <= $1 LIMIT $2)";
    EXPIRE = "UPDATE staff_request SET outcome = 'expired', decided_at = $2, open_key = NULL
        WHERE open_key = $1 AND expires_at <= $2";
}

pub fn insert(tx: &mut Tx, new: &Request, open_key: &str) -> Result<bool, DbError> {
    let args = [
        (&new.id.0).into(),
        new.action.code().into(),
        (&new.subject).into(),
        (&new.payload).into(),
        (&new.reason).into(),
        (&new.requested_by.0).into(),
        new.requested_at.into(),
        new.expires_at.into(),
        open_key.into(),
    ];
    Ok(tx.execute(&INSERT, &args)? == 1)
}

/// The request, and whether it was decided.
pub fn get(tx: &mut Tx, id: RequestId) -> Result<Option<(Request, bool)>, SecurityError> {
    let found = tx.query_opt(&GET, &[(&id.0).into()], columns)?;
    found.map(Columns::into_request).transpose()
}

pub fn open(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Request>, SecurityError> {
    tx.query(&OPEN, &[now.into(), limit.into()], columns)?
        .into_iter()
        .map(|columns| Ok(columns.into_request()?.0))
        .collect()
}

pub fn open_for(tx: &mut Tx, open_key: &str, now: Timestamp) -> Result<Option<Request>, SecurityError> {
    let found = tx.query_opt(&OPEN_FOR, &[open_key.into(), now.into()], columns)?;
    found.map(|columns| Ok(columns.into_request()?.0)).transpose()
}

pub fn close(
    tx: &mut Tx,
    id: RequestId,
    outcome: &str,
    by: StaffId,
    why: Option<&str>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let args = [
        (&id.0).into(),
        outcome.into(),
        (&by.0).into(),
        now.into(),
        why.into(),
    ];
    Ok(tx.execute(&CLOSE, &args)? == 1)
}

/// Ends what a member asked for of this kind and nobody decided; returns how many.
pub fn withdraw(tx: &mut Tx, staff: StaffId, action: Action, now: Timestamp) -> Result<u64, DbError> {
    let args = [(&staff.0).into(), action.code().into(), now.into()];
    tx.execute(&WITHDRAW, &args)
}

/// Requests that are over, the latest first.
pub fn decided(tx: &mut Tx, limit: i64) -> Result<Vec<Past>, SecurityError> {
    tx.query(&DECIDED, &[limit.into()], |row| {
        let end = (row.opt_id16(9)?, row.time(10)?, row.opt_text(11)?);
        Ok((columns(row)?, end))
    })?
    .into_iter()
    .map(|(columns, (by, at, reason))| {
        let ended = columns.outcome.clone().unwrap_or_default();
        Ok(Past {
            request: columns.into_request()?.0,
            ended: Ended::from_code(&ended).ok_or_else(|| SecurityError::damaged("staff_request", ended))?,
            by: by.map(StaffId),
            at,
            reason: reason.unwrap_or_default(),
        })
    })
    .collect()
}

/// Deletes what was decided before, at most `max`; what nobody decided in time ends first.
pub fn forget(tx: &mut Tx, now: Timestamp, before: Timestamp, max: i64) -> Result<u64, DbError> {
    tx.execute(&EXPIRE_OLD, &[now.into(), max.into()])?;
    tx.execute(&FORGET, &[before.into(), max.into()])
}

pub fn expire(tx: &mut Tx, open_key: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&EXPIRE, &[open_key.into(), now.into()]).map(drop)
}

pub fn follow(tx: &mut Tx, open_key: &str, ends_by: Timestamp) -> Result<(), DbError> {
    let valid_us = super::VALID_SECS * 1_000_000;
    tx.execute(&FOLLOW, &[open_key.into(), ends_by.into(), valid_us.into()])
        .map(drop)
}

/// What ran out before is left to [`expire`].
pub fn overtake(tx: &mut Tx, open_key: &str, now: Timestamp) -> Result<u64, DbError> {
    tx.execute(&OVERTAKE, &[open_key.into(), now.into()])
}

struct Columns {
    id: [u8; 16],
    action: String,
    subject: String,
    payload: String,
    reason: String,
    requested_by: [u8; 16],
    requested_at: Timestamp,
    expires_at: Timestamp,
    outcome: Option<String>,
}

fn columns(row: &Row) -> Result<Columns, DbError> {
    Ok(Columns {
        id: row.id16(0)?,
        action: row.text(1)?,
        subject: row.text(2)?,
        payload: row.text(3)?,
        reason: row.text(4)?,
        requested_by: row.id16(5)?,
        requested_at: row.time(6)?,
        expires_at: row.time(7)?,
        outcome: row.opt_text(8)?,
    })
}

impl Columns {
    fn into_request(self) -> Result<(Request, bool), SecurityError> {
        let action = self.action.parse();
        let request = Request {
            id: RequestId(self.id),
            action: action.map_err(|_| SecurityError::damaged("staff_request", self.action))?,
            subject: self.subject,
            payload: self.payload,
            reason: self.reason,
            requested_by: StaffId(self.requested_by),
            requested_at: self.requested_at,
            expires_at: self.expires_at,
        };
        Ok((request, self.outcome.is_some()))
    }
}
