use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base::Ambient;

/// What one hash costs: memory in KiB, passes over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Cost {
    /// Argon2id with 19 MiB and 2 passes, one lane (the OWASP recommendation).
    pub const PRODUCTION: Self = Self {
        memory_kib: 19 * 1024,
        passes: 2,
    };
    /// Cheap enough for tests and simulations, never for people.
    pub const TEST: Self = Self {
        memory_kib: 8,
        passes: 1,
    };

    fn hasher(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32))
            .expect("the costs named above are within Argon2's bounds");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes a password with a fresh salt of 128 bits into a PHC string (`$argon2id$v=19$…`).
/// Takes tens of milliseconds: run it on a bounded pool, never inside a transaction.
pub fn hash(ambient: &Ambient, cost: Cost, password: &str) -> String {
    let salt = SaltString::encode_b64(&ambient.rng.bytes::<16>()).expect("16 bytes are a salt");
    cost.hasher()
        .hash_password(password.as_bytes(), &salt)
        .expect("every password of bounded length can be hashed")
        .to_string()
}

/// Whether the password is the one behind the PHC string; the cost is read from the string.
/// A damaged string matches nothing.
pub fn verify(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|parsed| {
        Argon2::default()
            .verify_password(password.as_bytes(), &parsed)
            .is_ok()
    })
}

/// Does the work of [`verify`] for a login that does not exist, so that the time to answer does
/// not tell who is a customer. Always false.
pub fn verify_nobody(cost: Cost, password: &str) -> bool {
    let mut digest = [0; 32];
    let done = cost
        .hasher()
        .hash_password_into(password.as_bytes(), b"nobody-has-this", &mut digest);
    std::hint::black_box((done.is_ok(), digest));
    false
}

/// Whether a stored hash is cheaper than today's cost; the next good sign-in replaces it.
pub fn needs_rehash(hash: &str, cost: Cost) -> bool {
    let params = PasswordHash::new(hash)
        .ok()
        .and_then(|parsed| Params::try_from(&parsed).ok());
    params.is_none_or(|params| params.m_cost() < cost.memory_kib || params.t_cost() < cost.passes)
}
