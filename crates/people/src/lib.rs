//! People: who asks for a wallet, what is checked about them, who they are once they have one.
//! Only this room reads identity documents; only it speaks to identity and credit services.

pub mod applications;
pub mod checks;
pub mod customers;
mod error;
pub mod events;
pub mod identity_checks;

pub use error::PeopleError;

/// The tables of this room.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration {
        room: "people",
        number: 1,
        name: "people",
        sql: include_str!("../migrations/0001_people.sql"),
    },
    store::Migration {
        room: "people",
        number: 2,
        name: "call_time",
        sql: include_str!("../migrations/0002_call_time.sql"),
    },
];

/// Every statement of this room, so that a test prepares each on both engines.
pub fn statements() -> Vec<&'static store::Sql> {
    [customers::ALL.to_vec(), applications::statements()].concat()
}
