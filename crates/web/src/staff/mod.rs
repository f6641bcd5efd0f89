//! The staff's desk: cases, held payments, applications, frozen wallets, calls with their
//! recordings, requests for a second pair of eyes, the audit log. What moves money or opens a
//! wallet takes two people.

pub(crate) mod applications;
mod audit;
mod calls;
mod cases;
mod deed;
mod desk;
mod files;
mod members;
mod numbers;
mod on_file;
mod overview;
mod payments;
mod pending;
mod requests;
mod stopped;
mod story;
mod table;
mod transcript;
mod trouble;
mod wallets;

pub use applications::{application, applications, ask_activate, ask_approve, ask_decline, ask_documents};
pub use audit::audit;
pub use calls::{calls, recording};
pub use cases::{case, cases};
pub use files::file;
pub use members::{ask_reset, member, members};
pub use numbers::{ask_number, number_form};
pub use on_file::show_number;
pub use overview::overview;
pub use payments::{ask_release, ask_void, payment, payments};
pub use requests::{approve, refuse, requests, withdraw};
pub use wallets::{ask_unfreeze, find_wallet, freeze, wallet, wallets};
