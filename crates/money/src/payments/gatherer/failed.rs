use super::super::{Answer, Order};
use super::line::Caller;
use crate::MoneyError;
use ::store::DbError;
use base::Stopwatch;
use std::sync::Arc;
use std::time::Duration;

/// For so long the orders of a slice that failed are tried one by one.
const SINGLY_AT_MOST: Duration = Duration::from_secs(5);

/// A slice that failed, maybe because of one of its orders.
#[derive(Debug)]
pub(super) struct Failed {
    pub orders: Arc<Vec<Order>>,
    pub callers: Vec<Caller>,
}

impl Failed {
    /// Runs it order by order, so that a bad one fails alone, within a bound of time: whoever is not
    /// reached is told to come back with the same key. When the database fails, everybody is told at
    /// once. Returns how many were tried.
    pub fn run_singly(self, pay: impl Fn(&Order) -> Result<Answer, MoneyError>) -> u64 {
        let started = Stopwatch::start();
        let mut tried = 0;
        let mut left = self.orders.iter().zip(self.callers);
        while let Some((order, caller)) = left.next() {
            tried += 1;
            match pay(order) {
                Err(error) if !may_be_an_orders(&error) => {
                    let mut others = vec![caller];
                    others.extend(left.map(|(_, caller)| caller));
                    tell_all(others, error);
                    return tried;
                }
                answer => drop(caller.send(answer)),
            }
            if started.elapsed() > SINGLY_AT_MOST {
                tell_all(left.map(|(_, caller)| caller).collect(), MoneyError::Busy);
                return tried;
            }
        }
        tried
    }
}

/// Whether one order may have failed the whole slice. A database that is gone, full or busy fails
/// every order alike.
pub(super) fn may_be_an_orders(error: &MoneyError) -> bool {
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
pub(super) fn tell_all(mut waiting: Vec<Caller>, error: MoneyError) {
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
