//! Passwords: what may be chosen, how it is kept, how it is checked.
//! Length and a blocklist, no composition rules and no forced change (NIST SP 800-63B).

mod first;
mod hashing;
mod rules;

pub use first::first;
pub use hashing::{Cost, hash, needs_rehash, verify, verify_nobody};
pub use rules::{MAX_CHARS, MIN_CHARS, PasswordProblem, PersonalData, problems};

#[cfg(test)]
mod tests;
