//! `POST /top-ups`: money from the simulated bank, which always says yes.

use super::body::{self, Member};
use super::{amount, key, pay};
use crate::fault::{Fault, Kind};
use crate::guard::Caller;
use crate::hex;
use crate::state::AppState;
use axum::extract::{FromRequestParts, Request, State};
use axum::response::Response;
use money::payments::IdempotencyKey;
use money::rails;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

const MEMBERS: &[Member] = &[Member::required("amount"), Member::required("currency")];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish<'b> {
    #[serde(borrow)]
    amount: Cow<'b, str>,
    #[serde(borrow)]
    currency: Cow<'b, str>,
}

pub async fn top_up(State(state): State<AppState>, request: Request) -> Result<Response, Fault> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &state).await?;
    let lang = caller.language;
    let key = key::idempotency_key(&parts.headers)?;
    let bytes = body::bytes(&state, &parts.headers, body).await?;
    let wish: Wish<'_> = body::read(&bytes, MEMBERS, lang)?;
    let amount = amount::parse(&wish.amount, &wish.currency, lang)?;
    let reference = reference(&caller, &key)?;
    let order = rails::top_up_order(&reference, caller.known.account, amount);
    let given = state.gatherer.pay(order).await?;
    pay::answer(given, amount.currency, lang)
}

/// The rail's keys are one space for all customers, so a customer's key is bound to the login.
fn reference(caller: &Caller, key: &IdempotencyKey) -> Result<IdempotencyKey, Fault> {
    let mut hash = Sha256::new();
    hash.update(caller.known.login.0);
    hash.update(key.as_str());
    let digest = hash.finalize();
    IdempotencyKey::parse(&format!("api-{}", hex::encode(&digest[..24])))
        .map_err(|_| Fault::new(Kind::Internal))
}
