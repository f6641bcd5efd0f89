use base::Rng;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// A bearer secret of 256 random bits, written as 43 characters of base64url. Whoever holds it
/// is believed, so the database keeps only its SHA-256, and it is never printed.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    pub fn generate(rng: &Rng) -> Self {
        Self(Zeroizing::new(
            BASE64URL_NOPAD.encode(&*Zeroizing::new(rng.bytes::<32>())),
        ))
    }

    /// Of a secret digest.
    pub(crate) fn of(digest: &[u8; 32]) -> Self {
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(digest)))
    }

    /// `None` unless the text has the form of a token.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == 43 && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok();
        sound.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret itself, for a cookie, a header or a link.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
