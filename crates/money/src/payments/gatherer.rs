use super::{Answer, Order, SLICE_MAX, pay_all};
use crate::{MoneyError, Policy};
use ::store::Db;
use base::Ambient;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Orders that may wait; one more is told to come back.
const QUEUE_MAX: usize = 16_384;

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

struct Waiting {
    order: Order,
    answer: oneshot::Sender<Result<Answer, MoneyError>>,
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

    fn send(&self, order: Order) -> Result<oneshot::Receiver<Result<Answer, MoneyError>>, MoneyError> {
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

    /// A slice that fails is run again order by order, so that one bad order fails alone.
    fn run_slice(&self, orders: Arc<Vec<Order>>, waiting: Vec<oneshot::Sender<Result<Answer, MoneyError>>>) {
        match self.pay(orders.clone()) {
            Ok(answers) => {
                for (sender, answer) in waiting.into_iter().zip(answers) {
                    // A caller that went away has its answer stored.
                    let _ = sender.send(Ok(answer));
                }
            }
            Err(error) if orders.len() == 1 => {
                if let Some(sender) = waiting.into_iter().next() {
                    let _ = sender.send(Err(error));
                }
            }
            Err(error) => {
                tracing::warn!(%error, orders = orders.len(), "a slice failed and is run order by order");
                for (order, sender) in orders.iter().zip(waiting) {
                    self.counts.alone.fetch_add(1, Ordering::Relaxed);
                    let _ = sender.send(self.pay_alone(order));
                }
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
