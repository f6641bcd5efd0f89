//! Two members of staff, because some acts need two, and a neighbour whose programs may use the API.

use super::world::Inhabitant;
use crate::error::HuilingError;
use crate::wiring::House;
use base::{Ambient, Language, LoginId};
use security::SecurityError;
use security::api_tokens::{self, Issued};
use security::logins::{self, Confirmation, Created, Enrolment};
use security::passwords::{self, Cost};
use security::sealing::Keyring;
use security::staff::{self, Role};
use security::totp;
use store::Tx;

pub struct Greeting {
    pub staff_hint: String,
    pub api_token: String,
    /// What `POST /tokens` wants of the neighbour: number, password and the authenticator's key.
    /// Only the first start knows the key.
    pub api_sign_in: Option<String>,
}

const STAFF: [(&str, Role); 2] = [("lin", Role::Supervisor), ("zhou", Role::RiskOfficer)];
/// Everybody may know it: the demo listens on this machine only, and it must be changed at the first
/// sign-in.
pub const FIRST_PASSWORD: &str = "demo-ring-back-2026";
const TOKEN_SECS: i64 = 30 * 86_400;

pub async fn settle(house: &House, ambient: &Ambient, town: &[Inhabitant]) -> Result<Greeting, HuilingError> {
    let (db, keyring, ambient) = (house.db.clone(), house.keyring.clone(), ambient.clone());
    let neighbour = town[super::people::NEIGHBOUR_INDEX].customer;
    let settled = tokio::task::spawn_blocking(move || {
        let hash = passwords::hash(&ambient, Cost::PRODUCTION, FIRST_PASSWORD);
        db.write(move |tx| {
            for (name, role) in STAFF {
                staff::add(tx, &ambient, &keyring, name, role, &hash)?;
            }
            let login = match logins::of_customer(tx, neighbour)? {
                Some(login) => login,
                None => {
                    let phone = super::people::number(super::people::NEIGHBOUR_INDEX);
                    let made = logins::create_customer(
                        tx,
                        &ambient,
                        &keyring,
                        neighbour,
                        &phone,
                        &hash,
                        Language::ZhHans,
                    )?;
                    let Created::Created(login) = made else {
                        return Ok((None, None));
                    };
                    login
                }
            };
            let key = enrol(tx, &ambient, &keyring, login)?;
            for known in api_tokens::list(tx, login, ambient.now())? {
                api_tokens::revoke(tx, ambient.now(), login, known.id)?;
            }
            let token = match api_tokens::issue(tx, &ambient, login, "demo", TOKEN_SECS)? {
                Issued::Issued(_, token) => Some(token),
                Issued::TooMany => None,
            };
            Ok::<_, SecurityError>((token, key))
        })
    });
    let (token, key) = settled
        .await
        .map_err(|_| HuilingError::Unusable("settling the staff panicked".into()))??;
    let names = STAFF.map(|(name, role)| format!("{name} ({role})")).join(", ");
    let phone = super::people::number(super::people::NEIGHBOUR_INDEX);
    Ok(Greeting {
        api_sign_in: key.map(|key| format!("{phone} {FIRST_PASSWORD} {key}")),
        staff_hint: format!("{names}: {FIRST_PASSWORD}"),
        api_token: token.map(|token| token.as_str().to_owned()).unwrap_or_default(),
    })
}

/// The neighbour's authenticator; `None` when an earlier start enrolled it. The code of a moment ago
/// confirms it, so that the present one is still good.
fn enrol(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    login: LoginId,
) -> Result<Option<String>, SecurityError> {
    let Enrolment::Show(secret) = logins::begin_totp(tx, ambient, keyring, login)? else {
        return Ok(None);
    };
    let code = totp::code_at(&secret, ambient.now().plus_secs(-totp::STEP_SECS));
    let confirmed = logins::confirm_totp(tx, ambient, keyring, login, &code)?;
    Ok(matches!(confirmed, Confirmation::Enrolled { .. }).then(|| secret.to_base32()))
}
