//! Encryption at rest. A master key from outside the database seals the data keys that lie in
//! it; data keys seal fields and recordings (AES-256-GCM). Rotation adds a data key and leaves
//! old ciphertexts readable, because each names its key. Every ciphertext is bound to its
//! context: moved to another row, it does not open.
//!
//! Only this folder knows a cipher. Erasing one person's data by destroying a key of their own
//! is not here yet: it needs data keys per person, for which the key id in the header has room.

mod cipher;
mod keyring;
mod master;
mod store;
mod stream;

pub use self::store::ALL as STATEMENTS;
pub use keyring::Keyring;
pub use master::{MasterKey, MasterKeyError};
pub use stream::{SealedReader, SealedWriter};

#[cfg(test)]
mod tests;
