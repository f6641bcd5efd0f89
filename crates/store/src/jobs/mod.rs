//! Work with effects outside the database: a message, a call, a check. A job is written by the
//! transaction that wants it, leased by one worker at a time, and tried again with growing pauses.

mod runner;
mod store;
#[cfg(test)]
mod tests;

pub use runner::{run_due, start};
pub use store::ALL;

use crate::{DbError, Tx};
use base::{Ambient, Timestamp};

/// Raised when a job was committed.
pub const SIGNAL: &str = "jobs";

base::id_type!(
    /// One job.
    JobId
);
base::id_type!(
    /// One worker's hold on a job; a worker that was too slow finds that its lease is another's.
    Lease
);

/// A job to be written. The same kind and key make one job, however often it is asked for.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub kind: &'static str,
    pub unique_key: String,
    /// JSON.
    pub body: String,
    pub due: Timestamp,
    pub max_attempts: u32,
}

/// A job that this worker holds.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub unique_key: String,
    pub body: String,
    /// Counted from 1, crashes included.
    pub attempt: u32,
    pub max_attempts: u32,
    pub lease: Lease,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEnd {
    Done,
    /// Tried again after this pause, or after a growing one.
    Retry {
        error: String,
        after_ms: Option<u64>,
    },
    Abandon {
        error: String,
    },
}

impl NewJob {
    pub fn new(kind: &'static str, unique_key: &str, body: &str, due: Timestamp) -> Self {
        Self {
            kind,
            unique_key: unique_key.into(),
            body: body.into(),
            due,
            max_attempts: 10,
        }
    }
}

/// Writes a job; `false` when one of this kind and key exists already.
pub fn enqueue(tx: &mut Tx<'_>, ambient: &Ambient, job: NewJob) -> Result<bool, DbError> {
    let fresh = store::insert(tx, JobId::new(ambient), &job, ambient.now())?;
    tx.wake(SIGNAL);
    Ok(fresh)
}

/// Removes a job that nobody has finished; a worker under way finds its lease gone.
pub fn cancel(tx: &mut Tx<'_>, kind: &str, unique_key: &str) -> Result<bool, DbError> {
    store::cancel(tx, kind, unique_key)
}

/// Leases jobs that are due; each is held until `lease_ms` from now.
pub fn claim(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    kind: &str,
    limit: usize,
    lease_ms: i64,
) -> Result<Vec<Job>, DbError> {
    let now = ambient.now();
    store::claim(tx, kind, Lease::new(ambient), now, now.plus_ms(lease_ms), limit)
}

/// Records the end of an attempt; `false` when the lease has passed to another worker.
pub fn finish(tx: &mut Tx<'_>, ambient: &Ambient, job: &Job, end: &JobEnd) -> Result<bool, DbError> {
    let now = ambient.now();
    match end {
        JobEnd::Done => store::finish(tx, job, store::State::Done, now, None),
        JobEnd::Abandon { error } => store::finish(tx, job, store::State::GivenUp, now, Some(error)),
        JobEnd::Retry { error, .. } if job.attempt >= job.max_attempts => {
            store::finish(tx, job, store::State::GivenUp, now, Some(error))
        }
        JobEnd::Retry { error, after_ms } => {
            let pause_ms = after_ms.map_or_else(|| pause_ms(job.attempt, ambient), |ms| ms as i64);
            store::postpone(tx, job, now.plus_ms(pause_ms), error)
        }
    }
}

/// How many jobs wait and how many were given up, for health and metrics.
pub fn backlog(tx: &mut Tx<'_>) -> Result<Vec<(String, i64, i64)>, DbError> {
    store::backlog(tx)
}

/// Jobs by kind that have failed and are tried again.
pub fn failing(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, DbError> {
    store::failing(tx)
}

/// Forgets jobs that ended before `before`, done or given up, at most `max`; returns how many.
pub fn forget_ended(tx: &mut Tx<'_>, before: Timestamp, max: i64) -> Result<u64, DbError> {
    store::forget_ended(tx, before, max)
}

/// One second, doubling up to an hour, and up to a quarter more so that many do not return at once.
fn pause_ms(attempt: u32, ambient: &Ambient) -> i64 {
    let pause = (1_000_i64 << attempt.saturating_sub(1).min(12)).min(3_600_000);
    pause + ambient.rng.below(pause as u64 / 4 + 1) as i64
}
