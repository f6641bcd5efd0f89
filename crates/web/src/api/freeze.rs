//! `POST /wallet/freeze` at once, by the token alone; `POST /wallet/unfreeze` with a code, and only
//! what the customer froze alone.

use super::body::{self, Member};
use super::pay::{is_code, judged, second_factor_elsewhere};
use super::wallet;
use crate::fault::{Fault, Kind};
use crate::freezes::{self, Lifting};
use crate::guard::Caller;
use crate::state::AppState;
use crate::words::say;
use axum::extract::{FromRequestParts, Request, State};
use axum::response::Response;
use base::Language;
use money::wallets;
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
    let found = wallet::of(&state, caller.known.customer).await?.id;
    let (ambient, keyring, login) = (state.ambient.clone(), state.keyring.clone(), caller.known.login);
    let now = ambient.now();
    let lifted = state
        .db
        .write_async(move |tx| freezes::lift(tx, &ambient, &keyring, login, found, (&wish.code, UNFROZEN)))
        .await?;
    match lifted {
        Lifting::Done => {}
        Lifting::NotAlone => return Err(not_alone(lang)),
        Lifting::Refused(verdict) => judged(verdict, now, lang)?,
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
