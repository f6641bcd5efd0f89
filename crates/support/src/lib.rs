//! Words to customers outside a call: in the app, by SMS, by e-mail.
//!
//! This crate knows nobody's reasons: who causes a message says what it is about. It sends no
//! password and no code, and asks for none; the one secret it carries is the welcome link.

mod error;
pub mod notify;
pub mod purge;

pub use error::SupportError;

use store::{Migration, Sql};

/// The tables of this room.
pub const MIGRATIONS: &[Migration] = &[Migration {
    room: "support",
    number: 1,
    name: "messages",
    sql: include_str!("../migrations/0001_messages.sql"),
}];

/// Every statement of this room, so that a test prepares each on both engines.
pub fn statements() -> Vec<&'static Sql> {
    notify::STATEMENTS.to_vec()
}
