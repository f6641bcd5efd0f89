//! Who somebody is and what they may do: passwords, one-time codes, sessions, signatures on
//! payments, roles, four eyes, the audit log, and encryption at rest.
//!
//! This crate never speaks to the network, never reads a clock or a generator of its own, and
//! knows neither wallets nor calls. Secrets leave it only to be shown once to their owner.
//! Everything that decides runs inside the caller's transaction; slow work (hashing a password)
//! is a pure function that the caller runs outside.

pub mod api_tokens;
pub mod audit;
mod error;
#[cfg(test)]
mod fixture;
pub mod four_eyes;
pub mod invitations;
pub mod lockouts;
pub mod logins;
pub mod passwords;
pub mod proofs;
pub mod sealing;
pub mod sessions;
pub mod staff;
mod token;
pub mod totp;

pub use error::SecurityError;
pub use token::Token;

use store::{Migration, Sql};

/// The tables of this room.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        room: "security",
        number: 1,
        name: "security",
        sql: include_str!("../migrations/0001_security.sql"),
    },
    Migration {
        room: "security",
        number: 2,
        name: "decided_requests",
        sql: include_str!("../migrations/0002_decided_requests.sql"),
    },
    Migration {
        room: "security",
        number: 3,
        name: "swept_devices",
        sql: include_str!("../migrations/0003_swept_devices.sql"),
    },
];

/// Every statement of this room, so that a test prepares each on both engines.
pub fn statements() -> Vec<&'static Sql> {
    [
        api_tokens::STATEMENTS,
        audit::STATEMENTS,
        four_eyes::STATEMENTS,
        invitations::STATEMENTS,
        lockouts::STATEMENTS,
        logins::STATEMENTS,
        proofs::STATEMENTS,
        sealing::STATEMENTS,
        sessions::STATEMENTS,
        staff::STATEMENTS,
    ]
    .concat()
}

#[cfg(test)]
mod tests;
