//! Members of staff: who they are and what each role may do.

mod role;
mod store;

use crate::SecurityError;
use crate::four_eyes;
use crate::logins;
use crate::sealing::Keyring;
use crate::sessions;
use ::store::Tx;
use base::{Ambient, Language, StaffId};

pub use self::store::ALL as STATEMENTS;
pub use role::{Permission, Role};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    pub id: StaffId,
    /// What they sign in with, in lower case.
    pub name: String,
    pub role: Role,
    pub active: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    Added(StaffId),
    NameTaken,
    /// 3 to 32 letters, digits, dots, hyphens or underscores.
    BadName,
}

/// Adds a member with a first password, which they must change when they first sign in.
pub fn add(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    name: &str,
    role: Role,
    password_hash: &str,
) -> Result<Added, SecurityError> {
    let name = name.trim().to_lowercase();
    let sound = (3..=32).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if !sound {
        return Ok(Added::BadName);
    }
    let id = StaffId::new(ambient);
    if !store::insert(tx, id, &name, role, ambient.now())? {
        return Ok(Added::NameTaken);
    }
    logins::create_staff(tx, ambient, keyring, id, &name, password_hash, Language::ZhHans)?;
    Ok(Added::Added(id))
}

pub fn get(tx: &mut Tx, id: StaffId) -> Result<Option<StaffMember>, SecurityError> {
    store::get(tx, id)
}

/// Everybody, by name; at most 1,000.
pub fn list(tx: &mut Tx) -> Result<Vec<StaffMember>, SecurityError> {
    store::list(tx)
}

/// Changes the role, which open sessions see with their next request, and takes back what they asked
/// for, nobody decided and the new role may not ask for. How many requests were taken back; `None`
/// when there is no such member.
pub fn set_role(
    tx: &mut Tx,
    ambient: &Ambient,
    id: StaffId,
    role: Role,
) -> Result<Option<u64>, SecurityError> {
    if !store::set_role(tx, id, role)? {
        return Ok(None);
    }
    four_eyes::withdraw_lost(tx, ambient.now(), id, Some(role)).map(Some)
}

/// Closes a member's account, ends their sessions and takes back what they asked for and nobody
/// decided; their deeds stay in the audit log. How many requests were taken back; `None` when there
/// is no open account of theirs.
pub fn deactivate(tx: &mut Tx, ambient: &Ambient, id: StaffId) -> Result<Option<u64>, SecurityError> {
    if !store::deactivate(tx, id)? {
        return Ok(None);
    }
    let now = ambient.now();
    if let Some(login) = logins::of_staff(tx, id)? {
        sessions::revoke_all(tx, now, login, None)?;
    }
    four_eyes::withdraw_lost(tx, now, id, None).map(Some)
}

/// For a member who lost password or authenticator: a first password, to be changed at the next
/// sign-in, with which a new authenticator is enrolled. Who is signed in is out at once. False when
/// there is no open account of theirs.
pub fn reset(
    tx: &mut Tx,
    ambient: &Ambient,
    id: StaffId,
    password_hash: &str,
) -> Result<bool, SecurityError> {
    let open = store::get(tx, id)?.is_some_and(|member| member.active);
    let login = logins::of_staff(tx, id)?.filter(|_| open);
    if let Some(login) = login {
        logins::reset(tx, ambient, login, password_hash)?;
    }
    Ok(login.is_some())
}

#[cfg(test)]
mod tests;
