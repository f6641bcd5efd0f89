//! A code that comes in one request with its order, without a challenge before.

use super::{ProofId, VALID_SECS, store};
use crate::lockouts::Verdict;
use crate::sealing::Keyring;
use crate::sessions::Session;
use crate::{SecurityError, Token, logins};
use ::store::Tx;
use base::{Ambient, PaymentId};

/// Judges the code. The same order with the same code passes again for five minutes: it is a repeat, which
/// perhaps came before the first was answered, and no guess. `order` tells orders apart, key and contents.
pub fn prove_order(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    session: &Session,
    order: &[u8],
    code: &str,
) -> Result<Verdict, SecurityError> {
    let now = ambient.now();
    logins::wait_for_codes(tx, now, keyring, session.login)?;
    let fields = [session.login.as_bytes(), code.as_bytes(), b"\n", order].concat();
    let mac = keyring.mac("proof.order", &fields);
    let mark = Token::of(&mac);
    let before = store::by_nonce(tx, &mark)?;
    if before.as_ref().is_some_and(|row| row.expires_at > now) {
        return Ok(Verdict::Passed);
    }
    let verdict = logins::check_totp(tx, now, keyring, session.login, code)?;
    if verdict == Verdict::Passed && before.is_none() {
        let mut payment = [0; 16];
        payment.copy_from_slice(&mac[..16]);
        let row = store::NewProof {
            id: ProofId::new(ambient),
            nonce: &mark,
            session,
            // It has no id yet.
            payment: PaymentId(payment),
            mac,
            expires_at: now.plus_secs(VALID_SECS),
        };
        store::insert(tx, &row)?;
    }
    Ok(verdict)
}
