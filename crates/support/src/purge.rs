//! What is old enough is forgotten: a durable job for each day, in bounded bites, so that nobody
//! waits behind a large deletion and a crash in between loses nothing.

use crate::{SupportError, notify};
use base::{Ambient, Timestamp};
use security::four_eyes;
use store::jobs::{self, Job, JobEnd, NewJob};
use store::{Db, Tx};

/// The kind of the job that [`run_job`] does.
pub const JOB_KIND: &str = "support.purge";
const DAY_SECS: i64 = 86_400;
/// Rows of one transaction, and transactions of one attempt.
const ROWS_AT_ONCE: i64 = 500;
const BITES: usize = 2_000;
const ATTEMPTS: u32 = 20;

/// How long things are kept, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Messages to customers, with their content and contacts.
    pub message_days: u32,
    /// Requests that waited for a second pair of eyes, once they ended. The audit log stays.
    pub request_days: u32,
}

/// Plans the purge of the day of `at`; asked for again, it is the same job.
pub fn plan(tx: &mut Tx<'_>, ambient: &Ambient, at: Timestamp) -> Result<(), SupportError> {
    let day = at.as_secs().div_euclid(DAY_SECS);
    let job = NewJob {
        kind: JOB_KIND,
        unique_key: day.to_string(),
        body: String::new(),
        due: Timestamp::from_secs(day * DAY_SECS).max(ambient.now()),
        max_attempts: ATTEMPTS,
    };
    jobs::enqueue(tx, ambient, job)?;
    Ok(())
}

/// Forgets what is older than its time, and plans the next day's purge.
pub fn run_job(db: &Db, kept: Retention, _: &Job) -> JobEnd {
    match purge(db, kept) {
        Ok(()) => JobEnd::Done,
        Err(problem) => JobEnd::Retry {
            error: problem.to_string(),
            after_ms: None,
        },
    }
}

fn purge(db: &Db, kept: Retention) -> Result<(), SupportError> {
    let ambient = db.ambient().clone();
    let now = ambient.now();
    let before = |days: u32| now.plus_secs(-i64::from(days) * DAY_SECS);
    let (messages, requests) = (before(kept.message_days), before(kept.request_days));
    bites(db, move |tx| notify::forget(tx, messages, ROWS_AT_ONCE))?;
    bites(db, move |tx| {
        Ok(four_eyes::forget(tx, now, requests, ROWS_AT_ONCE)?)
    })?;
    db.write(move |tx| plan(tx, &ambient, now.plus_secs(DAY_SECS)))
}

/// One transaction after the other until one finds less than it may take.
fn bites(
    db: &Db,
    bite: impl Fn(&mut Tx<'_>) -> Result<u64, SupportError> + Clone + Send + 'static,
) -> Result<(), SupportError> {
    for _ in 0..BITES {
        if db.write(bite.clone())? < ROWS_AT_ONCE as u64 {
            break;
        }
    }
    Ok(())
}
