//! Two members of staff, because some acts need two, and a neighbour with an API token.

use super::world::Inhabitant;
use crate::error::HuilingError;
use crate::wiring::House;
use base::{Ambient, Language};
use security::api_tokens::{self, Issued};
use security::logins::{self, Created};
use security::passwords::{self, Cost};
use security::staff::{self, Role};

pub struct Greeting {
    pub staff_hint: String,
    pub api_token: String,
}

const STAFF: [(&str, Role); 2] = [("lin", Role::Supervisor), ("zhou", Role::RiskOfficer)];
/// Everybody may know it: the demo listens on this machine only, and it must be changed at the first
/// sign-in.
const FIRST_PASSWORD: &str = "demo-ring-back-2026";
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
                        return Ok(None);
                    };
                    login
                }
            };
            for known in api_tokens::list(tx, login, ambient.now())? {
                api_tokens::revoke(tx, ambient.now(), login, known.id)?;
            }
            Ok::<_, security::SecurityError>(
                match api_tokens::issue(tx, &ambient, login, "demo", TOKEN_SECS)? {
                    Issued::Issued(_, token) => Some(token),
                    Issued::TooMany => None,
                },
            )
        })
    });
    let token = settled
        .await
        .map_err(|_| HuilingError::Unusable("settling the staff panicked".into()))??;
    let names = STAFF.map(|(name, role)| format!("{name} ({role})")).join(", ");
    Ok(Greeting {
        staff_hint: format!("{names}: {FIRST_PASSWORD}"),
        api_token: token.map(|token| token.as_str().to_owned()).unwrap_or_default(),
    })
}
