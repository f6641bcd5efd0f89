//! The JSON API of the customers' verbs under `/api/v1`; `openapi.json` describes it.
//!
//! Bodies and answers are JSON; what goes wrong is told as problem details (RFC 9457) in the
//! caller's language. A verb that moves money or applies takes an `Idempotency-Key`: a repeat gets
//! the first answer. Bearer tokens are believed for twenty seconds without asking the database
//! again; revoked through this process, they end at once.

mod amount;
mod applications;
mod body;
mod call_status;
mod call_times;
mod confirm;
mod freeze;
mod key;
mod notices;
mod openapi;
mod pay;
mod payees;
mod payments;
mod query;
mod reply;
mod resolved;
mod tokens;
mod top_ups;
mod wallet;

use crate::state::AppState;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};
use resolved::ResolvedPayees;
use std::sync::Arc;

/// Every address of the API, relative to where it is mounted.
pub fn router(state: AppState) -> Router {
    let resolved = Arc::new(ResolvedPayees::new());
    let pay = post(move |State(state): State<AppState>, request: Request| pay::pay(state, resolved, request));
    Router::new()
        .route("/openapi.json", get(openapi::document))
        .route("/applications", post(applications::submit))
        .route("/applications/{progress_token}", get(applications::progress))
        .route(
            "/applications/{progress_token}/call-time",
            put(applications::book),
        )
        .route("/call-times", get(call_times::list))
        .route("/tokens", post(tokens::sign_in))
        .route("/tokens/current", delete(tokens::sign_out))
        .route("/wallet", get(wallet::show))
        .route("/wallet/freeze", post(freeze::freeze))
        .route("/wallet/unfreeze", post(freeze::unfreeze))
        .route("/payees", get(payees::find))
        .route("/payments", pay.get(payments::list))
        .route("/payments/{id}", get(payments::one))
        .route("/payments/{id}/challenge", post(confirm::challenge))
        .route("/payments/{id}/confirm", post(confirm::confirm))
        .route("/payments/{id}/stop", post(confirm::stop))
        .route("/call-status", get(call_status::show))
        .route("/notices", get(notices::list))
        .route("/top-ups", post(top_ups::top_up))
        .fallback(reply::nothing_here)
        .layer(from_fn_with_state(state.clone(), reply::around))
        .with_state(state)
}
