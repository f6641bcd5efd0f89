use super::super::{Answer, Order, SLICE_MAX};
use super::GathererMetrics;
use super::failed::{Failed, may_be_an_orders, tell_all};
use crate::MoneyError;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;

/// Orders that may wait; one more is told to come back.
const WAITING_MAX: usize = 16_384;

pub(super) type Caller = oneshot::Sender<Result<Answer, MoneyError>>;

/// Where orders wait for their slice.
#[derive(Debug, Default)]
pub(super) struct Line {
    state: Mutex<State>,
    changed: Condvar,
    /// Where the callers are tasks: there one task tells a whole slice, and wakes nobody's thread for each
    /// of its orders.
    runtime: Option<Handle>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<(Order, Caller)>,
    failed: VecDeque<Failed>,
    /// How many slices were handed over.
    handed_over: u64,
    /// The slice that was handed over and that no other may follow yet.
    ahead: Option<u64>,
    /// Slices that were handed over and have not ended.
    under_way: usize,
    closed: bool,
    metrics: GathererMetrics,
}

/// What the gatherer's thread does next.
pub(super) enum Next {
    Slice(Arc<Slice>),
    Failed(Failed),
    /// Nobody waits, and nobody will.
    Closed,
}

impl Line {
    /// For callers on the runtime that is entered; without one, or with one that may stand still, the
    /// database's thread tells them.
    pub fn new() -> Self {
        let runs_by_itself = |runtime: &Handle| runtime.runtime_flavor() == RuntimeFlavor::MultiThread;
        Self {
            runtime: Handle::try_current().ok().filter(runs_by_itself),
            ..Self::default()
        }
    }

    pub fn join(&self, order: Order, caller: Caller) -> Result<(), MoneyError> {
        let mut state = self.lock();
        if state.closed {
            return Err(MoneyError::Stopped);
        }
        if state.waiting.len() >= WAITING_MAX {
            return Err(MoneyError::Busy);
        }
        state.waiting.push_back((order, caller));
        if state.waiting.len() == 1 && state.ahead.is_none() {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Waits until there is something to do.
    pub fn next(self: &Arc<Self>) -> Next {
        let mut state = self.lock();
        loop {
            if let Some(failed) = state.failed.pop_front() {
                return Next::Failed(failed);
            }
            if !state.waiting.is_empty() && state.ahead.is_none() {
                state.handed_over += 1;
                state.ahead = Some(state.handed_over);
                state.under_way += 1;
                return Next::Slice(Arc::new(Slice {
                    line: self.clone(),
                    number: state.handed_over,
                    taken: Mutex::new(None),
                }));
            }
            if state.closed && state.waiting.is_empty() && state.under_way == 0 {
                return Next::Closed;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    pub fn metrics(&self) -> GathererMetrics {
        self.lock().metrics
    }

    pub fn count_alone(&self, orders: u64) {
        self.lock().metrics.alone += orders;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn let_follow(&mut self, number: u64) {
        self.ahead = self.ahead.filter(|ahead| *ahead != number);
    }
}

/// A slice on its way through the database. When it is dropped it has ended, however that came.
pub(super) struct Slice {
    line: Arc<Line>,
    number: u64,
    taken: Mutex<Option<Taken>>,
}

struct Taken {
    orders: Arc<Vec<Order>>,
    callers: Vec<Caller>,
}

impl Slice {
    /// Its orders: whoever waits when it is first asked, and the same ever after.
    pub fn orders(&self) -> Arc<Vec<Order>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.get_or_insert_with(|| self.take()).orders.clone()
    }

    pub fn may_be_followed(&self) {
        let mut state = self.line.lock();
        state.let_follow(self.number);
        if !state.waiting.is_empty() {
            self.line.changed.notify_one();
        }
    }

    /// Tells every caller, or keeps for another try, one by one, what failed because of one of them.
    pub fn answer(&self, answers: Result<Vec<Answer>, MoneyError>) {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Taken { orders, callers }) = taken else {
            return;
        };
        match answers {
            Ok(answers) => match &self.line.runtime {
                Some(runtime) => drop(runtime.spawn(async move { tell_each(callers, answers) })),
                None => tell_each(callers, answers),
            },
            Err(error) if orders.len() > 1 && may_be_an_orders(&error) => {
                tracing::warn!(
                    error = %store::causes(&error),
                    orders = orders.len(),
                    "a slice failed and is run order by order"
                );
                let failed = Failed { orders, callers };
                self.line.lock().failed.push_back(failed);
            }
            Err(error) => {
                tracing::warn!(
                    error = %store::causes(&error),
                    orders = orders.len(),
                    "a slice failed"
                );
                tell_all(callers, error);
            }
        }
    }

    fn take(&self) -> Taken {
        let mut state = self.line.lock();
        let count = state.waiting.len().min(SLICE_MAX);
        let (orders, callers): (Vec<_>, Vec<_>) = state.waiting.drain(..count).unzip();
        state.metrics.slices += 1;
        state.metrics.orders += orders.len() as u64;
        Taken {
            orders: Arc::new(orders),
            callers,
        }
    }
}

fn tell_each(callers: Vec<Caller>, answers: Vec<Answer>) {
    for (caller, answer) in callers.into_iter().zip(answers) {
        // A caller that went away has its answer stored.
        let _ = caller.send(Ok(answer));
    }
}

impl Drop for Slice {
    fn drop(&mut self) {
        let mut state = self.line.lock();
        state.let_follow(self.number);
        state.under_way -= 1;
        self.line.changed.notify_one();
    }
}
