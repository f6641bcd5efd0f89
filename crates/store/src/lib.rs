//! One SQL text, two engines: SQLite embedded, PostgreSQL when outgrown.
//! Only this crate knows which database it is talking to, and only this crate runs transactions.
//!
//! A transaction is a synchronous closure over [`Tx`]. It is free of side effects and may run more
//! than once, so nobody can await a network while holding a lock. `Err` from [`Db::write`] means
//! that the outcome is unknown: try again with the same key. A business refusal is an `Ok`.

mod column;
#[cfg(test)]
mod conformance;
mod db;
#[cfg(test)]
mod durability;
mod error;
#[cfg(feature = "harness")]
pub mod harness;
pub mod jobs;
mod migrate;
pub mod outbox;
mod postgres;
mod row;
mod signal;
mod sql;
mod sqlite;
mod tx;
mod value;
mod work;

pub use column::{Column, ColumnKind, InsertShape, SelectShape, Shape, UpdateShape};
pub use db::{Db, DbConfig};
pub use error::{DbError, causes};
pub use migrate::Migration;
pub use row::Row;
pub use signal::{Listener, Signal};
pub use sql::Sql;
pub use sqlite::{Fault, Faults, SqliteOptions, check_file};
pub use tx::Tx;
pub use value::Value;

/// The tables of this room: outbox and jobs.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        room: "store",
        number: 1,
        name: "outbox_and_jobs",
        sql: include_str!("../migrations/0001_outbox_and_jobs.sql"),
    },
    Migration {
        room: "store",
        number: 2,
        name: "jobs_by_end",
        sql: include_str!("../migrations/0002_jobs_by_end.sql"),
    },
];

/// Every statement of this room, so that a test prepares each on both engines.
pub fn statements() -> Vec<&'static Sql> {
    [migrate::ALL, outbox::ALL, jobs::ALL].concat()
}
