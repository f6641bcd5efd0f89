//! Balances, used limits and profiles, made again from transfers, payments and warning signs.

use super::cursor::Cursor;
use super::scores::Scores;
use super::{VerifyReport, records, store};
use crate::limits::LIFE;
use crate::payments::{Kind, PaymentState};
use crate::{MoneyError, accounts};
use ::store::Tx;
use risk::{Posted, Profile};
use store::{AccountRow, Opening, PaymentRow, SignRow, TransferRow};

/// Accounts beyond this have no place in the list of proven payees.
const ACCOUNTS_MAX: i64 = 1 << 32;

/// An account and what the history makes of it.
struct Replayed {
    account: AccountRow,
    posted_minor: i64,
    held_minor: i64,
    day_used_minor: i64,
    year_used_minor: i64,
    profile: Profile,
    /// The head of its statement's chain so far.
    last_payment: i64,
    /// What happened up to this number the profile knows from the beginning.
    known_up_to: i64,
}

/// One walk through the history for some of the accounts.
struct Pass {
    /// By ascending id.
    accounts: Vec<Replayed>,
    /// The first pass also counts and looks at each row for itself.
    is_first: bool,
    /// A bit for each account of the ledger that was paid before.
    proven_payees: Vec<u64>,
    years: Years,
}

/// One walk for every so many accounts: memory is bounded by that.
pub(super) fn check_history(tx: &mut Tx<'_>, report: &mut VerifyReport) -> Result<(), MoneyError> {
    let scores = Scores::load(tx)?;
    let openings = store::openings(tx)?;
    for opening in openings.iter().filter(|opening| opening.profile.is_err()) {
        let (first, last) = (opening.first_account, opening.last_account);
        report
            .problem(|| format!("the habit that accounts {first} to {last} were opened with cannot be read"));
    }
    let last_account = store::last_account(tx)?;
    let (mut after, mut is_first) = (i64::MIN, true);
    loop {
        let accounts = store::accounts(tx, after)?;
        let last = accounts.last().map(|account| account.id);
        if is_first || last.is_some() {
            let mut pass = Pass::new(accounts, is_first, &openings, last_account);
            pass.begin_at_baselines(tx, after, report)?;
            pass.walk(tx, &scores, report)?;
            pass.compare(tx, after, report)?;
        }
        let Some(last) = last else { return Ok(()) };
        (after, is_first) = (last, false);
    }
}

impl Pass {
    fn new(accounts: Vec<AccountRow>, is_first: bool, openings: &[Opening], last_account: i64) -> Self {
        let words = last_account.clamp(0, ACCOUNTS_MAX) / 64 + 1;
        let mut pass = Self {
            accounts: accounts
                .into_iter()
                .map(|row| Replayed::new(row, openings))
                .collect(),
            is_first,
            proven_payees: vec![0; words as usize],
            years: Years::default(),
        };
        for opening in openings {
            if opening
                .profile
                .as_ref()
                .is_ok_and(|profile| profile.received_count > 0)
            {
                let end = opening.last_account.min(last_account);
                (opening.first_account..=end).for_each(|account| pass.prove_payee(account));
            }
        }
        pass
    }

    /// Sets the profiles whose first years were not kept to what they were when keeping began.
    fn begin_at_baselines(
        &mut self,
        tx: &mut Tx<'_>,
        mut after: i64,
        report: &mut VerifyReport,
    ) -> Result<(), MoneyError> {
        let last = self.accounts.last().map_or(i64::MIN, |last| last.account.id);
        while after < last {
            let page = store::baselines(tx, after)?;
            let Some(end) = page.last() else { break };
            after = end.account;
            for baseline in page.into_iter().filter(|baseline| baseline.account <= last) {
                let id = baseline.account;
                match (self.account(id), baseline.profile) {
                    (Some(account), Ok(profile)) => {
                        account.profile = profile;
                        account.known_up_to = baseline.up_to_number;
                    }
                    (Some(_), Err(_)) => {
                        report.problem(|| format!("account {id}: its first profile cannot be read"));
                    }
                    (None, _) => report.problem(|| format!("account {id} has a first profile and no row")),
                }
            }
        }
        Ok(())
    }

