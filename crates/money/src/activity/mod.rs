//! What went in and out of an account, newest first.

mod store;

pub use store::ALL;

use crate::MoneyError;
use crate::payments::{Payment, parts};
use ::store::Tx;
use base::PaymentId;

/// Entries of a page at most.
pub const PAGE_MAX: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Out,
    In,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub direction: Direction,
    pub payment: Payment,
}

/// A page of an account's payments before `before`. A payer sees every state; a payee sees a
/// payment only once it is posted.
pub fn list(
    tx: &mut Tx<'_>,
    account: i64,
    before: Option<PaymentId>,
    limit: usize,
) -> Result<Vec<Entry>, MoneyError> {
    let before = before.map_or(i64::MAX, |id| parts(id).0);
    let payments = store::page(tx, account, before, limit.clamp(1, PAGE_MAX))?;
    let direction = |payment: &Payment| {
        if payment.payer.account == account {
            Direction::Out
        } else {
            Direction::In
        }
    };
    Ok(payments
        .into_iter()
        .map(|payment| Entry {
            direction: direction(&payment),
            payment,
        })
        .collect())
}
