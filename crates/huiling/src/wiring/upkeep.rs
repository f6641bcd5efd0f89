//! What must happen by the clock, whether anybody calls or not: deadlines of holds fire here, and
//! what has expired is forgotten in bounded bites.

use base::{Ambient, PaymentId, Stopwatch, Ticker, Timestamp};
use calls::recordings;
use money::{MoneyError, payments};
use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use store::{Db, Tx, jobs};

/// How late a deadline may fire.
const PACE: Duration = Duration::from_millis(250);
/// Every so many ticks what has expired is forgotten.
const SWEEP_EVERY: u32 = 240;
/// Sooner, when the last time did not come to an end.
const SWEEP_AGAIN: u32 = 4;
/// A round of one part ends after this long; what is left waits for the next.
const SWEEP_AT_MOST: Duration = Duration::from_secs(1);
const HOLDS_AT_ONCE: usize = 200;
const ROWS_AT_ONCE: i64 = 1_000;
const FILES_AT_ONCE: i64 = 200;
const DAY_SECS: i64 = 86_400;
/// Ended jobs and dead sessions are kept this long for whoever asks.
const KEPT_SECS: i64 = 7 * 86_400;
/// A hold that cannot be voided is left alone for this long, so that it keeps no other waiting.
const STUCK_SECS: i64 = 60;
/// Holds known to be stuck; with more, the database is what is wrong.
const STUCK_MAX: usize = 1_000;

/// Which recordings this node forgets.
pub struct Recordings {
    pub folder: PathBuf,
    /// The name of this process among those that place calls.
    pub node: String,
    pub kept_days: u32,
}

pub fn start(db: Db, recordings: Recordings, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    let run = move || {
        let ambient = db.ambient().clone();
        let mut ticker = Ticker::new(PACE);
        let mut deadlines = Deadlines::default();
        let mut until_sweep = 0;
        while !stop.load(Ordering::SeqCst) {
            ticker.wait();
            deadlines.expire(&db, &ambient);
            if until_sweep == 0 {
                let done = sweep(&db, &ambient) & forget_recordings(&db, &ambient, &recordings);
                until_sweep = if done { SWEEP_EVERY } else { SWEEP_AGAIN };
            }
            until_sweep -= 1;
        }
    };
    std::thread::Builder::new()
        .name("upkeep".into())
        .spawn(run)
        .expect("a thread can be started")
}

/// Stops held payments whose deadline has passed. One that cannot be stopped holds up no other.
#[derive(Default)]
pub struct Deadlines {
    /// When the holds that could not be voided are tried again.
    stuck: HashMap<PaymentId, Timestamp>,
}

impl Deadlines {
    pub fn expire(&mut self, db: &Db, ambient: &Ambient) {
        let now = ambient.now();
        self.stuck.retain(|_, again| *again > now);
        let most = HOLDS_AT_ONCE + self.stuck.len();
        let mut due = match db.read(move |tx| payments::due(tx, now, most)) {
            Ok(due) => due,
            Err(error) => return warn("deadlines cannot be looked at; they are looked at again", &error),
        };
        due.retain(|payment| !self.stuck.contains_key(payment));
        if due.is_empty() {
            return;
        }
        let due = Arc::new(due);
        let count = void(db, ambient, due.clone()).unwrap_or_else(|_| {
            due.iter()
                .map(|payment| self.expire_alone(db, ambient, *payment))
                .sum()
        });
        if count > 0 {
            tracing::info!(count, "held payments reached their deadline and were stopped");
        }
    }

    fn expire_alone(&mut self, db: &Db, ambient: &Ambient, payment: PaymentId) -> usize {
        match void(db, ambient, Arc::new(vec![payment])) {
            Ok(count) => count,
            // The database's troubles are nobody's own.
            Err(MoneyError::Db(error)) => {
                warn("a deadline cannot fire; it is tried again", &error);
                0
            }
            Err(error) => {
                tracing::error!(
                    %payment,
                    error = %store::causes(&error),
                    "a held payment cannot be stopped at its deadline: its record is damaged"
                );
                if self.stuck.len() < STUCK_MAX {
                    self.stuck.insert(payment, ambient.now().plus_secs(STUCK_SECS));
                }
                0
            }
        }
    }
}

