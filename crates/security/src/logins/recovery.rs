use super::second_factor::{pend, use_totp, was_just_used};
use super::{Login, by_phone, change_password, store};
use crate::SecurityError;
use crate::lockouts::{self, Attempt, Subject, Verdict};
use crate::sealing::Keyring;
use crate::totp::Secret;
use ::store::Tx;
use base::{Ambient, LoginId, PhoneNumber};

/// Codes made at once.
const CODES: usize = 10;
/// How long a spent code is known again beside the authenticator's, which is known no longer either.
const REPEAT_SECS: i64 = 90;
/// Letters and digits that cannot be mistaken for each other when read from paper.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[derive(Clone, Debug)]
pub enum Recovery {
    /// Show the new secret. `confirm_totp` finishes, and makes new codes: until then this one stays,
    /// whoever breaks off has lost nothing.
    Show(Secret),
    Refused(Verdict),
}

/// How a forgotten password was replaced.
#[derive(Clone, Debug)]
pub enum Recovered {
    Changed(Login),
    /// Both proofs were right a moment ago and are spent: a form was sent twice. Nothing was changed or
    /// counted now. Whether it brings the same password too, the caller looks, and concludes.
    Repeated(Login),
    Refused(Verdict),
}

/// Begins to enrol a new authenticator with a recovery code. The caller has just seen the
/// password proven; together they replace the lost device.
pub fn begin_recovery(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    login: LoginId,
    code: &str,
) -> Result<Recovery, SecurityError> {
    let now = ambient.now();
    let mac = code_mac(keyring, login, code);
    let subject = Subject::second_factor(keyring, login);
    let verdict = lockouts::judge(tx, now, subject, |tx| {
        Ok(store::is_recovery_code(tx, login, &mac)?.into())
    })?;
    match verdict {
        Verdict::Passed => pend(tx, ambient, keyring, login).map(Recovery::Show),
        refused => Ok(Recovery::Refused(refused)),
    }
}

/// A forgotten password is replaced by whoever has both a recovery code and the authenticator;
/// both are spent, and every session ends. What fails is counted against the number's recovery
/// alone, whether anybody has the number or not.
pub fn recover_password(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    phone: &PhoneNumber,
    (recovery_code, totp_code): (&str, &str),
    new_hash: &str,
) -> Result<Recovered, SecurityError> {
    let now = ambient.now();
    let mut recovered = None;
    let verdict = lockouts::judge(tx, now, Subject::recovery(keyring, phone), |tx| {
        let Some(login) = by_phone(tx, keyring, phone)? else {
            return Ok(Attempt::Wrong);
        };
        let mac = code_mac(keyring, login.id, recovery_code);
        if store::was_spent_since(tx, login.id, &mac, now.plus_secs(-REPEAT_SECS))? {
            if !was_just_used(tx, now, keyring, login.id, totp_code)? {
                return Ok(Attempt::Wrong);
            }
            recovered = Some(Recovered::Repeated(login));
            return Ok(Attempt::Repeated);
        }
        if !store::is_recovery_code(tx, login.id, &mac)? {
            return Ok(Attempt::Wrong);
        }
        let used = use_totp(tx, now, keyring, login.id, totp_code)?;
        if used != Attempt::Right {
            return Ok(used);
        }
        let spent = store::spend_recovery_code(tx, login.id, &mac, now)?;
        recovered = spent.then_some(Recovered::Changed(login));
        Ok(spent.into())
    })?;
    if let Some(Recovered::Changed(login)) = &recovered {
        change_password(tx, ambient, login.id, new_hash, None)?;
    }
    Ok(recovered.unwrap_or(Recovered::Refused(verdict)))
}

/// Makes ten new codes (`7k2m-9qtd-x4`, 50 bits each); older ones are worthless from now on, and so
/// is an authenticator that was begun with one. They are shown once: the database keeps only their MAC.
pub fn renew_recovery_codes(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    login: LoginId,
) -> Result<Vec<String>, SecurityError> {
    replace_codes(tx, keyring, login, fresh_codes(ambient))
}

/// The codes that [`super::confirm_totp_by_form`] made of this very form, while all of them count.
pub fn recovery_codes_of_form(
    tx: &mut Tx,
    keyring: &Keyring,
    login: LoginId,
    form: (&str, &str),
) -> Result<Option<Vec<String>>, SecurityError> {
    let codes = codes_of_form(keyring, login, form);
    for code in &codes {
        if !store::is_recovery_code(tx, login, &code_mac(keyring, login, code))? {
            return Ok(None);
        }
    }
    Ok(Some(codes))
}

pub fn recovery_codes_left(tx: &mut Tx, login: LoginId) -> Result<i64, SecurityError> {
    Ok(store::recovery_codes_left(tx, login)?)
}

pub(super) fn replace_codes(
    tx: &mut Tx,
    keyring: &Keyring,
    login: LoginId,
    codes: Vec<String>,
) -> Result<Vec<String>, SecurityError> {
    store::forget_recovery_codes(tx, login)?;
    store::forget_pending_totp(tx, login)?;
    for code in &codes {
        store::insert_recovery_code(tx, login, &code_mac(keyring, login, code))?;
    }
    Ok(codes)
}

pub(super) fn fresh_codes(ambient: &Ambient) -> Vec<String> {
    (0..CODES).map(|_| in_letters(&ambient.rng.bytes())).collect()
}

/// Nobody makes them without the keyring, nor without the form: the sealed secret in it is kept nowhere.
pub(super) fn codes_of_form(keyring: &Keyring, login: LoginId, (sealed, code): (&str, &str)) -> Vec<String> {
    let nth = |n: usize| {
        let made_of = format!("{login}:{n}:{code}:{sealed}");
        in_letters(&keyring.mac("login.recovery_set", made_of.as_bytes()))
    };
    (0..CODES).map(nth).collect()
}

/// Five bits of each byte: all letters are equally likely.
fn in_letters(random: &[u8; 32]) -> String {
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    let letters: String = random[..10].iter().map(letter).collect();
    format!("{}-{}-{}", &letters[..4], &letters[4..8], &letters[8..])
}

/// Hyphens, spaces and capitals do not matter, nor does an o for a zero.
fn code_mac(keyring: &Keyring, login: LoginId, code: &str) -> [u8; 32] {
    let plain = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .take(32)
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        });
    let text: String = plain.collect();
    keyring.mac("login.recovery_code", format!("{login}:{text}").as_bytes())
}
