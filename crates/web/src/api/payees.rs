//! `GET /payees?to=`: whom a number means, as a payer may see it before sending.

use super::{query, reply};
use crate::fault::Fault;
use crate::guard::{Caller, Meter, address};
use crate::state::AppState;
use crate::words::say;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use money::wallets::{self, Resolved};
use serde::Serialize;

#[derive(Serialize)]
struct PayeeBody {
    /// In full for whom the caller has paid before, masked for strangers.
    name: String,
    number: String,
    known: bool,
}

pub async fn find(State(state): State<AppState>, request: Request) -> Result<Response, Fault> {
    let from = address(&state, &request);
    let (mut parts, _) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &state).await?;
    let lang = caller.language;
    let [to] = query::parameters(&parts.uri, ["to"], lang)?;
    let to = to.unwrap_or_default();
    if to.trim().is_empty() || to.len() > 32 {
        return Err(Fault::field("to", say(lang, "api-to")));
    }
    // Nobody reads the directory of all numbers this way.
    state.limiter.take(
        Meter::Pages,
        from,
        state.request_limits.pages,
        state.ambient.now(),
    )?;
    let (account, login) = (caller.known.account, caller.known.login);
    let found = state
        .db
        .read_async(move |tx| wallets::resolve_payee(tx, account, &to))
        .await?;
    if !matches!(&found, Resolved::Payee(payee) if payee.known) {
        state.limiter.take_stranger(login, state.ambient.now())?;
    }
    match found {
        Resolved::Payee(payee) => reply::json(
            StatusCode::OK,
            &PayeeBody {
                name: payee.display_name,
                number: payee.number.as_str().to_owned(),
                known: payee.known,
            },
        ),
        Resolved::NotFound => Err(Fault {
            field: Some("to".into()),
            detail: Some(say(lang, "api-to-nobody")),
            ..Fault::not_found()
        }),
        Resolved::Ambiguous => Err(Fault::field("to", say(lang, "api-to-several"))),
        Resolved::NotYourself => Err(Fault::field("to", say(lang, "api-to-yourself"))),
    }
}
