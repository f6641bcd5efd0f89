//! Time-based one-time codes (RFC 6238 over RFC 4226): SHA-1, 6 digits, steps of 30 seconds,
//! as every authenticator app has them. Pure: what was accepted is remembered by `logins`.

use base::{Ambient, Timestamp};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Seconds for which one code is shown.
pub const STEP_SECS: i64 = 30;
/// Steps before and after the present one that are accepted, for clocks that are off.
pub const TOLERATED_STEPS: i64 = 1;
const DIGITS: u32 = 6;

/// The shared secret, 160 bits (RFC 4226, section 4). Never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn generate(ambient: &Ambient) -> Self {
        Self(Zeroizing::new(ambient.rng.bytes::<20>().to_vec()))
    }

    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What a person types when the picture cannot be scanned.
    pub fn to_base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The address that authenticator apps read from a QR code. The account is what the person
    /// sees in the app; both parts are percent-encoded.
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent_encoded(issuer), percent_encoded(account));
        let secret = self.to_base32();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECS}"
        )
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The code shown at a moment.
pub fn code_at(secret: &Secret, at: Timestamp) -> String {
    hotp(secret, step_at(at), DIGITS)
}

/// The step whose code this is, among the present one and its neighbours, provided that it is
/// later than the last accepted one: a code seen over a shoulder is worth nothing.
/// Spaces in the code are ignored; every candidate is compared in constant time.
pub fn accepted_step(secret: &Secret, code: &str, now: Timestamp, last_step: i64) -> Option<i64> {
    let typed: String = code.chars().filter(|c| !c.is_whitespace()).take(16).collect();
    let present = step_at(now);
    let mut accepted = None;
    for step in present - TOLERATED_STEPS..=present + TOLERATED_STEPS {
        let matches = bool::from(hotp(secret, step, DIGITS).as_bytes().ct_eq(typed.as_bytes()));
        if matches && step > last_step {
            accepted = Some(step);
        }
    }
    accepted
}

fn step_at(at: Timestamp) -> i64 {
    at.as_secs().div_euclid(STEP_SECS)
}

/// RFC 4226, section 5.3.
fn hotp(secret: &Secret, counter: i64, digits: u32) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret.0).expect("HMAC takes a key of any length");
    mac.update(&counter.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0x0f);
    let window = [
        digest[offset],
        digest[offset + 1],
        digest[offset + 2],
        digest[offset + 3],
    ];
    let number = u32::from_be_bytes(window) & 0x7fff_ffff;
    format!("{:0width$}", number % 10u32.pow(digits), width = digits as usize)
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests;
