use super::{Device, DeviceId, OpenSession, Session, SessionId, SessionPolicy};
use crate::logins::{Who, who};
use crate::{SecurityError, Token};
use base::{LoginId, Timestamp};
use store::{DbError, Row, Tx};

store::statements! {
    INSERT = "INSERT INTO session (id, token_hash, login, device, csrf, opened_at, last_seen_at, idle_us,
            absolute_until)
        VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8)";
    FIND = "SELECT n.id, n.login, l.customer, l.staff, s.role, n.device, d.enrolled_at,
            n.second_factor_at, n.csrf, n.last_seen_at
        FROM session n
        JOIN login l ON l.id = n.login
        JOIN device d ON d.id = n.device
        LEFT JOIN staff_member s ON s.id = l.staff
        WHERE n.token_hash = $1 AND n.ended_at IS NULL AND n.absolute_until > $2
            AND n.last_seen_at + n.idle_us > $2 AND COALESCE(s.active, 1) = 1";
    TOUCH = "UPDATE session SET last_seen_at = $2 WHERE id = $1 AND ended_at IS NULL AND last_seen_at < $2";
    RAISE = "UPDATE session SET token_hash = $2, second_factor_at = $3, last_seen_at = $3
        WHERE id = $1 AND ended_at IS NULL AND absolute_until > $3 AND last_seen_at + idle_us > $3";
    END = "UPDATE session SET ended_at = $3 WHERE id = $1 AND login = $2 AND ended_at IS NULL";
    END_ALL = "UPDATE session SET ended_at = $3 WHERE login = $1 AND id <> $2 AND ended_at IS NULL";
    END_OF_DEVICE = "UPDATE session SET ended_at = $3 WHERE login = $1 AND device = $2 AND ended_at IS NULL";
    LIST = "SELECT n.id, n.device, d.label, n.opened_at, n.last_seen_at,
            CAST(CASE WHEN n.second_factor_at IS NULL THEN 0 ELSE 1 END AS BIGINT)
        FROM session n JOIN device d ON d.id = n.device
        WHERE n.login = $1 AND n.ended_at IS NULL AND n.absolute_until > $2
            AND n.last_seen_at + n.idle_us > $2
        ORDER BY n.last_seen_at DESC, n.id DESC LIMIT $3";
    SWEEP = "DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE absolute_until < $1 ORDER BY absolute_until LIMIT $2)";
    INSERT_DEVICE = "INSERT INTO device (id, login, token_hash, label, first_seen_at, last_seen_at)
        VALUES ($1, $2, $3, $4, $5, $5)";
    SEE_PROGRAM = "INSERT INTO device (id, login, token_hash, label, first_seen_at, last_seen_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (id) DO UPDATE SET label = excluded.label, last_seen_at = excluded.last_seen_at,
            removed_at = NULL";
    /// A session without its device would be listed by nobody.
    SWEEP_DEVICES = "DELETE FROM device WHERE id IN (
        SELECT d.id FROM device d
        WHERE d.last_seen_at < $1 AND (d.enrolled_at IS NULL OR d.last_seen_at < $2)
            AND NOT EXISTS (SELECT 1 FROM session n WHERE n.login = d.login AND n.device = d.id)
        ORDER BY d.last_seen_at LIMIT $3)";
    DEVICE_BY_TOKEN = "SELECT id, label, first_seen_at, last_seen_at, enrolled_at FROM device
        WHERE token_hash = $1 AND login = $2 AND removed_at IS NULL";
    SEE_DEVICE = "UPDATE device SET last_seen_at = $2 WHERE id = $1";
    ENROL_DEVICE = "UPDATE device SET enrolled_at = $2
        WHERE id = (SELECT device FROM session WHERE id = $1) AND enrolled_at IS NULL";
    DEVICES = "SELECT id, label, first_seen_at, last_seen_at, enrolled_at FROM device
        WHERE login = $1 AND removed_at IS NULL ORDER BY last_seen_at DESC, id DESC LIMIT $2";
    REMOVE_DEVICE = "UPDATE device SET removed_at = $3 WHERE login = $1 AND id = $2 AND removed_at IS NULL";
}

pub fn insert(
    tx: &mut Tx,
    session: &Session,
    token: &Token,
    policy: SessionPolicy,
    now: Timestamp,
) -> Result<(), DbError> {
    let idle_us = policy.idle_secs * 1_000_000;
    let args = [
        (&session.id.0).into(),
        token.hash().into(),
        (&session.login.0).into(),
        (&session.device.0).into(),
        (&session.csrf).into(),
        now.into(),
        idle_us.into(),
        now.plus_secs(policy.absolute_secs).into(),
    ];
    tx.execute(&INSERT, &args).map(drop)
}

