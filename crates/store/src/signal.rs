use crate::postgres::Wire;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Says that something was committed. It is a hint: whoever listens also looks by its own clock.
#[derive(Clone, Debug)]
pub struct Signal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    count: Mutex<u64>,
    raised: Condvar,
    watch: watch::Sender<u64>,
}

/// One listener's place: it never misses a signal raised after it was made.
#[derive(Debug)]
pub struct Listener {
    signal: Signal,
    seen: u64,
    watch: watch::Receiver<u64>,
}

/// The signals of a database, by name.
#[derive(Clone, Default)]
pub(crate) struct Signals {
    known: Known,
    /// To the listeners of other nodes, where there can be any.
    wire: Option<Arc<Wire>>,
}

/// The signals that somebody here has asked for or raised.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(Arc<Mutex<HashMap<&'static str, Signal>>>);

impl Signal {
    pub fn listen(&self) -> Listener {
        let seen = *self.0.count.lock().unwrap_or_else(PoisonError::into_inner);
        Listener {
            signal: self.clone(),
            seen,
            watch: self.0.watch.subscribe(),
        }
    }

    pub(crate) fn raise(&self) {
        let mut count = self.0.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        self.0.raised.notify_all();
        self.0.watch.send_replace(*count);
    }
}

impl Listener {
    /// Blocks until the signal is raised or the time is over; says whether it was raised.
    pub fn wait(&mut self, timeout_ms: u64) -> bool {
        let count = self.signal.0.count.lock().unwrap_or_else(PoisonError::into_inner);
        let timeout = Duration::from_millis(timeout_ms);
        let waited = self
            .signal
            .0
            .raised
            .wait_timeout_while(count, timeout, |count| *count == self.seen);
        let (count, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let raised = *count != self.seen;
        self.seen = *count;
        raised
    }

    /// Waits until the signal is raised, or the time is over.
    pub async fn changed(&mut self, timeout_ms: u64) -> bool {
        tokio::time::timeout(Duration::from_millis(timeout_ms), self.watch.changed())
            .await
            .is_ok()
    }
}

impl Signals {
    pub fn with_wire(wire: Arc<Wire>) -> Self {
        Self {
            known: Known::default(),
            wire: Some(wire),
        }
    }

    /// The signal for somebody who listens.
    pub fn get(&self, name: &'static str) -> Signal {
        if let Some(wire) = &self.wire {
            wire.hear(name, &self.known);
        }
        self.known.get(name)
    }

    /// After a commit of this process.
    pub fn raise_all(&self, mut names: Vec<&'static str>) {
        if names.is_empty() {
            return;
        }
        names.sort_unstable();
        names.dedup();
        for name in &names {
            self.known.get(name).raise();
        }
        if let Some(wire) = &self.wire {
            wire.tell(&names);
        }
    }
}

impl Known {
    /// After a commit of another process.
    pub fn raise(&self, name: &str) {
        let signal = self.lock().get(name).cloned();
        if let Some(signal) = signal {
            signal.raise();
        }
    }

    fn get(&self, name: &'static str) -> Signal {
        self.lock().entry(name).or_insert_with(Signal::new).clone()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<&'static str, Signal>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Signal {
    fn new() -> Self {
        Self(Arc::new(Inner {
            count: Mutex::new(0),
            raised: Condvar::new(),
            watch: watch::Sender::new(0),
        }))
    }
}
