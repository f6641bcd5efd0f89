use super::{Answer, Order, SLICE_MAX, pay_all};
use crate::{MoneyError, Policy};
use ::store::{Db, DbError};
use base::{Ambient, Stopwatch};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Orders that may wait; one more is told to come back.
const QUEUE_MAX: usize = 16_384;

/// For so long the orders of a slice that failed are tried one by one.
const SINGLY_AT_MOST: Duration = Duration::from_secs(5);

/// Makes slices of single orders: while one slice is being committed, the next gathers. It is the
/// way every payment takes, so clients never batch. Clones share it; the last one ends it.
#[derive(Clone, Debug)]
pub struct Gatherer(Arc<Running>);

#[derive(Debug)]
struct Running {
    queue: Option<SyncSender<Waiting>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    slices: AtomicU64,
    orders: AtomicU64,
    alone: AtomicU64,
}

/// Since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GathererMetrics {
    pub slices: u64,
    pub orders: u64,
    /// Orders that were run by themselves because their slice failed.
    pub alone: u64,
}

type Caller = oneshot::Sender<Result<Answer, MoneyError>>;

struct Waiting {
    order: Order,
    answer: Caller,
}

impl Gatherer {
    pub fn start(db: Db, ambient: Ambient, policy: Arc<Policy>) -> Self {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let counts = Arc::new(Counts::default());
        let slices = Slices {
            db,
            ambient,
            policy,
            counts: counts.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("gatherer".into())
            .spawn(move || slices.run(&waiting))
            .expect("a thread can be started");
        Self(Arc::new(Running {
            queue: Some(queue),
            thread: Mutex::new(Some(thread)),
            counts,
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
        let counts = &self.0.counts;
        GathererMetrics {
            slices: counts.slices.load(Ordering::Relaxed),
            orders: counts.orders.load(Ordering::Relaxed),
            alone: counts.alone.load(Ordering::Relaxed),
        }
    }

    /// Hands an order over without waiting for its answer.
    pub(super) fn send(
        &self,
        order: Order,
    ) -> Result<oneshot::Receiver<Result<Answer, MoneyError>>, MoneyError> {
        let (answer, receiver) = oneshot::channel();
        let queue = self.0.queue.as_ref().ok_or(MoneyError::Stopped)?;
        queue
            .try_send(Waiting { order, answer })
            .map_err(|error| match error {
                TrySendError::Full(_) => MoneyError::Busy,
                TrySendError::Disconnected(_) => MoneyError::Stopped,
            })?;
        Ok(receiver)
    }
}

impl Drop for Running {
    /// What was handed over is decided and answered before the thread ends.
    fn drop(&mut self) {
        self.queue = None;
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
    counts: Arc<Counts>,
}

impl Slices {
    fn run(&self, waiting: &Receiver<Waiting>) {
        while let Ok(first) = waiting.recv() {
            let mut orders = vec![first.order];
            let mut answers = vec![first.answer];
            while orders.len() < SLICE_MAX {
                let Ok(next) = waiting.try_recv() else { break };
                orders.push(next.order);
                answers.push(next.answer);
            }
            self.counts.slices.fetch_add(1, Ordering::Relaxed);
            self.counts
                .orders
                .fetch_add(orders.len() as u64, Ordering::Relaxed);
            self.run_slice(Arc::new(orders), answers);
        }
    }

    /// A slice that fails because of an order is run again order by order, so that one bad order
    /// fails alone. When the database fails, everybody is told at once.
    fn run_slice(&self, orders: Arc<Vec<Order>>, waiting: Vec<Caller>) {
        match self.pay(orders.clone()) {
            Ok(answers) => {
                for (sender, answer) in waiting.into_iter().zip(answers) {
                    // A caller that went away has its answer stored.
                    let _ = sender.send(Ok(answer));
                }
            }
            Err(error) if orders.len() > 1 && may_be_an_orders(&error) => {
                tracing::warn!(
                    error = %store::causes(&error),
                    orders = orders.len(),
                    "a slice failed and is run order by order"
                );
                self.run_singly(&orders, waiting);
            }
            Err(error) => {
                tracing::warn!(
                    error = %store::causes(&error),
                    orders = orders.len(),
                    "a slice failed"
                );
                tell_all(waiting, error);
            }
        }
    }

    /// Within a bound of time: whoever is not reached is told to come back with the same key.
    fn run_singly(&self, orders: &[Order], waiting: Vec<Caller>) {
        let started = Stopwatch::start();
        let mut left = orders.iter().zip(waiting);
        while let Some((order, sender)) = left.next() {
            self.counts.alone.fetch_add(1, Ordering::Relaxed);
            match self.pay_alone(order) {
                Err(error) if !may_be_an_orders(&error) => {
                    let mut others = vec![sender];
                    others.extend(left.map(|(_, sender)| sender));
                    return tell_all(others, error);
                }
                answer => drop(sender.send(answer)),
            }
            if started.elapsed() > SINGLY_AT_MOST {
                return tell_all(left.map(|(_, sender)| sender).collect(), MoneyError::Busy);
            }
        }
    }

    fn pay_alone(&self, order: &Order) -> Result<Answer, MoneyError> {
        let mut answers = self.pay(Arc::new(vec![order.clone()]))?;
        answers.pop().ok_or(MoneyError::Stopped)
    }

    fn pay(&self, orders: Arc<Vec<Order>>) -> Result<Vec<Answer>, MoneyError> {
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        self.db.write(move |tx| pay_all(tx, &ambient, &policy, &orders))
    }
}

/// Whether one order may have failed the whole slice. A database that is gone, full or busy fails
/// every order alike.
fn may_be_an_orders(error: &MoneyError) -> bool {
    match error {
        MoneyError::Db(
            DbError::Busy
            | DbError::Full(_)
            | DbError::Unavailable(_)
            | DbError::Closed
            | DbError::NotDurable { .. }
            | DbError::MigrationChanged { .. },
        )
        | MoneyError::Busy
        | MoneyError::Stopped
        | MoneyError::Security(_)
        | MoneyError::SliceTooLarge { .. } => false,
        MoneyError::Db(
            DbError::Constraint { .. }
            | DbError::Conflict { .. }
            | DbError::Backend { .. }
            | DbError::Corrupt { .. }
            | DbError::NoRow { .. }
            | DbError::Panicked,
        )
        | MoneyError::NotConserved { .. }
        | MoneyError::NoAccount { .. }
        | MoneyError::NoHold(_)
        | MoneyError::Overflow { .. }
        | MoneyError::DamagedProfile { .. }
        | MoneyError::DamagedAssessment { .. }
        | MoneyError::Damaged { .. }
        | MoneyError::NoFreeNumber { .. } => true,
    }
}

/// The last caller hears the error itself, the others the same in kind.
fn tell_all(mut waiting: Vec<Caller>, error: MoneyError) {
    let last = waiting.pop();
    for caller in waiting {
        let _ = caller.send(Err(match &error {
            MoneyError::Db(error) => MoneyError::Db(error.again()),
            MoneyError::Stopped => MoneyError::Stopped,
            _ => MoneyError::Busy,
        }));
    }
    if let Some(caller) = last {
        let _ = caller.send(Err(error));
    }
}
