//! Configuration: one TOML file, and the environment above it. Every key has a default, stands in
//! `huiling.example.toml` with its meaning, and a key that does not exist is refused by name.

mod keys;
mod load;
#[cfg(test)]
mod tests;

pub use keys::{BUREAU, Config, MailProtection, Phone};
pub use load::{ConfigError, load};
