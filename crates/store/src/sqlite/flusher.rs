//! Flushes the write-ahead log behind the writer, so that the next transactions run meanwhile.
//!
//! Nobody hears of a commit, and nobody is shown one, before it is on the disk: answers and signals wait
//! for their flush, and so does whoever read what is not flushed yet. Since the log is flushed from its
//! beginning, what is on the disk is always everything up to some commit.

use crate::DbError;
use crate::signal::Signals;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, ThreadId};

/// Groups that may wait for their flush; then the writer waits.
const GROUPS_MAX: usize = 8;

/// How a transaction is answered.
pub(super) type Answer = Box<dyn FnOnce(Result<(), DbError>) + Send>;

/// A group of transactions that was committed, or failed.
pub(super) struct Group {
    /// As [`Flushed::begin`] counted its commit; zero without one.
    pub number: u64,
    pub end: Result<(), DbError>,
    /// Each with whether its own transaction panicked and was rolled back.
    pub answers: Vec<(Answer, bool)>,
    pub wakes: Vec<&'static str>,
}

impl Group {
    pub fn answer(self, signals: &Signals) {
        if self.end.is_ok() {
            signals.raise_all(self.wakes);
        }
        for (answer, panicked) in self.answers {
            answer(match &self.end {
                Ok(()) if panicked => Err(DbError::Panicked),
                Ok(()) => Ok(()),
                Err(error) => Err(error.again()),
            });
        }
    }
}

/// The thread that flushes. It ends when the writer has handed its last group over.
#[derive(Debug)]
pub(super) struct Flusher(Option<JoinHandle<()>>);

impl Flusher {
    /// The thread, and what the writer hands its groups to.
    pub fn start(
        log: PathBuf,
        flushed: Arc<Flushed>,
        signals: Signals,
    ) -> Result<(Self, SyncSender<Group>), DbError> {
        let (groups, waiting) = sync_channel(GROUPS_MAX);
        let thread = std::thread::Builder::new()
            .name("sqlite-flusher".into())
            .spawn(move || {
                flush_all(
                    &mut Log {
                        path: log,
                        file: None,
                    },
                    &waiting,
                    &flushed,
                    &signals,
                )
            })
            .map_err(|error| DbError::Unavailable(error.into()))?;
        Ok((Self(Some(thread)), groups))
    }

    pub fn thread(&self) -> Option<ThreadId> {
        self.0.as_ref().map(|thread| thread.thread().id())
    }

    /// Waits until every group is answered.
    pub fn end(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

fn flush_all(log: &mut Log, waiting: &Receiver<Group>, flushed: &Flushed, signals: &Signals) {
    while let Ok(first) = waiting.recv() {
        let mut groups = vec![first];
        groups.extend(waiting.try_iter().take(GROUPS_MAX));
        let flushing = if flushed.is_broken() || groups.iter().all(|group| group.end.is_err()) {
            Ok(())
        } else {
            log.flush()
        };
        if let Err(problem) = flushing {
            tracing::error!(%problem, "the write-ahead log cannot be flushed; nothing is written any more");
            flushed.set_broken();
        }
        if flushed.is_broken() {
            for group in groups.iter_mut().filter(|group| group.end.is_ok()) {
                group.end = Err(broken());
            }
        } else {
            flushed.reach(groups.iter().map(|group| group.number).max().unwrap_or(0));
        }
        for group in groups {
            group.answer(signals);
        }
    }
}

/// The write-ahead log, by a handle of our own: a flush of the file takes the writer's pages along.
struct Log {
    path: PathBuf,
    file: Option<File>,
}

impl Log {
    fn flush(&mut self) -> io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        self.file.insert(file).sync_data()
    }
}

/// How far the log is on the disk, in groups.
#[derive(Default)]
pub(super) struct Flushed {
    begun: AtomicU64,
    reached: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Who is answered when a group is on the disk.
    waiting: Vec<(u64, Answer)>,
    broken: bool,
}

impl Flushed {
    /// Counts a group's commit, before it can be seen.
    pub fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// No snapshot taken before this call shows a later group.
    pub fn seen(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }

    /// Answers once everything up to a group is on the disk: now, or on the flusher's thread. After a flush
    /// has failed the answer is an error: what was read may be lost.
    pub fn then(&self, number: u64, answer: Answer) {
        let is_flushed = || self.reached.load(Ordering::SeqCst) >= number;
        if is_flushed() {
            return answer(Ok(()));
        }
        let mut state = self.lock();
        let is_broken = state.broken;
        if !is_broken && !is_flushed() {
            state.waiting.push((number, answer));
            return;
        }
        drop(state);
        answer(if is_broken { Err(broken()) } else { Ok(()) });
    }

    /// After a flush failed nobody knows what is on the disk, and a second flush that succeeds says
    /// nothing about the first: only a new start reads what is really there.
    pub fn is_broken(&self) -> bool {
        self.lock().broken
    }

    pub fn set_broken(&self) {
        let mut state = self.lock();
        state.broken = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for (_, answer) in waiting {
            answer(Err(broken()));
        }
    }

    pub fn reach(&self, number: u64) {
        let reached = self.reached.fetch_max(number, Ordering::SeqCst).max(number);
        let mut state = self.lock();
        let flushed: Vec<_> = state
            .waiting
            .extract_if(.., |(number, _)| *number <= reached)
            .collect();
        drop(state);
        for (_, answer) in flushed {
            answer(Ok(()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Flushed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flushed")
            .field("begun", &self.begun)
            .field("reached", &self.reached)
            .finish_non_exhaustive()
    }
}

pub(super) fn broken() -> DbError {
    DbError::Unavailable(
        "the write-ahead log could not be flushed: look after the disk, then start anew".into(),
    )
}
