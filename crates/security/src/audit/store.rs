use super::Entry;
use super::entry::Linked;
use store::{DbError, Row, Tx};

store::statements! {
    FOUND_HEAD = "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING";
    /// Takes the head's row: who appends next waits for this transaction.
    ADVANCE_HEAD = "UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash";
    SET_HEAD = "UPDATE audit_head SET hash = $2 WHERE id = 1 AND seq = $1";
    HEAD = "SELECT seq, hash FROM audit_head WHERE id = 1";
    INSERT = "INSERT INTO audit_entry (seq, at, actor, action, subject, detail, previous, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    AFTER = "SELECT seq, at, actor, action, subject, detail, previous, hash FROM audit_entry
        WHERE seq > $1 ORDER BY seq LIMIT $2";
    RECENT = "SELECT seq, at, actor, action, subject, detail, previous, hash FROM audit_entry
        WHERE seq < $1 ORDER BY seq DESC LIMIT $2";
    OF_SUBJECT = "SELECT seq, at, actor, action, subject, detail, previous, hash FROM audit_entry
        WHERE subject = $1 ORDER BY seq LIMIT $2";
}

pub fn found_head(tx: &mut Tx, genesis: &[u8; 32]) -> Result<(), DbError> {
    tx.execute(&FOUND_HEAD, &[genesis.into()]).map(drop)
}

/// The number of the next entry, and the hash that it follows.
pub fn advance_head(tx: &mut Tx) -> Result<(i64, Vec<u8>), DbError> {
    tx.query_one(&ADVANCE_HEAD, &[], |row| Ok((row.int(0)?, row.bytes(1)?)))
}

pub fn set_head(tx: &mut Tx, seq: i64, hash: &[u8; 32]) -> Result<bool, DbError> {
    Ok(tx.execute(&SET_HEAD, &[seq.into(), hash.into()])? == 1)
}

pub fn head(tx: &mut Tx) -> Result<Option<(i64, Vec<u8>)>, DbError> {
    tx.query_opt(&HEAD, &[], |row| Ok((row.int(0)?, row.bytes(1)?)))
}

pub fn insert(tx: &mut Tx, entry: &Entry, previous: &[u8], hash: &[u8; 32]) -> Result<(), DbError> {
    let args = [
        entry.seq.into(),
        entry.at.into(),
        (&entry.actor).into(),
        (&entry.action).into(),
        (&entry.subject).into(),
        (&entry.detail).into(),
        previous.into(),
        hash.into(),
    ];
    tx.execute(&INSERT, &args).map(drop)
}

pub fn after(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<Linked>, DbError> {
    tx.query(&AFTER, &[seq.into(), limit.into()], linked)
}

pub fn recent(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<Linked>, DbError> {
    tx.query(&RECENT, &[before.into(), limit.into()], linked)
}

pub fn of_subject(tx: &mut Tx, subject: &str, limit: i64) -> Result<Vec<Linked>, DbError> {
    tx.query(&OF_SUBJECT, &[subject.into(), limit.into()], linked)
}

fn linked(row: &Row) -> Result<Linked, DbError> {
    let entry = Entry {
        seq: row.int(0)?,
        at: row.time(1)?,
        actor: row.text(2)?,
        action: row.text(3)?,
        subject: row.text(4)?,
        detail: row.text(5)?,
    };
    Ok(Linked {
        entry,
        previous: row.bytes(6)?,
        hash: row.bytes(7)?,
    })
}
