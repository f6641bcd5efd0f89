use super::super::{Answer, Order, SLICE_MAX};
use super::GathererMetrics;
use super::failed::{Failed, may_be_an_orders, tell_all};
use crate::MoneyError;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Orders that may wait; one more is told to come back.
const WAITING_MAX: usize = 16_384;
/// So few are never parted into two slices.
const WHOLE_MAX: usize = 16;

pub(super) type Caller = oneshot::Sender<Result<Answer, MoneyError>>;

/// Where orders wait for their slice.
#[derive(Debug, Default)]
pub(super) struct Line {
    state: Mutex<State>,
    changed: Condvar,
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
    /// Orders in them.
    being_decided: usize,
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

    /// Waits until there is something to do. `by_halves`: a slice leaves half of all callers to the next,
    /// so that while one half is decided the other is answered and asks again; else everybody would wait
    /// for the database at one moment, and nobody at the next.
    pub fn next(self: &Arc<Self>, by_halves: bool) -> Next {
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
                    by_halves,
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
    /// Of all whose orders have no answer yet.
    fn half(&self) -> usize {
        (self.waiting.len() + self.being_decided).div_ceil(2)
    }

    fn let_follow(&mut self, number: u64) {
        self.ahead = self.ahead.filter(|ahead| *ahead != number);
    }
}

/// A slice on its way through the database. When it is dropped it has ended, however that came.
pub(super) struct Slice {
    line: Arc<Line>,
    number: u64,
    by_halves: bool,
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
        self.line.lock().being_decided -= orders.len();
        match answers {
            Ok(answers) => {
                for (caller, answer) in callers.into_iter().zip(answers) {
                    // A caller that went away has its answer stored.
                    let _ = caller.send(Ok(answer));
                }
            }
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
        let share = if self.by_halves {
            state.half().max(WHOLE_MAX)
        } else {
            SLICE_MAX
        };
        let count = state.waiting.len().min(share).min(SLICE_MAX);
        state.being_decided += count;
        let (orders, callers): (Vec<_>, Vec<_>) = state.waiting.drain(..count).unzip();
        state.metrics.slices += 1;
        state.metrics.orders += orders.len() as u64;
        Taken {
            orders: Arc::new(orders),
            callers,
        }
    }
}

impl Drop for Slice {
    fn drop(&mut self) {
        let unanswered = self.taken.get_mut().unwrap_or_else(PoisonError::into_inner);
        let unanswered = unanswered.as_ref().map_or(0, |taken| taken.orders.len());
        let mut state = self.line.lock();
        state.let_follow(self.number);
        state.under_way -= 1;
        state.being_decided -= unanswered;
        self.line.changed.notify_one();
    }
}
