//! What a person signs in with: a password, then a code from an authenticator app.
//! Found by a blind index of the telephone number or the staff name. Checking a password takes
//! long, so the caller does it outside (`passwords::verify`, or `verify_nobody`) and brings the
//! answer to [`conclude_password`].

mod login;
mod recovery;
mod second_factor;
mod store;

use crate::SecurityError;
use crate::api_tokens;
use crate::lockouts::{self, Subject, Verdict};
use crate::sealing::Keyring;
use crate::sessions::{self, SessionId};
use ::store::Tx;
use base::{Ambient, CustomerId, Language, LoginId, PhoneNumber, StaffId, Timestamp};

pub use self::store::ALL as STATEMENTS;
pub(crate) use self::store::who;
pub use login::{Created, LastChanges, Login, Who};
pub use recovery::{
    Recovered, Recovery, begin_recovery, recover_password, recovery_codes_left, recovery_codes_of_form,
    renew_recovery_codes,
};
pub use second_factor::{
    Confirmation, Enrolment, Replacement, begin_replacement, begin_totp, check_totp, confirm_totp,
    confirm_totp_by_form, wait_for_codes, was_just_used,
};

/// Makes a customer's login. One telephone number and one customer have one login.
pub fn create_customer(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    customer: CustomerId,
    phone: &PhoneNumber,
    password_hash: &str,
    language: Language,
) -> Result<Created, SecurityError> {
    let row = store::NewLogin {
        id: LoginId::new(ambient),
        subject: Subject::phone(keyring, phone),
        customer: Some(customer),
        staff: None,
        password_hash,
        must_change_password: false,
        language,
    };
    let made = store::insert(tx, &row, ambient.now())?;
    Ok(if made {
        Created::Created(row.id)
    } else {
        Created::Exists
    })
}

pub(crate) fn create_staff(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    staff: StaffId,
    name: &str,
    password_hash: &str,
    language: Language,
) -> Result<Created, SecurityError> {
    let row = store::NewLogin {
        id: LoginId::new(ambient),
        subject: Subject::staff_name(keyring, name),
        customer: None,
        staff: Some(staff),
        password_hash,
        must_change_password: true,
        language,
    };
    let made = store::insert(tx, &row, ambient.now())?;
    Ok(if made {
        Created::Created(row.id)
    } else {
        Created::Exists
    })
}

pub fn by_phone(tx: &mut Tx, keyring: &Keyring, phone: &PhoneNumber) -> Result<Option<Login>, SecurityError> {
    store::by_subject(tx, Subject::phone(keyring, phone))
}

/// `None` also for a member who has left.
pub fn by_staff_name(tx: &mut Tx, keyring: &Keyring, name: &str) -> Result<Option<Login>, SecurityError> {
    store::by_subject(tx, Subject::staff_name(keyring, name))
}

pub fn by_id(tx: &mut Tx, id: LoginId) -> Result<Option<Login>, SecurityError> {
    store::by_id(tx, id)
}

pub fn of_customer(tx: &mut Tx, customer: CustomerId) -> Result<Option<LoginId>, SecurityError> {
    Ok(store::of_customer(tx, customer)?)
}

pub(crate) fn of_staff(tx: &mut Tx, staff: StaffId) -> Result<Option<LoginId>, SecurityError> {
    Ok(store::of_staff(tx, staff)?)
}

/// Judges a password attempt: `matched` is what `passwords::verify` said, or `false` for a name
/// that nobody has. While the door is locked even the right password does not pass.
pub fn conclude_password(
    tx: &mut Tx,
    now: Timestamp,
    subject: Subject,
    matched: bool,
) -> Result<Verdict, SecurityError> {
    lockouts::judge(tx, now, subject, |_| Ok(matched.into()))
}

/// Sets a new password and ends every session but the one that asked for it, and every program's
/// token.
pub fn change_password(
    tx: &mut Tx,
    ambient: &Ambient,
    login: LoginId,
    password_hash: &str,
    keep: Option<SessionId>,
) -> Result<(), SecurityError> {
    store::set_password(tx, login, password_hash, ambient.now())?;
    end_all_access(tx, ambient.now(), login, keep)
}

/// Back to the first day: a password that must be changed, no authenticator, no recovery codes, and
/// nobody signed in.
pub(crate) fn reset(
    tx: &mut Tx,
    ambient: &Ambient,
    login: LoginId,
    password_hash: &str,
) -> Result<(), SecurityError> {
    store::reset(tx, login, password_hash, ambient.now())?;
    store::forget_recovery_codes(tx, login)?;
    end_all_access(tx, ambient.now(), login, None)
}

/// Ends every session of a login but `keep`, and every program's token.
pub fn end_all_access(
    tx: &mut Tx,
    now: Timestamp,
    login: LoginId,
    keep: Option<SessionId>,
) -> Result<(), SecurityError> {
    sessions::revoke_all(tx, now, login, keep)?;
    api_tokens::revoke_all(tx, now, login)
}

/// Stores the same password under today's cost.
pub fn rehash_password(tx: &mut Tx, login: LoginId, password_hash: &str) -> Result<(), SecurityError> {
    Ok(store::rehash(tx, login, password_hash)?)
}

/// Moves the login to another telephone number. False when that number has a login already.
pub fn change_phone(
    tx: &mut Tx,
    keyring: &Keyring,
    login: LoginId,
    phone: &PhoneNumber,
) -> Result<bool, SecurityError> {
    let subject = Subject::phone(keyring, phone);
    match store::by_subject(tx, subject)? {
        Some(holder) => Ok(holder.id == login),
        None => Ok(store::set_subject(tx, login, subject)?),
    }
}

pub fn set_language(tx: &mut Tx, login: LoginId, language: Language) -> Result<(), SecurityError> {
    Ok(store::set_language(tx, login, language)?)
}

/// When a customer's means of signing in last changed: what changed lately is trusted less.
/// `None` when the customer has no login.
pub fn last_changes(tx: &mut Tx, customer: CustomerId) -> Result<Option<LastChanges>, SecurityError> {
    Ok(store::last_changes(tx, customer)?)
}

#[cfg(test)]
mod tests;
