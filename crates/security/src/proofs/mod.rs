//! The customer's signature on one payment: a code from the authenticator, given for exactly this
//! payment, amount and payee (PSD2's dynamic linking; RTS article 5). A challenge is made with
//! what the screen shows; the proof is checked against what the ledger holds by then. One changed
//! byte is refused. Single use, five minutes.

mod binding;
mod order;
mod store;

use crate::lockouts::Verdict;
use crate::sealing::Keyring;
use crate::sessions::Session;
use crate::{SecurityError, Token, logins};
use ::store::Tx;
use base::{Ambient, PaymentId, Timestamp};
use subtle::ConstantTimeEq;

pub use self::store::ALL as STATEMENTS;
pub use binding::Binding;
pub use order::prove_order;

/// How long a challenge waits for its code, and a proof for its use.
pub const VALID_SECS: i64 = 5 * 60;

base::id_type!(
    /// A challenge and, once answered, the proof that releases one payment.
    ProofId
);

/// What the form carries next to the code.
#[derive(Clone, Debug)]
pub struct Challenge {
    pub nonce: Token,
    pub expires_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofOutcome {
    Proved(ProofId),
    /// Counts as a warning sign against the payer; the caller records it.
    WrongCode {
        attempts_left: u32,
    },
    Locked {
        until: Timestamp,
    },
    Expired,
    Used,
    /// Payment, amount, payee, session or nonce are not those of the challenge.
    NotThisPayment,
    /// No authenticator is enrolled, or the caller is a token of the API.
    NoSecondFactor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    Spent,
    /// Spent before, by this payment's own release.
    AlreadySpent,
    /// Unknown, not answered, too old, or of another payment.
    NotProved,
}

/// Makes a challenge for what the screen is about to show.
pub fn challenge(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    session: &Session,
    binding: &Binding,
) -> Result<Challenge, SecurityError> {
    let nonce = Token::generate(&ambient.rng);
    let expires_at = ambient.now().plus_secs(VALID_SECS);
    let row = store::NewProof {
        id: ProofId::new(ambient),
        nonce: &nonce,
        session,
        payment: binding.payment,
        mac: binding.mac(keyring, session, &nonce),
        expires_at,
    };
    store::insert(tx, &row)?;
    Ok(Challenge { nonce, expires_at })
}

/// Answers a challenge. `binding` is what the ledger holds now, never what the form sent.
pub fn prove(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    session: &Session,
    nonce: &Token,
    binding: &Binding,
    code: &str,
) -> Result<ProofOutcome, SecurityError> {
    let now = ambient.now();
    logins::wait_for_codes(tx, now, keyring, session.login)?;
    let Some(row) = store::by_nonce(tx, nonce)? else {
        return Ok(ProofOutcome::NotThisPayment);
    };
    let mac = binding.mac(keyring, session, nonce);
    if !bool::from(mac.ct_eq(&row.mac)) {
        return Ok(ProofOutcome::NotThisPayment);
    }
    if row.proved {
        return Ok(ProofOutcome::Used);
    }
    if row.expires_at <= now {
        return Ok(ProofOutcome::Expired);
    }
    let login = logins::by_id(tx, session.login)?;
    if session.api || !login.is_some_and(|login| login.has_totp) {
        return Ok(ProofOutcome::NoSecondFactor);
    }
    Ok(match logins::check_totp(tx, now, keyring, session.login, code)? {
        Verdict::Failed { attempts_left } => ProofOutcome::WrongCode { attempts_left },
        Verdict::Locked { until } => ProofOutcome::Locked { until },
        Verdict::Passed if store::mark_proved(tx, row.id, now)? => ProofOutcome::Proved(row.id),
        Verdict::Passed => ProofOutcome::Used,
    })
}

/// Uses a proof for its payment, in the transaction that releases it.
pub fn spend(
    tx: &mut Tx,
    now: Timestamp,
    proof: ProofId,
    payment: PaymentId,
) -> Result<Spent, SecurityError> {
    if store::mark_spent(tx, proof, payment, now)? {
        return Ok(Spent::Spent);
    }
    let spent = store::is_spent(tx, proof, payment)?;
    Ok(if spent {
        Spent::AlreadySpent
    } else {
        Spent::NotProved
    })
}

/// Removes what ran out before `before`; at most `max` rows.
pub fn sweep(tx: &mut Tx, before: Timestamp, max: i64) -> Result<u64, SecurityError> {
    Ok(store::sweep(tx, before, max)?)
}

#[cfg(test)]
mod tests;
