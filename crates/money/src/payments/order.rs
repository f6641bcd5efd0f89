use base::Amount;
use risk::Channel;
use sha2::{Digest, Sha256};

/// A customer's, or a rail's, order to move money.
#[derive(Clone, Debug)]
pub struct Order {
    /// Whose key it is: a login, an API client, a rail.
    pub caller: [u8; 16],
    pub key: IdempotencyKey,
    /// Of the request as it came in: the same key with another request is refused.
    pub request_hash: [u8; 32],
    pub payer_account: i64,
    pub payee_account: i64,
    pub amount: Amount,
    /// What the payer wrote for the payee; cut to [`NOTE_MAX`] characters.
    pub note: String,
    pub channel: Channel,
    /// Whether the payer has proved a second factor for this very order.
    pub second_factor: bool,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// From a customer to another.
    Transfer,
    /// From a bank's rail to a customer.
    TopUp,
}

/// Characters of a note that are kept.
pub const NOTE_MAX: usize = 100;

/// What a client names an order by, so that repeating it cannot pay twice: 1 to 64 visible ASCII
/// characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to 64 visible ASCII characters")]
pub struct BadKey;

impl IdempotencyKey {
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let sound = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        sound.then(|| Self(text.into())).ok_or(BadKey)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Kind {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Transfer => 0,
            Self::TopUp => 1,
        }
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Transfer, Self::TopUp]
            .into_iter()
            .find(|kind| kind.number() == number)
    }
}

impl Order {
    /// The key within its scope, caller and verb, as it is stored: 16 bytes of SHA-256.
    pub(crate) fn scoped_key(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(self.caller);
        hash.update([self.kind.number() as u8]);
        hash.update(self.key.0.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        key
    }

    pub(crate) fn note(&self) -> &str {
        match self.note.char_indices().nth(NOTE_MAX) {
            Some((end, _)) => &self.note[..end],
            None => &self.note,
        }
    }
}
