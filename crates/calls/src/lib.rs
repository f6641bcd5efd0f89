//! The callback: why we call a customer, when, what is said, and what comes of it.
//!
//! An attempt is committed before its INVITE. A 1 counts only after amount and payee have been
//! played in full on that very call, and "paid" is said only after the commit. No script can ask
//! for a secret. Matching words exist only while their call is answered. Only `matter` asks
//! `money` and `people`; only `conversation` and `dialer` are async.

pub mod attempts;
pub mod bookings;
pub mod cases;
mod conversation;
pub mod dialer;
mod dispositions;
mod error;
pub mod events;
pub mod handlers;
mod matter;
pub mod notices;
pub mod numbers;
mod policy;
pub mod recordings;
pub mod schedule;
pub mod scripts;
pub mod status;
pub mod transcripts;

pub use conversation::{Rules, act, decided, script_of};
pub use dialer::{Dialer, DialerHealth, DialerParts};
pub use dispositions::{Consequence, Disposition};
pub use error::CallsError;
pub use policy::{CallPolicy, QuietHours};
pub use status::CallStatus;

use store::{Migration, Sql};

/// The tables of this room.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        room: "calls",
        number: 1,
        name: "calls",
        sql: include_str!("../migrations/0001_calls.sql"),
    },
    Migration {
        room: "calls",
        number: 2,
        name: "transcripts",
        sql: include_str!("../migrations/0002_transcripts.sql"),
    },
    Migration {
        room: "calls",
        number: 3,
        name: "numbers",
        sql: include_str!("../migrations/0003_numbers.sql"),
    },
    Migration {
        room: "calls",
        number: 4,
        name: "booked_times",
        sql: include_str!("../migrations/0004_booked_times.sql"),
    },
    Migration {
        room: "calls",
        number: 5,
        name: "calls_to_a_number",
        sql: include_str!("../migrations/0005_calls_to_a_number.sql"),
    },
];

/// Every statement of this room, so that a test prepares each on both engines.
pub fn statements() -> Vec<&'static Sql> {
    [
        attempts::ALL,
        cases::ALL,
        notices::ALL,
        numbers::ALL,
        recordings::ALL,
        status::ALL,
        transcripts::ALL,
    ]
    .concat()
}
