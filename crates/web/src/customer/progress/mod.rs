//! An application's progress, and what its applicant can do about it.

mod call;
mod decide;
mod page;
mod words;

pub use call::{book_call, call_again, correct_phone};
pub use decide::{appeal, open_wallet, supply_documents, withdraw};
pub use page::progress;
