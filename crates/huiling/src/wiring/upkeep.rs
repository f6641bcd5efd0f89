//! What must happen by the clock, whether anybody calls or not: deadlines of holds fire here, and
//! what has expired is forgotten in bounded bites.

use base::{Ambient, Stopwatch, Ticker};
use money::payments;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use store::{Db, jobs};

/// How late a deadline may fire.
const PACE: Duration = Duration::from_millis(250);
/// Every so many ticks what has expired is forgotten.
const SWEEP_EVERY: u32 = 240;
const HOLDS_AT_ONCE: usize = 200;
const ROWS_AT_ONCE: i64 = 1_000;
/// Ended jobs and dead sessions are kept this long for whoever asks.
const KEPT_SECS: i64 = 7 * 86_400;

pub fn start(db: Db, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    let run = move || {
        let ambient = db.ambient().clone();
        let mut ticker = Ticker::new(PACE);
        let mut ticks = 0u32;
        while !stop.load(Ordering::SeqCst) {
            ticker.wait();
            expire_holds(&db, &ambient);
            if ticks.is_multiple_of(SWEEP_EVERY) {
                sweep(&db, &ambient);
            }
            ticks = ticks.wrapping_add(1);
        }
    };
    std::thread::Builder::new()
        .name("upkeep".into())
        .spawn(run)
        .expect("a thread can be started")
}

/// Stops the held payments whose deadline has passed.
pub fn expire_holds(db: &Db, ambient: &Ambient) {
    let ambient = ambient.clone();
    match db.write(move |tx| payments::expire_due(tx, &ambient, HOLDS_AT_ONCE)) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "held payments reached their deadline and were stopped"),
        Err(error) => tracing::warn!(%error, "deadlines cannot be looked at; they are looked at again"),
    }
}

/// Forgets what has expired.
pub fn sweep(db: &Db, ambient: &Ambient) {
    let started = Stopwatch::start();
    let before = ambient.now().plus_secs(-KEPT_SECS);
    let clock = ambient.clone();
    let done = db.write(move |tx| {
        jobs::forget_ended(tx, before)?;
        security::sessions::sweep(tx, before, ROWS_AT_ONCE)?;
        security::proofs::sweep(tx, before, ROWS_AT_ONCE)?;
        security::lockouts::sweep(tx, clock.now(), ROWS_AT_ONCE)?;
        payments::forget_answers(tx, before, ROWS_AT_ONCE as usize)?;
        people::applications::lapse(tx, &clock, ROWS_AT_ONCE)?;
        Ok::<_, SweepError>(())
    });
    match done {
        Ok(()) => tracing::debug!(ms = started.elapsed().as_millis() as u64, "swept"),
        Err(error) => tracing::warn!(%error, "what has expired could not be swept; it is tried again"),
    }
}

#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Database(#[from] store::DbError),
    #[error(transparent)]
    Money(#[from] money::MoneyError),
    #[error(transparent)]
    People(#[from] people::PeopleError),
    #[error(transparent)]
    Security(#[from] security::SecurityError),
}
