use super::inline::Fault;
use super::open::{SqliteOptions, open_connection};
use super::statements::Statements;
use crate::signal::Signals;
use crate::tx::{Engine, Tx};
use crate::work::Work;
use crate::{DbError, Value};
use base::Stopwatch;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Callers that may wait for the writer; one more is told to come back.
const QUEUE_MAX: usize = 8_192;
/// Transactions that share one commit.
const GROUP_MAX: usize = 1_024;
/// After this long no further transaction joins the group, so that the first is not kept waiting.
const GROUP_TIME: Duration = Duration::from_millis(30);

/// The only thread that writes. Transactions that wait together are committed together.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub fn start(options: &SqliteOptions, signals: Signals) -> Result<Self, DbError> {
        let connection = open_connection(options, false)?;
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_all(&connection, &waiting, &signals))
            .map_err(|error| DbError::Unavailable(error.into()))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    pub fn send(&self, work: Work) -> Result<(), DbError> {
        let queue = self.queue.as_ref().ok_or(DbError::Closed)?;
        queue.try_send(work).map_err(|error| match error {
            TrySendError::Full(_) => DbError::Busy,
            TrySendError::Disconnected(_) => DbError::Closed,
        })
    }
}

impl Drop for Writer {
    /// What was handed over is committed before the file is closed.
    fn drop(&mut self) {
        self.queue = None;
        let own_thread = std::thread::current().id();
        if let Some(thread) = self
            .thread
            .take()
            .filter(|thread| thread.thread().id() != own_thread)
        {
            let _ = thread.join();
        }
    }
}

/// Runs one transaction on the caller's own thread, for the simulation, which may want its commit
/// to fail.
pub(crate) fn run_alone(
    connection: &Connection,
    statements: &Statements,
    signals: &Signals,
    work: Work,
    fault: Option<Fault>,
) {
    let lost = || DbError::Unavailable("the simulation wants it so".into());
    let commit = || match fault {
        None => control(connection, "COMMIT"),
        Some(Fault::Refused | Fault::DiedBefore) => Err(lost()),
        Some(Fault::AnswerLost | Fault::DiedAfter) => control(connection, "COMMIT").and(Err(lost())),
    };
    run_group(connection, statements, signals, work, || None, commit);
}

fn write_all(connection: &Connection, waiting: &Receiver<Work>, signals: &Signals) {
    let statements = Statements::default();
    while let Ok(first) = waiting.recv() {
        let started = Stopwatch::start();
        let mut joined = 1;
        let next = || {
            joined += 1;
            if joined > GROUP_MAX || started.elapsed() > GROUP_TIME {
                None
            } else {
                waiting.try_recv().ok()
            }
        };
        let commit = || control(connection, "COMMIT");
        run_group(connection, &statements, signals, first, next, commit);
    }
}

/// How one transaction of a group went.
enum Ran {
    Kept,
    RolledBack,
    Panicked,
}

/// BEGIN IMMEDIATE, the first transaction, each further one in a savepoint of its own, one COMMIT,
/// then every caller is answered. When SQLite throws the whole transaction away (a full disk),
/// released savepoints go with it: then everybody in the group is told that nothing was kept.
fn run_group(
    connection: &Connection,
    statements: &Statements,
    signals: &Signals,
    first: Work,
    mut next: impl FnMut() -> Option<Work>,
    commit: impl FnOnce() -> Result<(), DbError>,
) {
    if let Err(error) = control(connection, "BEGIN IMMEDIATE") {
        return (first.answer)(Err(error));
    }
    let mut answers = Vec::new();
    let mut wakes = Vec::new();
    let mut waiting = Some(first);
    let mut failed = None;
    while let Some(mut work) = waiting {
        // A savepoint keeps a copy of each page that is changed under it. The first transaction, which
        // is most often a slice of payments and alone, has the whole group to roll back instead.
        let guard = if answers.is_empty() { WHOLE } else { SAVEPOINT };
        let ran = run_one(connection, statements, &mut work, &mut wakes, &guard);
        answers.push((work.answer, matches!(ran, Ok(Ran::Panicked))));
        if let Err(error) = ran {
            failed = Some(error);
            break;
        }
        waiting = next();
    }
    let end = match failed {
        Some(error) => Err(error),
        None => commit(),
    };
    if end.is_err() && !connection.is_autocommit() {
        let _ = control(connection, "ROLLBACK");
    }
    if end.is_ok() {
        signals.raise_all(wakes);
    }
    for (answer, panicked) in answers {
        answer(match &end {
            Ok(()) if panicked => Err(DbError::Panicked),
            Ok(()) => Ok(()),
            Err(error) => Err(error.again()),
        });
    }
}

/// What is run before a transaction of a group, after one that is kept, and to undo one.
struct Guard {
    begin: &'static [&'static str],
    keep: &'static [&'static str],
    undo: &'static [&'static str],
}

const WHOLE: Guard = Guard {
    begin: &[],
    keep: &[],
    undo: &["ROLLBACK", "BEGIN IMMEDIATE"],
};
const SAVEPOINT: Guard = Guard {
    begin: &["SAVEPOINT one"],
    keep: &["RELEASE one"],
    undo: &["ROLLBACK TO one", "RELEASE one"],
};

fn run_one(
    connection: &Connection,
    statements: &Statements,
    work: &mut Work,
    wakes: &mut Vec<&'static str>,
    guard: &Guard,
) -> Result<Ran, DbError> {
    control_all(connection, guard.begin)?;
    let mut tx = Tx::new(Engine::Sqlite(connection, statements));
    let ran = catch_unwind(AssertUnwindSafe(|| (work.run)(&mut tx)));
    if connection.is_autocommit() {
        let source = "SQLite rolled the whole transaction back: the disk is full or failing";
        return Err(DbError::Full(source.into()));
    }
    match ran {
        Ok(true) => {
            control_all(connection, guard.keep)?;
            wakes.extend(tx.take_wakes());
            Ok(Ran::Kept)
        }
        other => {
            control_all(connection, guard.undo)?;
            Ok(if other.is_err() {
                Ran::Panicked
            } else {
                Ran::RolledBack
            })
        }
    }
}

fn control_all(connection: &Connection, texts: &[&'static str]) -> Result<(), DbError> {
    texts.iter().try_for_each(|text| control(connection, text))
}

fn control(connection: &Connection, text: &'static str) -> Result<(), DbError> {
    let failed = |error| DbError::from_sqlite(text, error);
    let none: [Value<'_>; 0] = [];
    let mut statement = connection.prepare_cached(text).map_err(failed)?;
    statement
        .execute(rusqlite::params_from_iter(none))
        .map_err(failed)?;
    Ok(())
}
