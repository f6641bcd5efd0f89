use super::flusher::Flushed;
use super::open::{Opened, SqliteOptions, open_connection};
use super::statements::Statements;
use super::writer::Writer;
use crate::DbError;
use crate::tx::{Engine, Tx};
use crate::work::Work;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

const QUEUE_MAX: usize = 8_192;

/// Threads that read, each with a connection of its own. A reader waits for nobody; its answer waits for
/// the flush of what was read.
#[derive(Debug)]
pub(crate) struct Readers {
    queue: Option<SyncSender<Work>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub fn start(options: &SqliteOptions, threads: usize, writer: &Writer) -> Result<Self, DbError> {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut readers = Self {
            queue: Some(queue),
            threads: Vec::with_capacity(threads),
        };
        for number in 0..threads {
            let connection = open_connection(options, true)?;
            let (options, waiting, flushed) = (options.clone(), waiting.clone(), writer.flushed());
            let thread = std::thread::Builder::new()
                .name(format!("sqlite-reader-{number}"))
                .spawn(move || read_all(&options, connection, &waiting, &flushed))
                .map_err(|error| DbError::Unavailable(error.into()))?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    pub fn send(&self, work: Work) -> Result<(), DbError> {
        let queue = self.queue.as_ref().ok_or(DbError::Closed)?;
        queue.try_send(work).map_err(|error| match error {
            TrySendError::Full(_) => DbError::Busy,
            TrySendError::Disconnected(_) => DbError::Closed,
        })
    }
}

impl Drop for Readers {
    /// Their connections are closed before the writer's: the last to close folds the log into the file.
    fn drop(&mut self) {
        self.queue = None;
        let own_thread = std::thread::current().id();
        for thread in self.threads.drain(..) {
            if thread.thread().id() != own_thread {
                let _ = thread.join();
            }
        }
    }
}

fn read_all(options: &SqliteOptions, opened: Opened, waiting: &Mutex<Receiver<Work>>, flushed: &Flushed) {
    let mut connection = Some(opened);
    let mut statements = Statements::default();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut work) = next else { return };
        let usable = match connection.take() {
            Some(usable) => Ok(usable),
            None => open_connection(options, true),
        };
        let read = usable.and_then(|usable| {
            let read = read_one(&usable, &statements, &mut work.run, flushed);
            // What is still in a transaction could never begin another: a new one takes its place.
            if usable.is_autocommit() {
                connection = Some(usable);
            } else {
                statements = Statements::default();
            }
            read
        });
        // The next one is read while this answer waits for the disk.
        match read {
            Ok(seen) => flushed.then(seen, work.answer),
            Err(error) => (work.answer)(Err(error)),
        }
    }
}

/// Returns the last group that may have been seen.
fn read_one(
    connection: &Connection,
    statements: &Statements,
    run: &mut (dyn FnMut(&mut Tx<'_>) -> bool + Send),
    flushed: &Flushed,
) -> Result<u64, DbError> {
    let failed = |error| DbError::from_sqlite("a reading transaction", error);
    connection.execute_batch("BEGIN").map_err(failed)?;
    // The snapshot is taken by the first statement that reads.
    let first = connection.prepare_cached("SELECT 1 FROM sqlite_schema LIMIT 1");
    first.and_then(|mut first| first.exists([])).map_err(failed)?;
    let seen = flushed.seen();
    let mut tx = Tx::new(Engine::Sqlite(connection, statements));
    let ran = catch_unwind(AssertUnwindSafe(|| run(&mut tx)));
    connection.execute_batch("ROLLBACK").map_err(failed)?;
    ran.map_err(|_| DbError::Panicked)?;
    Ok(seen)
}
