//! A ledger account: one currency, a posted and a held balance, limits, and the habit profile.

mod book;
mod store;

pub use book::{Book, Previous};
#[cfg(test)]
pub(crate) use store::damage_profile;
pub use store::{ALL, SHAPES};
pub(crate) use store::{
    COUNT_BITS, Numbers, insert, keep_opening, keep_sign, load, load_locked, lock_ledger, reserve,
    reserve_account, reserve_accounts, set_frozen, set_limits, sign_from, write_back,
};

use crate::MoneyError;
use crate::limits::{Limits, Usage};
use base::{Amount, Currency, Timestamp};
use risk::Profile;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// The other side of top-ups; what it owes is negative here.
    Rail,
    Customer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: i64,
    pub kind: AccountKind,
    pub currency: Currency,
    pub posted_minor: i64,
    /// The part of `posted_minor` that open holds have set aside.
    pub held_minor: i64,
    pub limits: Limits,
    pub usage: Usage,
    pub frozen_at: Option<Timestamp>,
    pub profile: Profile,
    /// The head of its statement: each payment knows the one before it. Zero: none yet.
    pub last_payment: i64,
}

impl Account {
    /// An empty account.
    pub fn new(id: i64, kind: AccountKind, currency: Currency, limits: Limits, first_year: i64) -> Self {
        Self {
            id,
            kind,
            currency,
            posted_minor: 0,
            held_minor: 0,
            limits,
            usage: Usage {
                year: first_year,
                ..Usage::default()
            },
            frozen_at: None,
            profile: Profile::default(),
            last_payment: 0,
        }
    }

    pub fn available_minor(&self) -> i64 {
        self.posted_minor - self.held_minor
    }

    pub fn available(&self) -> Amount {
        Amount::new(self.available_minor(), self.currency)
    }

    /// Whether the amount would still fit under the balance's limit.
    pub fn can_hold(&self, more_minor: i64) -> bool {
        self.kind == AccountKind::Rail
            || self
                .posted_minor
                .checked_add(more_minor)
                .is_some_and(|sum| sum <= self.limits.balance_minor)
    }

    pub(crate) fn set_aside(&mut self, amount_minor: i64) -> Result<(), MoneyError> {
        self.held_minor = self.sum(self.held_minor, amount_minor)?;
        Ok(())
    }

    pub(crate) fn give_back(&mut self, amount_minor: i64) -> Result<(), MoneyError> {
        self.held_minor = self.sum(self.held_minor, -amount_minor)?;
        Ok(())
    }

    pub(crate) fn post(&mut self, change_minor: i64) -> Result<(), MoneyError> {
        self.posted_minor = self.sum(self.posted_minor, change_minor)?;
        Ok(())
    }

    fn sum(&self, a: i64, b: i64) -> Result<i64, MoneyError> {
        a.checked_add(b).ok_or(MoneyError::Overflow { account: self.id })
    }
}

/// The bank's side of a currency's top-ups. Customers' accounts begin above 1,000.
pub fn rail_account(currency: Currency) -> i64 {
    let place = Currency::ALL.iter().position(|known| *known == currency);
    1 + place.map_or(0, |place| place as i64)
}
