use super::checkpoints::Checkpoints;
use super::flusher::{Flushed, Flusher, Group, broken};
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
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Callers that may wait for the writer; one more is told to come back.
const QUEUE_MAX: usize = 8_192;
/// Transactions that share one commit.
const GROUP_MAX: usize = 1_024;
/// After this long no further transaction joins the group, so that the first is not kept waiting.
const GROUP_TIME: Duration = Duration::from_millis(30);

/// The only thread that writes. Transactions that wait together are committed together; while their
/// commit is flushed, the next ones run.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
    flusher: Flusher,
    checkpointer: Option<JoinHandle<()>>,
    flushed: Arc<Flushed>,
}

impl Writer {
    pub fn start(options: &SqliteOptions, signals: Signals) -> Result<Self, DbError> {
        let connection = open_connection(options, false)?;
        // A commit only writes: the flusher flushes, and whoever waits hears of it after that.
        connection
            .pragma_update(None, "synchronous", "NORMAL")
            .map_err(|error| DbError::from_sqlite("opening the database file", error))?;
        let flushed = Arc::new(Flushed::default());
        let (flusher, groups) = Flusher::start(options.log(), flushed.clone(), signals)?;
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let counted = flushed.clone();
        let (checkpoints, checkpointer) = Checkpoints::start(options, &connection, flushed.clone())?;
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_all(&connection, &waiting, &groups, &counted, &checkpoints))
            .map_err(|error| DbError::Unavailable(error.into()))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            flusher,
            checkpointer: Some(checkpointer),
            flushed,
        })
    }

    pub fn send(&self, work: Work) -> Result<(), DbError> {
        let queue = self.queue.as_ref().ok_or(DbError::Closed)?;
        queue.try_send(work).map_err(|error| match error {
            TrySendError::Full(_) => DbError::Busy,
            TrySendError::Disconnected(_) => DbError::Closed,
        })
    }

    pub(super) fn flushed(&self) -> Arc<Flushed> {
        self.flushed.clone()
    }
}

impl Drop for Writer {
    /// What was handed over is committed and answered before the file is closed. An answer may drop the
    /// last handle: the flusher waits neither for itself nor for the writer, who may wait for it.
    fn drop(&mut self) {
        self.queue = None;
        let own = Some(std::thread::current().id());
        let writer = self.thread.take();
        if own == self.flusher.thread() || own == writer.as_ref().map(|thread| thread.thread().id()) {
            return;
        }
        if let Some(writer) = writer {
            let _ = writer.join();
        }
        self.flusher.end();
        if let Some(checkpointer) = self.checkpointer.take() {
            let _ = checkpointer.join();
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
    run_group(connection, statements, work, || None, commit).answer(signals);
}

fn write_all(
    connection: &Connection,
    waiting: &Receiver<Work>,
    groups: &SyncSender<Group>,
    flushed: &Flushed,
    checkpoints: &Checkpoints,
) {
    let statements = Statements::default();
    let mut kept_back = None;
    while let Some(first) = kept_back.take().or_else(|| waiting.recv().ok()) {
        let started = Stopwatch::start();
        let mut joined = 1;
        let next = || {
            joined += 1;
            if joined > GROUP_MAX || started.elapsed() > GROUP_TIME {
                return None;
            }
            let next = waiting.try_recv().ok()?;
            if next.begins_group {
                kept_back = Some(next);
                return None;
            }
            Some(next)
        };
        let mut number = 0;
        let commit = || {
            number = flushed.begin();
            control(connection, "COMMIT")
        };
        let group = if flushed.is_broken() {
            Group {
                number: 0,
                end: Err(broken()),
                answers: vec![(first.answer, false)],
                wakes: Vec::new(),
            }
        } else {
            let group = run_group(connection, &statements, first, next, commit);
            Group { number, ..group }
        };
        if groups.send(group).is_err() {
            return;
        }
        checkpoints.after_commit(connection);
    }
}

/// How one transaction of a group went.
enum Ran {
    Kept,
    RolledBack,
    Panicked,
}

/// BEGIN IMMEDIATE, the first transaction, each further one in a savepoint of its own, one COMMIT. When SQLite throws the whole transaction away (a full disk),
/// released savepoints go with it: then everybody in the group is told that nothing was kept.
fn run_group(
    connection: &Connection,
    statements: &Statements,
    first: Work,
    mut next: impl FnMut() -> Option<Work>,
    commit: impl FnOnce() -> Result<(), DbError>,
) -> Group {
    let mut group = Group {
        number: 0,
        end: control(connection, "BEGIN IMMEDIATE"),
        answers: Vec::new(),
        wakes: Vec::new(),
    };
    if group.end.is_err() {
        group.answers.push((first.answer, false));
        return group;
    }
    let mut waiting = Some(first);
    let mut failed = None;
    while let Some(mut work) = waiting {
        // A savepoint keeps a copy of each page that is changed under it. The first transaction, which
        // is most often a slice of payments and alone, has the whole group to roll back instead.
        let guard = if group.answers.is_empty() {
            WHOLE
        } else {
            SAVEPOINT
        };
        let ran = run_one(connection, statements, &mut work, &mut group.wakes, &guard);
        group
            .answers
            .push((work.answer, matches!(ran, Ok(Ran::Panicked))));
        if let Err(error) = ran {
            failed = Some(error);
            break;
        }
        waiting = next();
    }
    group.end = match failed {
        Some(error) => Err(error),
        None => commit(),
    };
    if group.end.is_err() && !connection.is_autocommit() {
        let _ = control(connection, "ROLLBACK");
    }
    group
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
