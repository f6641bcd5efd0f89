use super::open::{SqliteOptions, open_connection};
use super::statements::Statements;
use crate::DbError;
use crate::tx::{Engine, Tx};
use crate::work::Work;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

const QUEUE_MAX: usize = 8_192;

/// Threads that read, each with a connection of its own; a reader never waits for the writer.
#[derive(Debug)]
pub(crate) struct Readers {
    queue: SyncSender<Work>,
}

impl Readers {
    pub fn start(options: &SqliteOptions, threads: usize) -> Result<Self, DbError> {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..threads {
            let connection = open_connection(options, true)?;
            let waiting = waiting.clone();
            std::thread::Builder::new()
                .name(format!("sqlite-reader-{number}"))
                .spawn(move || read_all(&connection, &waiting))
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

fn read_all(connection: &rusqlite::Connection, waiting: &Mutex<Receiver<Work>>) {
    let statements = Statements::default();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut work) = next else { return };
        (work.answer)(read_one(connection, &statements, &mut work.run));
    }
}

fn read_one(
    connection: &rusqlite::Connection,
    statements: &Statements,
    run: &mut (dyn FnMut(&mut Tx<'_>) -> bool + Send),
) -> Result<(), DbError> {
    let failed = |error| DbError::from_sqlite("a reading transaction", error);
    connection.execute_batch("BEGIN").map_err(failed)?;
    let mut tx = Tx::new(Engine::Sqlite(connection, statements));
    let ran = catch_unwind(AssertUnwindSafe(|| run(&mut tx)));
    connection.execute_batch("ROLLBACK").map_err(failed)?;
    ran.map(|_| ()).map_err(|_| DbError::Panicked)
}
