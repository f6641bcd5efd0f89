use super::{Count, Subject};
use base::Timestamp;
use store::{DbError, Tx};

store::statements! {
    /// The update changes nothing: it takes the row's lock and reads it in one step.
    LOCK = "INSERT INTO lockout (subject, failed, times, locked_until, last_attempt_at)
        VALUES ($1, 0, 0, 0, $2)
        ON CONFLICT (subject) DO UPDATE SET failed = lockout.failed
        RETURNING failed, times, locked_until, last_attempt_at";
    SAVE = "UPDATE lockout SET failed = $2, times = $3, locked_until = $4, last_attempt_at = $5
        WHERE subject = $1";
    FORGET = "DELETE FROM lockout WHERE subject = $1";
    SWEEP = "DELETE FROM lockout WHERE subject IN (
        SELECT subject FROM lockout WHERE last_attempt_at < $1 AND locked_until < $1
        ORDER BY last_attempt_at LIMIT $2)";
}

pub fn lock(tx: &mut Tx, subject: Subject, now: Timestamp) -> Result<Count, DbError> {
    tx.query_one(&LOCK, &[(&subject.0).into(), now.into()], |row| {
        Ok(Count {
            failed: row.int(0)?,
            times: row.int(1)?,
            locked_until: row.time(2)?,
            last_attempt_at: row.time(3)?,
        })
    })
}

pub fn save(tx: &mut Tx, subject: Subject, count: &Count, now: Timestamp) -> Result<(), DbError> {
    let args = [
        (&subject.0).into(),
        count.failed.into(),
        count.times.into(),
        count.locked_until.into(),
        now.into(),
    ];
    tx.execute(&SAVE, &args).map(drop)
}

pub fn forget(tx: &mut Tx, subject: Subject) -> Result<(), DbError> {
    tx.execute(&FORGET, &[(&subject.0).into()]).map(drop)
}

pub fn sweep(tx: &mut Tx, before: Timestamp, max: i64) -> Result<u64, DbError> {
    tx.execute(&SWEEP, &[before.into(), max.into()])
}
