//! Balances and used limits, made again from the transfers and payments.

use super::{VerifyReport, store};
use crate::MoneyError;
use crate::limits::LIFE;
use crate::payments::{Kind, PaymentState};
use ::store::Tx;
use std::collections::HashMap;
use store::{AccountRow, PaymentRow};

#[derive(Default)]
struct Replayed {
    posted_minor: i64,
    held_minor: i64,
    day_used_minor: i64,
    year_used_minor: i64,
}

/// One pass over the history for each million accounts: memory is bounded by that.
pub(super) fn check_balances(tx: &mut Tx<'_>, report: &mut VerifyReport) -> Result<(), MoneyError> {
    let mut after = i64::MIN;
    let mut first_pass = true;
    loop {
        let accounts = store::accounts(tx, after)?;
        let Some(last) = accounts.last() else {
            return Ok(());
        };
        after = last.id;
        report.accounts += accounts.len() as u64;
        let mut replayed: HashMap<i64, (AccountRow, Replayed)> = accounts
            .into_iter()
            .map(|account| (account.id, (account, Replayed::default())))
            .collect();
        let transfers = replay_transfers(tx, &mut replayed)?;
        if first_pass {
            report.transfers = transfers;
            first_pass = false;
        }
        replay_payments(tx, &mut replayed)?;
        let mut all: Vec<_> = replayed.into_values().collect();
        all.sort_unstable_by_key(|(account, _)| account.id);
        all.iter()
            .for_each(|(account, replayed)| compare(account, replayed, report));
    }
}

fn replay_transfers(
    tx: &mut Tx<'_>,
    accounts: &mut HashMap<i64, (AccountRow, Replayed)>,
) -> Result<u64, MoneyError> {
    let mut after = i64::MIN;
    let mut count = 0;
    loop {
        let page = store::transfers(tx, after)?;
        let Some(last) = page.last() else {
            return Ok(count);
        };
        after = last.id;
        count += page.len() as u64;
        for transfer in &page {
            if let Some((_, debit)) = accounts.get_mut(&transfer.debit) {
                debit.posted_minor -= transfer.amount_minor;
            }
            if let Some((_, credit)) = accounts.get_mut(&transfer.credit) {
                credit.posted_minor += transfer.amount_minor;
            }
        }
    }
}

fn replay_payments(
    tx: &mut Tx<'_>,
    accounts: &mut HashMap<i64, (AccountRow, Replayed)>,
) -> Result<(), MoneyError> {
    let mut after = i64::MIN;
    let mut years = Years::default();
    loop {
        let page = store::payments(tx, after)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        for payment in &page {
            if let Some((account, replayed)) = accounts.get_mut(&payment.payer) {
                replay_payment(payment, account, replayed, years.of(payment.day));
            }
        }
    }
}

fn replay_payment(payment: &PaymentRow, account: &AccountRow, replayed: &mut Replayed, year: i64) {
    let held = payment.state == PaymentState::Held.number();
    let posted = payment.state == PaymentState::Posted.number();
    if held {
        replayed.held_minor += payment.amount_minor;
    }
    if payment.kind != Kind::Transfer.number() || !(held || posted) {
        return;
    }
    if payment.day == account.day {
        replayed.day_used_minor += payment.amount_minor;
    }
    if account.year == LIFE || account.year == year {
        replayed.year_used_minor += payment.amount_minor;
    }
}

fn compare(account: &AccountRow, replayed: &Replayed, report: &mut VerifyReport) {
    let id = account.id;
    let mut check = |what: &str, stored: i64, proved: i64| {
        if stored != proved {
            report.problem(|| format!("account {id}: {what} is {stored}, its history makes it {proved}"));
        }
    };
    check("posted", account.posted_minor, replayed.posted_minor);
    check("held", account.held_minor, replayed.held_minor);
    if account.is_rail {
        return;
    }
    check("used today", account.day_used_minor, replayed.day_used_minor);
    check(
        "used this year",
        account.year_used_minor,
        replayed.year_used_minor,
    );
    if account.posted_minor < account.held_minor || account.held_minor < 0 {
        report.problem(|| format!("account {id} does not cover its holds"));
    }
}

/// The year of a day; most days in a row are the same.
#[derive(Default)]
struct Years(Option<(i64, i64)>);

impl Years {
    fn of(&mut self, day: i64) -> i64 {
        match self.0 {
            Some((known, year)) if known == day => year,
            _ => {
                let year = year_of(day);
                self.0 = Some((day, year));
                year
            }
        }
    }
}

fn year_of(day: i64) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    let span = jiff::Span::new().try_days(day);
    span.and_then(|span| epoch.checked_add(span))
        .map_or(LIFE, |date| i64::from(date.year()))
}
