use super::session::Session;
use crate::DbError;
use crate::error::Failure;
use crate::signal::Signals;
use crate::tx::{Engine, Tx};
use crate::work::Work;
use base::{Rng, Ticker};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const QUEUE_MAX: usize = 8_192;
/// Deadlocks and failures to serialise are tried again this often.
const ATTEMPTS_MAX: u32 = 8;

/// Threads that run transactions, each on its own connection.
#[derive(Debug)]
pub(crate) struct Pool {
    queue: SyncSender<Work>,
}

/// What every thread of a pool needs.
#[derive(Clone)]
struct Setting {
    url: String,
    begin: &'static str,
    signals: Signals,
    rng: Rng,
}

impl Pool {
    pub fn start(
        url: &str,
        threads: usize,
        read_only: bool,
        signals: Signals,
        rng: Rng,
    ) -> Result<Self, DbError> {
        let begin = if read_only {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        } else {
            "BEGIN"
        };
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let setting = Setting {
            url: url.to_owned(),
            begin,
            signals,
            rng,
        };
        for number in 0..threads {
            let (setting, waiting) = (setting.clone(), waiting.clone());
            std::thread::Builder::new()
                .name(format!("postgres-{number}"))
                .spawn(move || run_all(&setting, &waiting))
                .map_err(|error| DbError::Unavailable(error.into()))?;
        }
        Ok(Self { queue })
    }

    pub fn send(&self, work: Work) -> Result<(), DbError> {
        self.queue.try_send(work).map_err(|error| match error {
            TrySendError::Full(_) => DbError::Busy,
            TrySendError::Disconnected(_) => DbError::Closed,
        })
    }
}

fn run_all(setting: &Setting, waiting: &Mutex<Receiver<Work>>) {
    let mut session = None;
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut work) = next else { return };
        let end = run(setting, &mut session, &mut work);
        (work.answer)(end);
    }
}

/// Runs one transaction to its end; a deadlock is tried again after a short, random pause.
fn run(setting: &Setting, session: &mut Option<Session>, work: &mut Work) -> Result<(), DbError> {
    for attempt in 1..=ATTEMPTS_MAX {
        let connected = begin(setting, session)?;
        match attempt_once(connected, work, &setting.signals) {
            Attempt::Ended => return Ok(()),
            Attempt::Panicked => return Err(DbError::Panicked),
            Attempt::Failed(error) => {
                if connected.is_closed() {
                    *session = None;
                }
                return Err(error);
            }
            Attempt::Again => {
                let pause_ms = 1 + setting.rng.below(4 << attempt);
                Ticker::new(Duration::from_millis(pause_ms)).wait();
            }
        }
    }
    Err(DbError::Conflict {
        attempts: ATTEMPTS_MAX,
    })
}

/// Begins on the open connection, or on a new one where the old has gone: nothing has run yet.
fn begin<'s>(setting: &Setting, session: &'s mut Option<Session>) -> Result<&'s mut Session, DbError> {
    let alive = session
        .as_mut()
        .is_some_and(|open| open.control(setting.begin).is_ok());
    if !alive {
        let mut fresh = Session::connect(&setting.url)?;
        fresh.control(setting.begin)?;
        *session = Some(fresh);
    }
    session.as_mut().ok_or(DbError::Closed)
}

enum Attempt {
    /// Committed, or rolled back because the closure asked for it.
    Ended,
    Again,
    Panicked,
    Failed(DbError),
}

fn attempt_once(session: &mut Session, work: &mut Work, signals: &Signals) -> Attempt {
    let mut tx = Tx::new(Engine::Postgres(session));
    let ran = catch_unwind(AssertUnwindSafe(|| (work.run)(&mut tx)));
    let (failure, wakes) = (tx.failure(), tx.take_wakes());
    match (ran, failure) {
        (Ok(true), None) => match session.control("COMMIT") {
            Ok(()) => {
                signals.raise_all(wakes);
                Attempt::Ended
            }
            Err(DbError::Conflict { .. }) => Attempt::Again,
            Err(error) => Attempt::Failed(error),
        },
        // A statement failed and the closure went on: PostgreSQL has aborted the transaction.
        (Ok(true), Some(_)) => {
            let _ = session.control("ROLLBACK");
            let source = "a statement's error was caught inside the transaction";
            Attempt::Failed(DbError::Backend {
                at: "a transaction",
                source: source.into(),
            })
        }
        (_, Some(Failure::Retry)) => {
            let _ = session.control("ROLLBACK");
            Attempt::Again
        }
        (ran, _) => {
            let _ = session.control("ROLLBACK");
            if ran.is_err() {
                Attempt::Panicked
            } else {
                Attempt::Ended
            }
        }
    }
}
