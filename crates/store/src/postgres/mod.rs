//! PostgreSQL and what speaks its protocol: a pool of threads, each with a connection of its own.
//! The synchronous client panics inside an async runtime, so it lives and dies on these threads.

mod address;
mod hints;
mod pool;
mod session;
#[cfg(test)]
mod tests;
mod tls;

pub(crate) use address::Address;
pub(crate) use hints::{Hints, Wire};
pub(crate) use pool::Pool;
pub(crate) use session::{NO_TIMEOUT, Session};
