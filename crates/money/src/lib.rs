//! The ledger and all that moves money: wallets, payments with their holds, limits, top-ups,
//! receipts, activity, and the proof that it all adds up.
//!
//! Only this crate reads or writes balances, transfers and profiles. The transfers are the truth;
//! balances are derived and can be replayed. A hold is posted or voided exactly once. No amount is
//! a fraction, and money is neither made nor lost: each transfer debits one account and credits
//! another, and the sum over all accounts is zero.

pub mod accounts;
pub mod activity;
mod bench_world;
mod error;
pub mod events;
pub mod limits;
pub mod payments;
mod policy;
pub mod rails;
pub mod receipts;
mod rulebook;
pub mod signature;
#[cfg(test)]
mod testing;
pub mod verify;
pub mod wallets;

pub use bench_world::{FIRST_BENCH_ACCOUNT, bench_wallet_number, bench_wallets, bench_world};
pub use error::MoneyError;
pub use payments::{Answer, Gatherer, Order, Outcome, Payment, PaymentState, Refusal};
pub use policy::{HoldPolicy, KeypadPolicy, Policy};
pub use rulebook::keep_rules;
pub use verify::{VerifyReport, verify};
pub use wallets::{Payee, Wallet, WalletNumber};

use store::{Migration, Shape, Sql};

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        room: "money",
        number: 1,
        name: "ledger",
        sql: include_str!("../migrations/0001_ledger.sql"),
    },
    Migration {
        room: "money",
        number: 2,
        name: "risk_history",
        sql: include_str!("../migrations/0002_risk_history.sql"),
    },
    Migration {
        room: "money",
        number: 3,
        name: "profile_baselines",
        sql: include_str!("../migrations/0003_profile_baselines.sql"),
    },
    Migration {
        room: "money",
        number: 4,
        name: "statement_chains",
        sql: include_str!("../migrations/0004_statement_chains.sql"),
    },
];

/// Every statement of this room, so that a test prepares each on both engines.
pub fn statements() -> Vec<&'static Sql> {
    [
        accounts::ALL,
        activity::ALL,
        payments::ALL,
        rulebook::ALL,
        verify::ALL,
        wallets::ALL,
    ]
    .concat()
}

/// Every bulk statement of this room.
pub fn shapes() -> Vec<Shape> {
    [accounts::SHAPES, payments::SHAPES, wallets::SHAPES].concat()
}
