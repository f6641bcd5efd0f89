//! Checkpoints: what the write-ahead log holds is copied into the file, and the log begins anew.
//!
//! SQLite by itself does that within the commit that makes the log too large, and everybody waits until
//! tens of mebibytes are on the disk. Here a thread copies them and brings them there while the writer
//! goes on; only the little that was written meanwhile is left for a moment between two commits.
//! However far a checkpoint came when the process dies, the log is whole and says it all again.

#[cfg(test)]
mod tests;

use super::flusher::Flushed;
use super::open::{Opened, SqliteOptions, open_connection};
use crate::DbError;
use rusqlite::Connection;
use std::cell::Cell;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How often the log is gone through while the writer goes on; then the writer does the rest, however
/// much that is.
const PASSES_MAX: u32 = 4;
/// A log that is full leaves such a part of itself to the writer.
const LEFT_PART: u32 = 64;
/// After a checkpoint that could not be finished the log grows by such a part before the next.
const GROWTH_PART: u32 = 8;

thread_local! {
    /// Pages in the log after this thread's last commit: SQLite's hook takes no state.
    static LOG_PAGES: Cell<u32> = const { Cell::new(0) };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Until the log has so many pages.
    Growing { due_pages: u32 },
    /// The thread copies.
    Copying,
    /// Little is left, for the writer.
    NearlyDone,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    log_pages: u32,
}

#[derive(Debug)]
struct Shared {
    full_pages: u32,
    state: Mutex<State>,
    flushed: Arc<Flushed>,
}

impl Shared {
    /// After an attempt that left something.
    fn later(&self) -> Stage {
        let growth_pages = self.full_pages / GROWTH_PART;
        Stage::Growing {
            due_pages: self.lock().log_pages.saturating_add(growth_pages),
        }
    }

    /// While the disk is full nothing is lost and the log grows on. Of a file that cannot be brought to the
    /// disk nobody knows what is there: only a new start copies the whole log again.
    fn failed(&self, error: &DbError) -> Stage {
        let problem = crate::causes(error);
        if matches!(error, DbError::Unavailable(_)) {
            tracing::error!(%problem, "the file cannot be brought to the disk; nothing is written any more");
            self.flushed.set_broken();
        } else {
            tracing::warn!(%problem, "the write-ahead log could not be folded into the file yet");
        }
        self.later()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writer's side.
#[derive(Debug)]
pub(super) struct Checkpoints {
    shared: Arc<Shared>,
    begin: SyncSender<()>,
}

impl Checkpoints {
    /// In place of SQLite's own, for the only connection that writes. The thread ends after `self`.
    pub fn start(
        options: &SqliteOptions,
        writer: &Connection,
        flushed: Arc<Flushed>,
    ) -> Result<(Self, JoinHandle<()>), DbError> {
        let connection = open_connection(options, false)?;
        let full_pages = options.log_pages();
        let stage = Stage::Growing {
            due_pages: full_pages,
        };
        let shared = Arc::new(Shared {
            full_pages,
            state: Mutex::new(State { stage, log_pages: 0 }),
            flushed,
        });
        let (begin, begins) = sync_channel(1);
        let copier = Copier {
            connection,
            shared: shared.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("sqlite-checkpoints".into())
            .spawn(move || copier.run(&begins))
            .map_err(|error| DbError::Unavailable(error.into()))?;
        writer.wal_hook(Some(|_, pages| {
            LOG_PAGES.set(u32::try_from(pages).unwrap_or(0));
            Ok(())
        }));
        Ok((Self { shared, begin }, thread))
    }

    /// Between two commits, on the writer's thread.
    pub fn after_commit(&self, writer: &Connection) {
        let log_pages = LOG_PAGES.get();
        let mut state = self.shared.lock();
        state.log_pages = log_pages;
        match state.stage {
            Stage::Growing { due_pages } if log_pages >= due_pages => {
                state.stage = Stage::Copying;
                let _ = self.begin.try_send(());
            }
            Stage::Growing { .. } | Stage::Copying => {}
            Stage::NearlyDone => {
                drop(state);
                let stage = match checkpoint(writer) {
                    Ok(Copied { all: true, .. }) => Stage::Growing {
                        due_pages: self.shared.full_pages,
                    },
                    // Somebody still reads what the log alone says.
                    Ok(_) => self.shared.later(),
                    Err(error) => self.shared.failed(&error),
                };
                self.shared.lock().stage = stage;
            }
        }
    }
}

/// The thread's side.
struct Copier {
    connection: Opened,
    shared: Arc<Shared>,
}

impl Copier {
    fn run(&self, begins: &Receiver<()>) {
        while begins.recv().is_ok() {
            let stage = match self.copy_most() {
                Ok(()) => Stage::NearlyDone,
                Err(error) => self.shared.failed(&error),
            };
            self.shared.lock().stage = stage;
        }
    }

    fn copy_most(&self) -> Result<(), DbError> {
        for _ in 0..PASSES_MAX {
            let copied = checkpoint(&self.connection)?;
            // Or the writer's turn would bring all of it to the disk.
            self.connection.flush()?;
            let left_pages = self.shared.lock().log_pages.saturating_sub(copied.pages);
            if left_pages <= self.shared.full_pages / LEFT_PART {
                break;
            }
        }
        Ok(())
    }
}

/// How far a checkpoint came.
struct Copied {
    pages: u32,
    /// Everything that was in the log: the next transaction begins it anew.
    all: bool,
}

/// Copies what nobody needs to find in the log any more, and waits for nobody.
fn checkpoint(connection: &Connection) -> Result<Copied, DbError> {
    let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let (is_busy, log_pages): (bool, i64) = (row.get(0)?, row.get(1)?);
        let pages: i64 = row.get(2)?;
        Ok(Copied {
            pages: u32::try_from(pages).unwrap_or(0),
            all: !is_busy && pages == log_pages,
        })
    });
    copied.map_err(|error| DbError::from_sqlite("folding the log into the file", error))
}
