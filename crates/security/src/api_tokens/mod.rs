//! Long-lived tokens for programs that use the JSON API in a person's name. They never count as
//! a second factor: a payment that needs one is signed elsewhere.

mod store;

use crate::logins::Who;
use crate::sessions::{DeviceId, Session, SessionId};
use crate::{SecurityError, Token};
use ::store::Tx;
use base::{Ambient, LoginId, Timestamp};

pub use self::store::ALL as STATEMENTS;

base::id_type!(
    /// A token of the JSON API.
    ApiTokenId
);

/// Tokens that one login may have at once.
pub const MOST_TOKENS: i64 = 20;

/// A token as its owner sees it; the secret was shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub label: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug)]
pub enum Issued {
    /// The secret is shown this once.
    Issued(ApiTokenId, Token),
    TooMany,
}

pub fn issue(
    tx: &mut Tx,
    ambient: &Ambient,
    login: LoginId,
    label: &str,
    valid_secs: i64,
) -> Result<Issued, SecurityError> {
    let now = ambient.now();
    if store::list(tx, login, now)?.len() as i64 >= MOST_TOKENS {
        return Ok(Issued::TooMany);
    }
    let token = Token::generate(&ambient.rng);
    let row = ApiToken {
        id: ApiTokenId::new(ambient),
        label: label.chars().filter(|c| !c.is_control()).take(80).collect(),
        created_at: now,
        expires_at: now.plus_secs(valid_secs),
    };
    store::insert(tx, login, &row, &token)?;
    Ok(Issued::Issued(row.id, token))
}

/// The caller of a token, in the form of a session without device, form token or second factor.
pub fn find(tx: &mut Tx, token: &Token, now: Timestamp) -> Result<Option<Session>, SecurityError> {
    let Some((id, login, who)) = store::find(tx, token, now)? else {
        return Ok(None);
    };
    Ok(Some(session(id, login, who, now)))
}

pub fn list(tx: &mut Tx, login: LoginId, now: Timestamp) -> Result<Vec<ApiToken>, SecurityError> {
    Ok(store::list(tx, login, now)?)
}

/// False when it is not theirs or was revoked before.
pub fn revoke(tx: &mut Tx, now: Timestamp, login: LoginId, id: ApiTokenId) -> Result<bool, SecurityError> {
    Ok(store::revoke(tx, login, id, now)?)
}

/// Ends every token of a login.
pub fn revoke_all(tx: &mut Tx, now: Timestamp, login: LoginId) -> Result<(), SecurityError> {
    Ok(store::revoke_all(tx, login, now)?)
}

fn session(id: ApiTokenId, login: LoginId, who: Who, now: Timestamp) -> Session {
    Session {
        id: SessionId(id.0),
        login,
        who,
        device: DeviceId(id.0),
        device_enrolled_at: None,
        second_factor_at: None,
        csrf: String::new(),
        last_seen_at: now,
        api: true,
    }
}

#[cfg(test)]
mod tests;
