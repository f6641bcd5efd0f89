//! The one-time link with which a customer signs in for the first time after approval. It is a
//! secret of 256 bits, single use, and only the newest one works. (NIST SP 800-63A gives a short
//! enrolment *code* 10 minutes by SMS and 24 hours by e-mail; a link that cannot be guessed lives
//! by the latter, and the progress page issues a fresh one.)

mod store;

use crate::logins::{self, Created};
use crate::sealing::Keyring;
use crate::{SecurityError, Token};
use ::store::Tx;
use base::{Ambient, CustomerId, Language, LoginId, PhoneNumber, Timestamp};

pub use self::store::ALL as STATEMENTS;

pub const VALID_SECS: i64 = 24 * 3600;

base::id_type!(
    /// One welcome link.
    InvitationId
);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub customer: CustomerId,
    /// The number that becomes the sign-in name.
    pub phone: PhoneNumber,
    pub language: Language,
    pub expires_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    Redeemed(LoginId),
    /// Used, replaced, expired or never issued.
    Gone,
    /// The customer or the number has a login already.
    LoginExists,
}

/// Makes a link and makes older ones of this customer worthless.
pub fn issue(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    customer: CustomerId,
    phone: &PhoneNumber,
    language: Language,
) -> Result<Token, SecurityError> {
    let now = ambient.now();
    store::end_all(tx, customer, now)?;
    let token = Token::generate(&ambient.rng);
    let invitation = Invitation {
        id: InvitationId::new(ambient),
        customer,
        phone: phone.clone(),
        language,
        expires_at: now.plus_secs(VALID_SECS),
    };
    let sealed = keyring.seal(&context(invitation.id), phone.as_str().as_bytes());
    store::insert(tx, &invitation, &token, &sealed, now)?;
    Ok(token)
}

/// The invitation of a link, while it can be redeemed.
pub fn find(
    tx: &mut Tx,
    keyring: &Keyring,
    token: &Token,
    now: Timestamp,
) -> Result<Option<Invitation>, SecurityError> {
    let Some(row) = store::find(tx, token, now)? else {
        return Ok(None);
    };
    let damaged = || SecurityError::damaged("invitation", row.id.to_string());
    let phone = keyring.unseal(&context(row.id), &row.phone)?;
    let phone = std::str::from_utf8(&phone).map_err(|_| damaged())?;
    Ok(Some(Invitation {
        id: row.id,
        customer: row.customer,
        phone: PhoneNumber::parse(phone).map_err(|_| damaged())?,
        language: Language::from_tag(&row.language).ok_or_else(damaged)?,
        expires_at: row.expires_at,
    }))
}

/// Uses the link: makes the customer's login with the password they chose.
pub fn redeem(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    token: &Token,
    password_hash: &str,
) -> Result<Redeemed, SecurityError> {
    let now = ambient.now();
    let Some(invitation) = find(tx, keyring, token, now)? else {
        return Ok(Redeemed::Gone);
    };
    if !store::end(tx, invitation.id, now)? {
        return Ok(Redeemed::Gone);
    }
    let Invitation {
        customer,
        phone,
        language,
        ..
    } = &invitation;
    let created = logins::create_customer(tx, ambient, keyring, *customer, phone, password_hash, *language)?;
    Ok(match created {
        Created::Created(login) => Redeemed::Redeemed(login),
        Created::Exists => Redeemed::LoginExists,
    })
}

fn context(id: InvitationId) -> String {
    format!("invitation.phone:{id}")
}

#[cfg(test)]
mod tests;
