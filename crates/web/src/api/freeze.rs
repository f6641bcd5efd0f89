//! `POST /wallet/freeze` at once, by the token alone; `POST /wallet/unfreeze` with a code, and only
//! what the customer froze alone.

use super::body::{self, Member};
use super::pay::{is_code, judged, second_factor_elsewhere};
use super::wallet;
use crate::fault::{Fault, Kind};
use crate::freezes;
use crate::guard::Caller;
use crate::state::AppState;
use crate::words::say;
use axum::extract::{FromRequestParts, Request, State};
use axum::response::Response;
use base::Language;
use money::wallets;
use security::lockouts::Verdict;
use security::logins;
use serde::Deserialize;

pub const REASON: &str = "frozen through the API";
const UNFROZEN: &str = "unfrozen through the API";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unfreeze {
    code: String,
}

pub async fn freeze(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let customer = caller.known.customer;
    let found = wallet::of(&state, customer).await?;
    let ambient = state.ambient.clone();
    state
        .db
        .write_async(move |tx| wallets::freeze(tx, &ambient, found.id, freezes::BY_CUSTOMER, REASON))
        .await?;
    wallet::answer(&state, &wallet::of(&state, customer).await?)
}

pub async fn unfreeze(State(state): State<AppState>, request: Request) -> Result<Response, Fault> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &state).await?;
    let lang = caller.language;
    let bytes = body::bytes(&state, &parts.headers, body).await?;
    let wish: Unfreeze = body::read(&bytes, &[Member::required("code")], lang)?;
    if !is_code(&wish.code) {
        return Err(Fault::field("code", say(lang, "api-code")));
    }
    if caller.known.session.api {
        return Err(second_factor_elsewhere(lang));
    }
    let found = wallet::of(&state, caller.known.customer).await?;
    if found
        .frozen
        .as_ref()
        .is_some_and(|frozen| !freezes::customer_may_lift(&frozen.by))
    {
        return Err(not_alone(lang));
    }
    let (ambient, keyring, login) = (state.ambient.clone(), state.keyring.clone(), caller.known.login);
    let now = ambient.now();
    let (verdict, own) = state
        .db
        .write_async(move |tx| {
            let verdict = logins::check_totp(tx, now, &keyring, login, &wish.code)?;
            // Looked at again under its lock: a stop may have frozen it meanwhile.
            let own = wallets::locked(tx, found.id)?
                .and_then(|wallet| wallet.frozen)
                .is_none_or(|frozen| freezes::customer_may_lift(&frozen.by));
            if verdict == Verdict::Passed && own {
                wallets::unfreeze(tx, &ambient, found.id, UNFROZEN)?;
            }
            Ok::<_, Fault>((verdict, own))
        })
        .await?;
    judged(verdict, now, lang)?;
    if !own {
        return Err(not_alone(lang));
    }
    wallet::answer(&state, &wallet::of(&state, caller.known.customer).await?)
}

/// The freeze is not the customer's own: two members of staff lift it.
fn not_alone(lang: Language) -> Fault {
    Fault {
        detail: Some(say(lang, "api-frozen-by-staff")),
        ..Fault::new(Kind::Forbidden)
    }
}