pub fn find(tx: &mut Tx, token: &Token, now: Timestamp) -> Result<Option<Session>, SecurityError> {
    tx.query_opt(&FIND, &[token.hash().into(), now.into()], |row| {
        let owner = (row.opt_id16(2)?, row.opt_id16(3)?, row.opt_text(4)?);
        let with = |who: Who| -> Result<Session, DbError> {
            Ok(Session {
                id: SessionId(row.id16(0)?),
                login: LoginId(row.id16(1)?),
                who,
                device: DeviceId(row.id16(5)?),
                device_enrolled_at: row.opt_time(6)?,
                second_factor_at: row.opt_time(7)?,
                csrf: row.text(8)?,
                last_seen_at: row.time(9)?,
                api: false,
            })
        };
        match who(owner.0, owner.1, owner.2) {
            Ok(who) => with(who).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    })?
    .transpose()
}

pub fn touch(tx: &mut Tx, session: &Session, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&TOUCH, &[(&session.id.0).into(), now.into()])?;
    see_device(tx, session.device, now)
}

pub fn raise(tx: &mut Tx, session: SessionId, token: &Token, now: Timestamp) -> Result<bool, DbError> {
    let args = [(&session.0).into(), token.hash().into(), now.into()];
    Ok(tx.execute(&RAISE, &args)? == 1)
}

pub fn end(tx: &mut Tx, login: LoginId, session: SessionId, now: Timestamp) -> Result<bool, DbError> {
    let args = [(&session.0).into(), (&login.0).into(), now.into()];
    Ok(tx.execute(&END, &args)? == 1)
}

pub fn end_all(tx: &mut Tx, login: LoginId, keep: Option<SessionId>, now: Timestamp) -> Result<(), DbError> {
    // No session has the id of zeros.
    let keep = keep.map_or([0; 16], |session| session.0);
    tx.execute(&END_ALL, &[(&login.0).into(), (&keep).into(), now.into()])
        .map(drop)
}

pub fn end_of_device(tx: &mut Tx, login: LoginId, device: DeviceId, now: Timestamp) -> Result<(), DbError> {
    let args = [(&login.0).into(), (&device.0).into(), now.into()];
    tx.execute(&END_OF_DEVICE, &args).map(drop)
}

pub fn list(tx: &mut Tx, login: LoginId, now: Timestamp, limit: i64) -> Result<Vec<OpenSession>, DbError> {
    tx.query(&LIST, &[(&login.0).into(), now.into(), limit.into()], |row| {
        Ok(OpenSession {
            id: SessionId(row.id16(0)?),
            device: DeviceId(row.id16(1)?),
            device_label: row.text(2)?,
            opened_at: row.time(3)?,
            last_seen_at: row.time(4)?,
            second_factor: row.bool(5)?,
        })
    })
}

pub fn sweep(tx: &mut Tx, before: Timestamp, max: i64) -> Result<u64, DbError> {
    tx.execute(&SWEEP, &[before.into(), max.into()])
}

pub fn sweep_devices(tx: &mut Tx, unproven: Timestamp, proven: Timestamp, max: i64) -> Result<u64, DbError> {
    tx.execute(&SWEEP_DEVICES, &[unproven.into(), proven.into(), max.into()])
}

/// The one device that stands for all programs of a login: it has the login's id.
pub fn see_program(
    tx: &mut Tx,
    login: LoginId,
    token: &Token,
    label: &str,
    now: Timestamp,
) -> Result<DeviceId, DbError> {
    let args = [
        (&login.0).into(),
        (&login.0).into(),
        token.hash().into(),
        label.into(),
        now.into(),
    ];
    tx.execute(&SEE_PROGRAM, &args)?;
    Ok(DeviceId(login.0))
}

pub fn insert_device(tx: &mut Tx, login: LoginId, device: &Device, token: &Token) -> Result<(), DbError> {
    let args = [
        (&device.id.0).into(),
        (&login.0).into(),
        token.hash().into(),
        (&device.label).into(),
        device.first_seen_at.into(),
    ];
    tx.execute(&INSERT_DEVICE, &args).map(drop)
}

pub fn device_by_token(tx: &mut Tx, login: LoginId, token: &Token) -> Result<Option<Device>, DbError> {
    tx.query_opt(
        &DEVICE_BY_TOKEN,
        &[token.hash().into(), (&login.0).into()],
        device,
    )
}

pub fn see_device(tx: &mut Tx, id: DeviceId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&SEE_DEVICE, &[(&id.0).into(), now.into()]).map(drop)
}

pub fn enrol_device(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&ENROL_DEVICE, &[(&session.0).into(), now.into()])
        .map(drop)
}

pub fn devices(tx: &mut Tx, login: LoginId, limit: i64) -> Result<Vec<Device>, DbError> {
    tx.query(&DEVICES, &[(&login.0).into(), limit.into()], device)
}

pub fn remove_device(tx: &mut Tx, login: LoginId, id: DeviceId, now: Timestamp) -> Result<bool, DbError> {
    let args = [(&login.0).into(), (&id.0).into(), now.into()];
    Ok(tx.execute(&REMOVE_DEVICE, &args)? == 1)
}

fn device(row: &Row) -> Result<Device, DbError> {
    Ok(Device {
        id: DeviceId(row.id16(0)?),
        label: row.text(1)?,
        first_seen_at: row.time(2)?,
        last_seen_at: row.time(3)?,
        enrolled_at: row.opt_time(4)?,
    })
}