    /// Everything in the order in which it happened: a payment is assessed before its transfer is
    /// learned, and both have one number when it was posted at once.
    fn walk(
        &mut self,
        tx: &mut Tx<'_>,
        scores: &Scores,
        report: &mut VerifyReport,
    ) -> Result<(), MoneyError> {
        let mut payments = Cursor::new(store::payments, |row: &PaymentRow| row.id);
        let mut transfers = Cursor::new(store::transfers, |row: &TransferRow| row.id);
        let mut signs = Cursor::new(store::signs, |row: &SignRow| row.id);
        loop {
            let numbers = [payments.number(tx)?, transfers.number(tx)?, signs.number(tx)?];
            let Some(number) = numbers.into_iter().flatten().min() else {
                return Ok(());
            };
            let payment = payments.take(number);
            if let Some(payment) = &payment {
                self.payment(payment, scores, report);
            }
            if let Some(transfer) = transfers.take(number) {
                let is_top_up = payment.is_some_and(|payment| payment.kind != Kind::Transfer.number());
                self.transfer(&transfer, is_top_up, report);
            }
            if let Some(sign) = signs.take(number) {
                self.sign(&sign, report);
            }
        }
    }

    fn payment(&mut self, payment: &PaymentRow, scores: &Scores, report: &mut VerifyReport) {
        if self.is_first {
            records::check_payment(payment, report);
        }
        self.link(payment, report);
        let payee_is_proven = self.is_proven(payment.payee);
        let year = self.years.of(payment.day);
        let Some(payer) = self.account(payment.payer) else {
            return;
        };
        payer.use_limits(payment, year);
        if payment.kind == Kind::Transfer.number() {
            let then = (payment.id > payer.known_up_to).then_some(&payer.profile);
            scores.check(payment, then, payee_is_proven, report);
        }
    }

    /// Each statement is one chain through all its payments.
    fn link(&mut self, payment: &PaymentRow, report: &mut VerifyReport) {
        let reaches_payee =
            PaymentState::from_number(payment.state).is_some_and(PaymentState::may_reach_payee);
        let payee = reaches_payee.then_some(payment.payee);
        let sides = [
            (Some(payment.payer), payment.payer_previous),
            (payee, payment.payee_previous),
        ];
        for (account, previous) in sides {
            let Some(account) = account.and_then(|id| self.account(id)) else {
                continue;
            };
            let before = std::mem::replace(&mut account.last_payment, payment.id);
            if before != previous {
                let (id, account) = (payment.id, account.account.id);
                report.problem(|| {
                    format!(
                        "the statement of account {account} breaks off after payment {id}: {before} is next"
                    )
                });
            }
        }
    }

    fn transfer(&mut self, transfer: &TransferRow, is_top_up: bool, report: &mut VerifyReport) {
        report.transfers += u64::from(self.is_first);
        let learns = transfer.payment != 0 && !is_top_up;
        if let Some(debit) = self.account(transfer.debit) {
            debit.posted_minor -= transfer.amount_minor;
            if learns && transfer.id > debit.known_up_to {
                debit.profile.learn_paid(&Posted {
                    amount_minor: transfer.amount_minor,
                    payee_account: transfer.credit,
                    at: transfer.at,
                });
            }
        }
        if let Some(credit) = self.account(transfer.credit) {
            credit.posted_minor += transfer.amount_minor;
            if learns && transfer.id > credit.known_up_to {
                credit.profile.learn_received();
            }
        }
        if learns {
            self.prove_payee(transfer.credit);
        }
    }

