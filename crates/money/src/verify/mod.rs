//! Proves from the whole history that everything adds up: every balance and every risk profile is
//! what the transfers and warning signs make it, every payment has its answer and an assessment that
//! its rules make again, every hold ended once or is open, and the sum over all accounts is zero. It
//! reads one snapshot and keeps a bounded part of it in memory.
//!
//! What it cannot prove: that a second factor was given where an assessment takes it for granted.

mod cursor;
mod records;
mod replay;
mod scores;
mod store;
#[cfg(test)]
mod tests;

pub use store::ALL;

use crate::MoneyError;
use ::store::{Db, Tx};
use std::collections::BTreeMap;

/// Problems that are listed; more are only counted.
const PROBLEMS_MAX: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    pub accounts: u64,
    pub transfers: u64,
    pub payments: u64,
    pub answers: u64,
    /// Assessments found, each with its reasons where it needs some.
    pub assessments: u64,
    /// Assessments that were made again by the rules they name.
    pub scored: u64,
    /// How many name a version of rules that this database did not keep yet, or that only another
    /// version of this program can follow, or are from before profiles' histories were kept.
    pub not_judged: BTreeMap<u32, u64>,
    pub open_holds: u64,
    /// Over the posted balances of all accounts; zero.
    pub sum_minor: i64,
    pub problems_found: u64,
    pub problems: Vec<String>,
}

impl VerifyReport {
    pub fn is_sound(&self) -> bool {
        self.problems_found == 0
    }

    fn problem(&mut self, text: impl FnOnce() -> String) {
        self.problems_found += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(text());
        }
    }
}

/// Verifies the money of a database while it is in use.
pub fn verify(db: &Db) -> Result<VerifyReport, MoneyError> {
    db.read(verify_in)
}

/// The same in a transaction at hand.
pub fn verify_in(tx: &mut Tx<'_>) -> Result<VerifyReport, MoneyError> {
    tx.take_all_time()?;
    let mut report = VerifyReport {
        sum_minor: store::sum(tx)?,
        ..VerifyReport::default()
    };
    if report.sum_minor != 0 {
        let sum_minor = report.sum_minor;
        report.problem(|| format!("the balances of all accounts add up to {sum_minor}, not to zero"));
    }
    for (what, sql) in store::CONTRADICTIONS {
        for id in store::contradictions(tx, sql)? {
            report.problem(|| format!("{what}: {id}"));
        }
    }
    records::check_answers(tx, &mut report)?;
    replay::check_history(tx, &mut report)?;
    Ok(report)
}
