//! Makes slices of single orders.

mod failed;
mod line;

use super::{Answer, Order, pay_all};
use crate::{MoneyError, Policy};
use ::store::{Db, Tx};
use base::Ambient;
use line::{Line, Next, Slice};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The way every payment takes, so that clients never batch: while one slice is decided, the next
/// gathers. Clones share it; the last one ends it.
#[derive(Clone, Debug)]
pub struct Gatherer(Arc<Running>);

#[derive(Debug)]
struct Running {
    line: Arc<Line>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GathererMetrics {
    pub slices: u64,
    pub orders: u64,
    /// Orders that were run by themselves because their slice failed.
    pub alone: u64,
}

impl Gatherer {
    /// Callers are told on the runtime that is entered, if one is.
    pub fn start(db: Db, ambient: Ambient, policy: Arc<Policy>) -> Self {
        let line = Arc::new(Line::new());
        let slices = Slices {
            db,
            ambient,
            policy,
            line: line.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("gatherer".into())
            .spawn(move || slices.run())
            .expect("a thread can be started");
        Self(Arc::new(Running {
            line,
            thread: Mutex::new(Some(thread)),
        }))
    }

    /// Pays and waits for the commit. [`MoneyError::Busy`] when too many wait.
    pub async fn pay(&self, order: Order) -> Result<Answer, MoneyError> {
        self.send(order)?.await.unwrap_or(Err(MoneyError::Stopped))
    }

    /// The same for a thread of one's own, never inside async.
    pub fn pay_blocking(&self, order: Order) -> Result<Answer, MoneyError> {
        self.send(order)?
            .blocking_recv()
            .unwrap_or(Err(MoneyError::Stopped))
    }

    pub fn metrics(&self) -> GathererMetrics {
        self.0.line.metrics()
    }

    /// Hands an order over without waiting for its answer.
    pub(super) fn send(
        &self,
        order: Order,
    ) -> Result<oneshot::Receiver<Result<Answer, MoneyError>>, MoneyError> {
        let (caller, answer) = oneshot::channel();
        self.0.line.join(order, caller)?;
        Ok(answer)
    }
}

impl Drop for Running {
    /// What was handed over is decided and answered before the thread ends.
    fn drop(&mut self) {
        self.line.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let own = std::thread::current().id();
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != own) {
            let _ = thread.join();
        }
    }
}

struct Slices {
    db: Db,
    ambient: Ambient,
    policy: Arc<Policy>,
    line: Arc<Line>,
}

impl Slices {
    fn run(&self) {
        loop {
            match self.line.next() {
                Next::Slice(slice) => self.hand_over(&slice),
                Next::Failed(failed) => {
                    let alone = failed.run_singly(|order| self.pay_alone(order));
                    self.line.count_alone(alone);
                }
                Next::Closed => return,
            }
        }
    }

    /// Puts a slice before the database. It takes its orders when it begins, so that it is as large as
    /// can be. Where transactions run in turn, the next slice may stand behind it from then on; elsewhere
    /// it would begin at once, with few orders, and wait within.
    fn hand_over(&self, slice: &Arc<Slice>) {
        let (taking, in_turn) = (slice.clone(), self.db.writes_in_turn());
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        let run = move |tx: &mut Tx<'_>| {
            let orders = taking.orders();
            if in_turn {
                taking.may_be_followed();
            }
            pay_all(tx, &ambient, &policy, &orders)
        };
        let answered = slice.clone();
        let sent = self.db.write_then(run, move |answers| answered.answer(answers));
        if let Err(error) = sent {
            slice.orders();
            slice.answer(Err(error.into()));
        }
    }

    fn pay_alone(&self, order: &Order) -> Result<Answer, MoneyError> {
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        let order = Arc::new(order.clone());
        let mut answers = self
            .db
            .write(move |tx| pay_all(tx, &ambient, &policy, std::slice::from_ref(&order)))?;
        answers.pop().ok_or(MoneyError::Stopped)
    }
}
