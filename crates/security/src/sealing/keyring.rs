use super::cipher::{self, NONCE_BYTES, SALT_BYTES, SecretKey, TAG_BYTES};
use super::master::MasterKey;
use super::store as rows;
use crate::SecurityError;
use base::{Ambient, Rng};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use store::Db;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + SALT_BYTES + NONCE_BYTES;
/// The data key that never rotates: blind indexes and proofs must stay comparable.
const INDEX_KEY: u32 = 0;

/// The opened data keys; clones share them. Sealed form of a value:
/// `version (1) ‖ key id (4) ‖ salt (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`.
#[derive(Clone)]
pub struct Keyring(Arc<Shared>);

struct Shared {
    master: MasterKey,
    rng: Rng,
    keys: RwLock<BTreeMap<u32, SecretKey>>,
}

impl Keyring {
    /// Opens the data keys that the database holds; on the first start it makes them.
    ///
    /// # Errors
    /// `WrongMasterKey` when the master key is not the one that sealed them.
    pub fn open(db: &Db, ambient: &Ambient, master: MasterKey) -> Result<Self, SecurityError> {
        let keyring = Self(Arc::new(Shared {
            master,
            rng: ambient.rng.clone(),
            keys: RwLock::default(),
        }));
        if keyring.reload(db)? == 0 {
            keyring.add(db, ambient, &[INDEX_KEY, INDEX_KEY + 1])?;
        }
        Ok(keyring)
    }

    /// Keys that live in memory only, for tests and pure simulations.
    pub fn ephemeral(ambient: &Ambient) -> Self {
        let fresh = || Zeroizing::new(ambient.rng.bytes());
        Self(Arc::new(Shared {
            master: MasterKey::generate(ambient),
            rng: ambient.rng.clone(),
            keys: RwLock::new(BTreeMap::from([(INDEX_KEY, fresh()), (INDEX_KEY + 1, fresh())])),
        }))
    }

    /// Adds a data key; what is sealed from now on uses it. Returns its id.
    pub fn rotate(&self, db: &Db, ambient: &Ambient) -> Result<u32, SecurityError> {
        self.reload(db)?;
        self.add(db, ambient, &[self.current_id() + 1])?;
        Ok(self.current_id())
    }

    /// Reads the keys that other nodes have added. Returns how many there are.
    pub fn reload(&self, db: &Db) -> Result<usize, SecurityError> {
        let sealed = db.read(|tx| rows::all(tx).map_err(SecurityError::from))?;
        let root = self.root();
        let mut opened = BTreeMap::new();
        for (id, sealed) in sealed {
            let wrong = SecurityError::WrongMasterKey { key_id: id };
            let (Ok(key_id), Some((nonce, body))) = (u32::try_from(id), sealed.split_first_chunk()) else {
                return Err(wrong);
            };
            let plain = cipher::decrypt(&root, nonce, &key_context(key_id), body);
            let Some(key) = plain.and_then(|plain| <[u8; 32]>::try_from(plain.as_slice()).ok()) else {
                return Err(wrong);
            };
            opened.insert(key_id, Zeroizing::new(key));
        }
        let count = opened.len();
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = opened;
        Ok(count)
    }

    /// Seals a value. The context names its place (`login.totp:<id>`); it must be given again
    /// to open it.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let (key_id, key) = self.current();
        let mut sealed = Vec::with_capacity(HEADER_BYTES + plain.len() + TAG_BYTES);
        sealed.push(VERSION);
        sealed.extend(key_id.to_be_bytes());
        let salt: [u8; SALT_BYTES] = self.0.rng.bytes();
        let nonce: [u8; NONCE_BYTES] = self.0.rng.bytes();
        sealed.extend(salt);
        sealed.extend(nonce);
        let message_key = cipher::derive(&key, &salt, "huiling field");
        let body = cipher::encrypt(&message_key, &nonce, &aad(key_id, context), plain);
        sealed.extend(body);
        sealed
    }

    /// Opens what [`seal`](Self::seal) made, with the key that it names.
    pub fn unseal(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecurityError> {
        let not_authentic = || SecurityError::NotAuthentic {
            context: context.into(),
        };
        let ([VERSION], rest) = sealed.split_first_chunk().ok_or_else(not_authentic)? else {
            return Err(not_authentic());
        };
        let (id, rest) = rest
            .split_first_chunk::<KEY_ID_BYTES>()
            .ok_or_else(not_authentic)?;
        let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>().ok_or_else(not_authentic)?;
        let (nonce, body) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(not_authentic)?;
        let key_id = u32::from_be_bytes(*id);
        let key = self.key(key_id, context)?;
        let message_key = cipher::derive(&key, salt, "huiling field");
        cipher::decrypt(&message_key, nonce, &aad(key_id, context), body).ok_or_else(not_authentic)
    }

    /// Whether a newer key exists than the one this value is sealed with.
    pub fn is_outdated(&self, sealed: &[u8]) -> bool {
        let id = sealed.get(1..1 + KEY_ID_BYTES).and_then(|id| id.try_into().ok());
        id.is_none_or(|id| u32::from_be_bytes(id) != self.current_id())
    }

    /// HMAC-SHA-256 under a key of its own for each purpose: a blind index by which a sealed
    /// value can be found, or a seal on a statement. It survives rotation.
    pub fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let index_key = self
            .key(INDEX_KEY, purpose)
            .expect("every keyring holds its index key");
        let key = cipher::derive(&index_key, b"huiling mac", purpose);
        let mut mac = Hmac::<Sha256>::new_from_slice(&*key).expect("HMAC takes a key of any length");
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    pub(super) fn current(&self) -> (u32, SecretKey) {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        let (id, key) = keys.last_key_value().expect("a keyring is made with its keys");
        (*id, key.clone())
    }

    pub(super) fn key(&self, key_id: u32, context: &str) -> Result<SecretKey, SecurityError> {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(&key_id)
            .cloned()
            .ok_or_else(|| SecurityError::UnknownKey {
                context: context.into(),
                key_id,
            })
    }

    pub(super) fn rng(&self) -> &Rng {
        &self.0.rng
    }

    fn current_id(&self) -> u32 {
        self.current().0
    }

    fn root(&self) -> SecretKey {
        cipher::derive(&self.0.master.0, b"huiling master", "data keys")
    }

    /// Two nodes that add the same key at once both end with the one that was written first.
    fn add(&self, db: &Db, ambient: &Ambient, ids: &[u32]) -> Result<(), SecurityError> {
        let root = self.root();
        let fresh: Vec<(u32, Vec<u8>)> = ids
            .iter()
            .map(|&id| {
                let key: SecretKey = Zeroizing::new(ambient.rng.bytes());
                let nonce: [u8; NONCE_BYTES] = ambient.rng.bytes();
                let body = cipher::encrypt(&root, &nonce, &key_context(id), &*key);
                (id, [nonce.as_slice(), &body].concat())
            })
            .collect();
        let now = ambient.now();
        db.write(move |tx| {
            for (id, sealed) in &fresh {
                rows::insert(tx, i64::from(*id), sealed, now)?;
            }
            Ok::<_, SecurityError>(())
        })?;
        self.reload(db).map(drop)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

fn aad(key_id: u32, context: &str) -> Vec<u8> {
    [&[VERSION], key_id.to_be_bytes().as_slice(), context.as_bytes()].concat()
}

fn key_context(key_id: u32) -> Vec<u8> {
    format!("data_key:{key_id}").into_bytes()
}
