use super::Account;
use crate::MoneyError;
use std::collections::HashMap;

/// The accounts that a slice touches, as they are while it is decided.
#[derive(Debug, Default)]
pub struct Book {
    accounts: Vec<Account>,
    places: HashMap<i64, usize>,
    posted_before_minor: i128,
}

/// What stood at the head of both statements before a payment. Zero: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Previous {
    pub of_payer: i64,
    pub of_payee: i64,
}

impl Book {
    pub fn new(accounts: Vec<Account>) -> Self {
        let places = accounts
            .iter()
            .enumerate()
            .map(|(place, account)| (account.id, place))
            .collect();
        let posted_before_minor = posted(&accounts);
        Self {
            accounts,
            places,
            posted_before_minor,
        }
    }

    pub fn get(&self, id: i64) -> Option<&Account> {
        self.places.get(&id).map(|place| &self.accounts[*place])
    }

    pub fn get_mut(&mut self, id: i64) -> Option<&mut Account> {
        self.places.get(&id).map(|place| &mut self.accounts[*place])
    }

    /// Both sides of a movement; `None` if one is missing or they are the same.
    pub fn pair_mut(&mut self, debit: i64, credit: i64) -> Option<(&mut Account, &mut Account)> {
        let (debit, credit) = (*self.places.get(&debit)?, *self.places.get(&credit)?);
        let [debit, credit] = self.accounts.get_disjoint_mut([debit, credit]).ok()?;
        Some((debit, credit))
    }

    /// Puts a payment at the head of its payer's statement, and of its payee's if that is ever to see it.
    pub fn put_first(&mut self, payment: i64, payer: i64, payee: Option<i64>) -> Previous {
        let mut head = |account: Option<i64>| {
            let account = account.and_then(|id| self.get_mut(id));
            account.map_or(0, |account| std::mem::replace(&mut account.last_payment, payment))
        };
        Previous {
            of_payer: head(Some(payer)),
            of_payee: head(payee),
        }
    }

    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Money was neither made nor lost since the accounts were loaded.
    pub fn check_conserved(&self) -> Result<(), MoneyError> {
        match posted(&self.accounts) - self.posted_before_minor {
            0 => Ok(()),
            by_minor => Err(MoneyError::NotConserved { by_minor }),
        }
    }
}

fn posted(accounts: &[Account]) -> i128 {
    accounts
        .iter()
        .map(|account| i128::from(account.posted_minor))
        .sum()
}
