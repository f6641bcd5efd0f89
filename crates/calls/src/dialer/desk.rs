use super::line::{Carried, LineWatch};
use crate::status::LineState;
use crate::{CallPolicy, CallsError};
use ::store::{Db, DbError, Tx};
use base::{Ambient, CallId, PhoneNumber, Stopwatch};
use phone::Line;
use phone::prompts::Voice;
use security::sealing::Keyring;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Where a number is called instead of through the trunk; `None` leaves it to the trunk.
pub type Route = Arc<dyn Fn(&PhoneNumber) -> Option<String> + Send + Sync>;

/// What a dialer works with.
#[derive(Clone)]
pub struct DialerParts {
    pub db: Db,
    pub ambient: Ambient,
    pub line: Line,
    pub voice: Arc<Voice>,
    pub keyring: Keyring,
    pub policy: CallPolicy,
    /// When a 1 on the keypad is enough.
    pub money: money::Policy,
    /// Where sealed recordings lie.
    pub recordings: PathBuf,
    /// The name of this process among those that place calls; a restart keeps it.
    pub node: String,
    pub route: Option<Route>,
}

/// The dialer's parts, and what it knows while it runs.
pub(crate) struct Desk {
    pub parts: DialerParts,
    pub stop: CancellationToken,
    /// Pauses are counted by it: a clock that is set back must not make the line wait.
    since: Stopwatch,
    line: Mutex<LineWatch>,
    db_failures: AtomicU64,
    running: Mutex<HashSet<CallId>>,
}

/// However a call ends, by a fault of ours too, it is not thought to go on: its attempt is found.
pub(crate) struct Running {
    desk: Arc<Desk>,
    call: CallId,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.desk.running().remove(&self.call);
    }
}

/// Between two tries of a transaction: doubled from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Desk {
    pub fn new(parts: DialerParts, stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            parts,
            stop,
            since: Stopwatch::start(),
            line: Mutex::default(),
            db_failures: AtomicU64::new(0),
            running: Mutex::default(),
        })
    }

    pub fn line_state(&self) -> LineState {
        if self.watch().is_up() && self.parts.line.status().is_ready() {
            LineState::Up
        } else {
            LineState::Down
        }
    }

    /// How many calls may begin now, of so many that are free: none without a registration, one
    /// at a time while the trunk does not carry them.
    pub fn room(&self, free: usize) -> usize {
        if !self.parts.line.status().registered {
            return 0;
        }
        self.watch().room(self.since.elapsed(), free)
    }

    pub fn note_begun(&self) {
        self.watch().begun(self.since.elapsed(), &self.parts.policy);
    }

    pub fn note_line(&self, carried: Carried) {
        let mut line = self.watch();
        let before = line.is_up();
        line.note(self.since.elapsed(), carried, &self.parts.policy);
        if line.is_up() != before {
            tracing::warn!(up = !before, "the telephone line changed its state");
        }
    }

    fn watch(&self) -> MutexGuard<'_, LineWatch> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn db_failures(&self) -> u64 {
        self.db_failures.load(Ordering::SeqCst)
    }

    /// A call of this process, until the guard is gone.
    pub fn begin(self: &Arc<Self>, call: CallId) -> Running {
        self.running().insert(call);
        Running {
            desk: self.clone(),
            call,
        }
    }

    pub fn is_running(&self, call: CallId) -> bool {
        self.running().contains(&call)
    }

    pub fn calls(&self) -> usize {
        self.running().len()
    }

    fn running(&self) -> MutexGuard<'_, HashSet<CallId>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One transaction, tried once.
    pub async fn write<T, F>(&self, run: F) -> Result<T, CallsError>
    where
        F: Fn(&mut Tx<'_>, &Ambient) -> Result<T, CallsError> + Send + 'static,
        T: Send + 'static,
    {
        let ambient = self.parts.ambient.clone();
        let done = self.parts.db.write_async(move |tx| run(tx, &ambient)).await;
        if done.is_err() {
            self.db_failures.fetch_add(1, Ordering::SeqCst);
        }
        done
    }

    /// A transaction that is tried again, with growing pauses, for at most this long. Each is
    /// safe to repeat: an unknown outcome is found out by the repetition.
    pub async fn write_patiently<T, F>(&self, patience: Duration, run: F) -> Result<T, CallsError>
    where
        F: Fn(&mut Tx<'_>, &Ambient) -> Result<T, CallsError> + Clone + Send + 'static,
        T: Send + 'static,
    {
        let mut pause = FIRST_PAUSE;
        let mut waited = Duration::ZERO;
        loop {
            match self.write(run.clone()).await {
                Err(error) if waited < patience && is_passing(&error) => {
                    tracing::warn!(
                        error = %store::causes(&error),
                        "a call's transaction is tried again"
                    );
                }
                done => return done,
            }
            tokio::time::sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// A transaction that is tried until it is done, cannot be done, or the process stops: `None`.
    pub async fn write_surely<T, F>(&self, run: F) -> Option<T>
    where
        F: Fn(&mut Tx<'_>, &Ambient) -> Result<T, CallsError> + Clone + Send + 'static,
        T: Send + 'static,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.write(run.clone()).await {
                Ok(done) => return Some(done),
                Err(error) => error,
            };
            tracing::error!(
                error = %store::causes(&error),
                "the end of a call is not written yet"
            );
            if self.stop.is_cancelled() || !is_passing(&error) {
                return None;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Whether the same transaction may succeed a moment later.
fn is_passing(error: &CallsError) -> bool {
    !error.is_unreadable() && !matches!(error, CallsError::Db(DbError::Closed))
}
