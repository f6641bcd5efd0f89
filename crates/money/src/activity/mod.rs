//! What went in and out of an account, newest first: a chain from each payment to the one before it.

mod store;
#[cfg(test)]
mod tests;

pub use store::ALL;

use crate::MoneyError;
use crate::payments::{Payment, PaymentState, parts};
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

/// Payments that are looked at for one page: many of a payee's may have come to nothing.
const LOOKED_AT_MAX: usize = 10_000;

/// A page of an account's payments before `before`. A payer sees every state; a payee sees a
/// payment only once it is posted.
pub fn list(
    tx: &mut Tx<'_>,
    account: i64,
    before: Option<PaymentId>,
    limit: usize,
) -> Result<Vec<Entry>, MoneyError> {
    let limit = limit.clamp(1, PAGE_MAX);
    let before = before.map_or(i64::MAX, |id| parts(id).0);
    let mut from = match store::after(tx, account, before)? {
        Some(next) => next,
        None => store::head(tx, account)?,
    };
    let (mut page, mut looked_at, mut count) = (Vec::new(), 0, limit);
    while let Some(first) = from.filter(|_| page.len() < limit && looked_at < LOOKED_AT_MAX) {
        let links = store::links(tx, account, first, count)?;
        looked_at += links.len();
        // What is passed over is passed over in few steps.
        count = (2 * count).min(PAGE_MAX);
        from = match links.last() {
            Some(last) => store::after(tx, account, parts(last.id).0)?.flatten(),
            None => None,
        };
        let earlier = links.into_iter().filter(|payment| parts(payment.id).0 < before);
        page.extend(earlier.filter_map(|payment| entry(payment, account)));
    }
    page.truncate(limit);
    Ok(page)
}

/// As the account's holder sees it, if they do.
fn entry(payment: Payment, account: i64) -> Option<Entry> {
    let direction = if payment.payer.account == account {
        Direction::Out
    } else if payment.state == PaymentState::Posted {
        Direction::In
    } else {
        return None;
    };
    Some(Entry { direction, payment })
}
