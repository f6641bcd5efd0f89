use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub const TAG_BYTES: usize = 16;
pub const NONCE_BYTES: usize = 12;
pub const SALT_BYTES: usize = 16;

/// A key of 256 bits, wiped when dropped.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// AES-256-GCM; the tag is appended.
///
/// # Panics
/// Beyond GCM's bound of 64 GiB, far above every caller's own bound.
pub fn encrypt(key: &SecretKey, nonce: &[u8; NONCE_BYTES], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad };
    Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&**key))
        .encrypt(Nonce::from_slice(nonce), payload)
        .expect("GCM takes messages of up to 64 GiB")
}

/// `None` when key, nonce, associated data or a single bit of the ciphertext differ.
pub fn decrypt(
    key: &SecretKey,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload { msg: sealed, aad };
    Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&**key))
        .decrypt(Nonce::from_slice(nonce), payload)
        .ok()
        .map(Zeroizing::new)
}

/// A key for one message or one purpose, by HKDF-SHA-256 (RFC 5869). With a random salt per
/// message, random nonces do not wear out the data key.
pub fn derive(key: &SecretKey, salt: &[u8], purpose: &str) -> SecretKey {
    let mut derived = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), &**key)
        .expand(purpose.as_bytes(), &mut *derived)
        .expect("32 bytes are within HKDF's bound");
    derived
}
