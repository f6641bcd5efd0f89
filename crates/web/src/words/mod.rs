//! What people read: Fluent messages in two languages, one file per feature, and numbers, money
//! and dates as each language writes them.

mod format;
mod messages;

pub use format::{Calendar, amount_problem, money, sentence_case, signed_money};
pub use messages::{say, say_with};

#[cfg(test)]
mod tests;
