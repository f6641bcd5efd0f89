use super::recovery;
use super::store;
use crate::SecurityError;
use crate::lockouts::{self, Attempt, Subject, Verdict};
use crate::sealing::Keyring;
use crate::totp::{self, Secret};
use ::store::Tx;
use base::{Ambient, LoginId, Timestamp};

/// How long a shown secret waits for its first code.
pub(super) const PENDING_SECS: i64 = 15 * 60;

#[derive(Clone, Debug)]
pub enum Enrolment {
    /// Show it; it counts after [`confirm_totp`].
    Show(Secret),
    /// An authenticator is enrolled: replace it with its own code, or recover.
    AlreadyEnrolled,
}

#[derive(Clone, Debug)]
pub enum Replacement {
    Show(Secret),
    /// The present authenticator's code was not accepted.
    Refused(Verdict),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Enrolled. The recovery codes are shown this once; older ones are worthless now.
    Enrolled {
        recovery_codes: Vec<String>,
    },
    WrongCode,
    /// Nothing was begun, or it was begun too long ago.
    NothingPending,
}

/// Begins the first enrolment of an authenticator.
pub fn begin_totp(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    login: LoginId,
) -> Result<Enrolment, SecurityError> {
    match store::totp(tx, login)? {
        Some(row) if row.sealed.is_some() => Ok(Enrolment::AlreadyEnrolled),
        _ => pend(tx, ambient, keyring, login).map(Enrolment::Show),
    }
}

/// Begins to replace the authenticator, on the word of the present one.
pub fn begin_replacement(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    login: LoginId,
    code: &str,
) -> Result<Replacement, SecurityError> {
    match check_totp(tx, ambient.now(), keyring, login, code)? {
        Verdict::Passed => pend(tx, ambient, keyring, login).map(Replacement::Show),
        refused => Ok(Replacement::Refused(refused)),
    }
}

/// Finishes an enrolment with the first code of the new authenticator.
pub fn confirm_totp(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    login: LoginId,
    code: &str,
) -> Result<Confirmation, SecurityError> {
    let codes = recovery::fresh_codes(ambient);
    confirm(tx, ambient.now(), keyring, login, code, codes)
}

/// The same by a form, which may be sent twice: the recovery codes are made of the sealed secret that it
/// carries and the code, so that [`super::recovery_codes_of_form`] shows the same again.
pub fn confirm_totp_by_form(
    tx: &mut Tx,
    now: Timestamp,
    keyring: &Keyring,
    login: LoginId,
    (sealed, code): (&str, &str),
) -> Result<Confirmation, SecurityError> {
    let codes = recovery::codes_of_form(keyring, login, (sealed, code));
    confirm(tx, now, keyring, login, code, codes)
}

fn confirm(
    tx: &mut Tx,
    now: Timestamp,
    keyring: &Keyring,
    login: LoginId,
    code: &str,
    codes: Vec<String>,
) -> Result<Confirmation, SecurityError> {
    let pending = store::totp(tx, login)?.and_then(|row| row.pending);
    let Some((sealed, _)) = pending.filter(|(_, until)| *until > now) else {
        return Ok(Confirmation::NothingPending);
    };
    let secret = opened(keyring, login, &sealed)?;
    let Some(step) = totp::accepted_step(&secret, code, now, 0) else {
        return Ok(Confirmation::WrongCode);
    };
    store::enrol_totp(tx, login, step, now)?;
    let recovery_codes = recovery::replace_codes(tx, keyring, login, codes)?;
    Ok(Confirmation::Enrolled { recovery_codes })
}

/// Waits until nobody else is having a code of this login checked. Whoever looks after this whether
/// what a code is for was done already does not take the second of two like requests for a wrong code.
pub fn wait_for_codes(
    tx: &mut Tx,
    now: Timestamp,
    keyring: &Keyring,
    login: LoginId,
) -> Result<(), SecurityError> {
    lockouts::wait_turn(tx, now, Subject::second_factor(keyring, login))
}

/// Checks a code of the enrolled authenticator and burns its step. Failures are counted apart
/// from those of the password. Without an authenticator every code fails. The code that was accepted
/// last fails too, and is not counted while it is shown: a form was sent twice.
pub fn check_totp(
    tx: &mut Tx,
    now: Timestamp,
    keyring: &Keyring,
    login: LoginId,
    code: &str,
) -> Result<Verdict, SecurityError> {
    lockouts::judge(tx, now, Subject::second_factor(keyring, login), |tx| {
        use_totp(tx, now, keyring, login, code)
    })
}

/// Whether it is the code that was accepted last, while it is still shown: a form was sent twice.
pub fn was_just_used(
    tx: &mut Tx,
    now: Timestamp,
    keyring: &Keyring,
    login: LoginId,
    code: &str,
) -> Result<bool, SecurityError> {
    let Some((secret, last_step)) = enrolled(tx, keyring, login)? else {
        return Ok(false);
    };
    Ok(is_last(&secret, code, now, last_step))
}

fn is_last(secret: &Secret, code: &str, now: Timestamp, last_step: i64) -> bool {
    totp::accepted_step(secret, code, now, last_step - 1) == Some(last_step)
}

/// Whether it is a code of the enrolled authenticator that was not used before; the caller counts.
pub(super) fn use_totp(
    tx: &mut Tx,
    now: Timestamp,
    keyring: &Keyring,
    login: LoginId,
    code: &str,
) -> Result<Attempt, SecurityError> {
    let Some((secret, last_step)) = enrolled(tx, keyring, login)? else {
        return Ok(Attempt::Wrong);
    };
    match totp::accepted_step(&secret, code, now, last_step) {
        // A lock-out's row keeps two uses of one code apart; the guard proves it.
        Some(step) => Ok(store::burn_step(tx, login, step)?.into()),
        None if is_last(&secret, code, now, last_step) => Ok(Attempt::Repeated),
        None => Ok(Attempt::Wrong),
    }
}

/// The enrolled authenticator's secret, and the step of the code that was accepted last.
fn enrolled(tx: &mut Tx, keyring: &Keyring, login: LoginId) -> Result<Option<(Secret, i64)>, SecurityError> {
    let Some(row) = store::totp(tx, login)? else {
        return Ok(None);
    };
    let secret = row.sealed.map(|sealed| opened(keyring, login, &sealed));
    Ok(secret.transpose()?.map(|secret| (secret, row.last_step)))
}

/// Makes a secret that waits for its first code.
pub(super) fn pend(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    login: LoginId,
) -> Result<Secret, SecurityError> {
    let secret = Secret::generate(ambient);
    let sealed = keyring.seal(&context(login), secret.as_bytes());
    store::pend_totp(tx, login, &sealed, ambient.now().plus_secs(PENDING_SECS))?;
    Ok(secret)
}

fn opened(keyring: &Keyring, login: LoginId, sealed: &[u8]) -> Result<Secret, SecurityError> {
    let plain = keyring.unseal(&context(login), sealed)?;
    Ok(Secret::from_bytes(plain.to_vec()))
}

fn context(login: LoginId) -> String {
    format!("login.totp:{login}")
}
