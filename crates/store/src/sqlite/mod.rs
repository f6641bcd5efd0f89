//! SQLite: one writer thread that commits in groups, a flusher and checkpoints behind it, and readers with
//! connections of their own.

mod checkpoints;
mod copy;
mod flusher;
mod held;
mod inline;
mod open;
mod readers;
mod statements;
#[cfg(test)]
mod tests;
mod writer;

pub use copy::check_file;
pub(crate) use copy::copy_whole;
pub(crate) use inline::Inline;
pub use inline::{Fault, Faults};
pub use open::SqliteOptions;
pub(crate) use open::{check_writable, open_connection};
pub(crate) use readers::Readers;
pub(crate) use statements::{Statements, insert_rows, select_by_keys, update_rows};
pub(crate) use writer::Writer;
