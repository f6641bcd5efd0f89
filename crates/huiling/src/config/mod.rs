//! Configuration: one TOML file, and the environment above it. Every key has a default, stands in
//! `huiling.example.toml` with its meaning, and a key that does not exist is refused by name.

mod keys;
mod load;
#[cfg(test)]
mod tests;

pub use keys::{
    Brand, Calls, Checks, Config, Keys, Mail, Money, Phone, Risk, Server, Sms, Store, Tls, Voice,
};
pub use load::{ConfigError, load};