/// The same once, for whoever keeps no memory of it.
pub fn expire_holds(db: &Db, ambient: &Ambient) {
    Deadlines::default().expire(db, ambient);
}

/// Forgets what has expired, each kind in transactions of its own; whether all of it is gone.
pub fn sweep(db: &Db, ambient: &Ambient) -> bool {
    let before = ambient.now().plus_secs(-KEPT_SECS);
    let now = ambient.now();
    let clock = ambient.clone();
    let parts = [
        bites(db, "jobs", move |tx| {
            Ok(jobs::forget_ended(tx, before, ROWS_AT_ONCE)?)
        }),
        bites(db, "sessions", move |tx| {
            Ok(security::sessions::sweep(tx, before, ROWS_AT_ONCE)?)
        }),
        bites(db, "proofs", move |tx| {
            Ok(security::proofs::sweep(tx, before, ROWS_AT_ONCE)?)
        }),
        bites(db, "lockouts", move |tx| {
            Ok(security::lockouts::sweep(tx, now, ROWS_AT_ONCE)?)
        }),
        bites(db, "answers", move |tx| {
            Ok(payments::forget_answers(tx, before, ROWS_AT_ONCE as usize)?)
        }),
        bites(db, "applications", move |tx| {
            Ok(people::applications::lapse(tx, &clock, ROWS_AT_ONCE)? as u64)
        }),
    ];
    parts.into_iter().all(|done| done)
}

/// The words and then the files of calls that are old enough; whether all of them are gone.
fn forget_recordings(db: &Db, ambient: &Ambient, kept: &Recordings) -> bool {
    let before = ambient.now().plus_secs(-i64::from(kept.kept_days) * DAY_SECS);
    let words = bites(db, "recordings", move |tx| {
        Ok(recordings::forget(tx, before, ROWS_AT_ONCE)?)
    });
    let removed = recordings::remove_forgotten(db, &kept.folder, &kept.node, before, FILES_AT_ONCE);
    let files = removed.map(|count| count < FILES_AT_ONCE as u64);
    words
        & files.unwrap_or_else(|error| {
            warn("an old recording could not be removed; it is tried again", &error);
            true
        })
}

/// Bites until one comes back short; whether that was so. A part that fails keeps no other waiting.
fn bites(
    db: &Db,
    what: &'static str,
    bite: impl Fn(&mut Tx<'_>) -> Result<u64, SweepError> + Send + Sync + 'static,
) -> bool {
    let started = Stopwatch::start();
    let bite = Arc::new(bite);
    while started.elapsed() < SWEEP_AT_MOST {
        let bite = bite.clone();
        match db.write(move |tx| bite(tx)) {
            Ok(gone) if gone >= ROWS_AT_ONCE as u64 => {}
            Ok(_) => return true,
            Err(error) => {
                tracing::warn!(
                    what,
                    error = %store::causes(&error),
                    "what has expired could not be swept; it is tried again"
                );
                // At its usual time: to hurry does not help.
                return true;
            }
        }
    }
    false
}

fn void(db: &Db, ambient: &Ambient, due: Arc<Vec<PaymentId>>) -> Result<usize, MoneyError> {
    let ambient = ambient.clone();
    db.write(move |tx| payments::expire(tx, &ambient, &due))
}

fn warn(text: &'static str, error: &(dyn Error + 'static)) {
    tracing::warn!(error = %store::causes(error), "{text}");
}

#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Database(#[from] store::DbError),
    #[error(transparent)]
    Calls(#[from] calls::CallsError),
    #[error(transparent)]
    Money(#[from] money::MoneyError),
    #[error(transparent)]
    People(#[from] people::PeopleError),
    #[error(transparent)]
    Security(#[from] security::SecurityError),
}
