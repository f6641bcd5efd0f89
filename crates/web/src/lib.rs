//! Everything that speaks HTTP: the customer's pages, the staff's desk, pages for everyone, and
//! the JSON API. Only this room serves HTTP; it decides nothing about money, people or calls.
//!
//! [`router`] is the table of contents. Blocking work never runs on an asynchronous thread.

mod api;
pub mod approval;
mod bookings;
mod customer;
mod fault;
mod form;
mod freezes;
mod guard;
mod hex;
mod ops;
mod public;
mod pulse;
mod router;
mod serve;
mod shell;
mod sign_in;
mod staff;
mod state;
mod words;

pub use router::router;
pub use serve::serve;
pub use shell::{Brand, Page, Tab, page};
pub use state::{AppState, RequestLimits, Setup};
