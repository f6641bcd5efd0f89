//! Events that go up the house. An event is written by the transaction that caused it, and removed
//! by the transaction that handled it: for the database, each is handled exactly once.

mod pump;
mod store;
#[cfg(test)]
mod tests;

pub use pump::{HandlerError, Handlers, pump, start};
pub use store::ALL;

use crate::{DbError, Tx};
use base::{Ambient, Timestamp};

/// Raised when an event was committed.
pub const SIGNAL: &str = "outbox";

base::id_type!(
    /// One event.
    EventId
);

/// Something that happened, for whoever subscribed to its topic.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: EventId,
    pub topic: String,
    /// The noun that it happened to; handlers are unique by it.
    pub subject: [u8; 16],
    /// JSON.
    pub body: String,
    pub at: Timestamp,
    pub attempts: u32,
}

/// How many events wait, how long the oldest has waited, how many were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    pub waiting: i64,
    pub oldest_at: Option<Timestamp>,
    pub given_up: i64,
    /// Tried at least once in vain, and tried again.
    pub failing: i64,
}

/// Events of one topic that a handler has refused at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Troubled {
    pub topic: String,
    /// Tried again.
    pub failing: i64,
    /// Left for a person.
    pub given_up: i64,
}

/// Topics are few; a table full of foreign ones makes no endless list.
const TOPICS_MAX: i64 = 100;

/// Writes an event in the transaction that causes it.
pub fn publish(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    topic: &'static str,
    subject: &[u8; 16],
    body: &str,
) -> Result<(), DbError> {
    store::insert(tx, EventId::new(ambient), topic, subject, body, ambient.now())?;
    tx.wake(SIGNAL);
    Ok(())
}

pub fn backlog(tx: &mut Tx<'_>) -> Result<Backlog, DbError> {
    store::backlog(tx)
}

/// The topics whose events keep failing.
pub fn troubled(tx: &mut Tx<'_>) -> Result<Vec<Troubled>, DbError> {
    store::troubled(tx, TOPICS_MAX)
}