    fn sign(&mut self, row: &SignRow, report: &mut VerifyReport) {
        let id = row.id;
        let Some(account) = self.account(row.account) else {
            return;
        };
        match accounts::sign_from(row.sign) {
            Some(sign) if id > account.known_up_to => account.profile.learn_warning(sign, row.at),
            Some(_) => {}
            None => report.problem(|| format!("warning sign {id} is none that is known")),
        }
    }

    /// Ids follow each other but for gaps, so the place is mostly known without a search.
    fn account(&mut self, id: i64) -> Option<&mut Replayed> {
        let first = self.accounts.first()?.account.id;
        let guess = usize::try_from(id.checked_sub(first)?).ok()?;
        let place = match self.accounts.get(guess) {
            Some(found) if found.account.id == id => guess,
            _ => self
                .accounts
                .binary_search_by_key(&id, |found| found.account.id)
                .ok()?,
        };
        self.accounts.get_mut(place)
    }

    fn is_proven(&self, account: i64) -> bool {
        let word = usize::try_from(account / 64)
            .ok()
            .and_then(|word| self.proven_payees.get(word));
        word.is_some_and(|word| word >> (account % 64) & 1 == 1)
    }

    fn prove_payee(&mut self, account: i64) {
        let word = usize::try_from(account / 64).ok();
        if let Some(word) = word.and_then(|word| self.proven_payees.get_mut(word)) {
            *word |= 1 << (account % 64);
        }
    }

    /// What is stored, beside what the walk has made.
    fn compare(&self, tx: &mut Tx<'_>, after: i64, report: &mut VerifyReport) -> Result<(), MoneyError> {
        report.accounts += self.accounts.len() as u64;
        let (mut after, mut left) = (after, self.accounts.iter());
        loop {
            let page = store::profiles(tx, after)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            for (id, stored) in &page {
                let Some(replayed) = left.next() else {
                    return Ok(());
                };
                replayed.compare(report);
                if *stored != replayed.profile.encode() {
                    report.problem(|| format!("account {id}: its profile is not what its history makes it"));
                }
            }
        }
    }
}

impl Replayed {
    fn new(account: AccountRow, openings: &[Opening]) -> Self {
        let before = openings.partition_point(|opening| opening.first_account <= account.id);
        let opening = before.checked_sub(1).and_then(|place| openings.get(place));
        let opening = opening.filter(|opening| account.id <= opening.last_account);
        let profile = opening.and_then(|opening| opening.profile.clone().ok());
        Self {
            account,
            posted_minor: 0,
            held_minor: 0,
            day_used_minor: 0,
            year_used_minor: 0,
            profile: profile.unwrap_or_default(),
            last_payment: 0,
            known_up_to: i64::MIN,
        }
    }

    fn use_limits(&mut self, payment: &PaymentRow, year: i64) {
        let held = payment.state == PaymentState::Held.number();
        let posted = payment.state == PaymentState::Posted.number();
        if held {
            self.held_minor += payment.amount_minor;
        }
        if payment.kind != Kind::Transfer.number() || !(held || posted) {
            return;
        }
        if payment.day == self.account.day {
            self.day_used_minor += payment.amount_minor;
        }
        if self.account.year == LIFE || self.account.year == year {
            self.year_used_minor += payment.amount_minor;
        }
    }

    fn compare(&self, report: &mut VerifyReport) {
        let account = &self.account;
        let id = account.id;
        let mut check = |what: &str, stored: i64, proved: i64| {
            if stored != proved {
                report.problem(|| format!("account {id}: {what} is {stored}, its history makes it {proved}"));
            }
        };
        check("posted", account.posted_minor, self.posted_minor);
        check("held", account.held_minor, self.held_minor);
        check("the last payment", account.last_payment, self.last_payment);
        if account.is_rail {
            return;
        }
        check("used today", account.day_used_minor, self.day_used_minor);
        check("used this year", account.year_used_minor, self.year_used_minor);
        if account.posted_minor < account.held_minor || account.held_minor < 0 {
            report.problem(|| format!("account {id} does not cover its holds"));
        }
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
