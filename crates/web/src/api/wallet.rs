//! `GET /wallet`: what the caller has, and what of the limits is left.

use super::reply;
use crate::fault::Fault;
use crate::guard::Caller;
use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base::{Amount, CustomerId};
use money::Wallet;
use money::limits::Tier;
use money::wallets;
use serde::Serialize;

#[derive(Serialize)]
struct WalletBody<'w> {
    number: &'w str,
    name: &'w str,
    tier: i64,
    currency: &'static str,
    balance: String,
    held: String,
    available: String,
    limits: LimitsBody,
    opened_at: String,
    frozen: Option<FrozenBody>,
}

#[derive(Serialize)]
struct LimitsBody {
    payment: String,
    day: String,
    day_left: String,
    year: String,
    year_left: String,
    balance: String,
}

#[derive(Serialize)]
struct FrozenBody {
    at: String,
    by: &'static str,
}

pub async fn show(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let wallet = of(&state, caller.known.customer).await?;
    answer(&state, &wallet)
}

/// The wallet of a caller; whoever has a token has one.
pub async fn of(state: &AppState, customer: CustomerId) -> Result<Wallet, Fault> {
    let found = state
        .db
        .read_async(move |tx| wallets::by_customer(tx, customer))
        .await?;
    found.ok_or_else(Fault::not_found)
}

pub fn answer(state: &AppState, wallet: &Wallet) -> Result<Response, Fault> {
    let now = state.ambient.now();
    let used = wallet.used(now, &state.policy);
    let limits = wallet.limits;
    let decimal = |minor| Amount::new(minor, wallet.currency).to_decimal();
    let body = WalletBody {
        number: wallet.number.as_str(),
        name: &wallet.name,
        tier: match wallet.tier {
            Tier::One => 1,
            Tier::Two => 2,
            Tier::Three => 3,
        },
        currency: wallet.currency.code(),
        balance: decimal(wallet.posted_minor),
        held: decimal(wallet.held_minor),
        available: wallet.available().to_decimal(),
        limits: LimitsBody {
            payment: decimal(limits.payment_minor),
            day: decimal(limits.day_minor),
            day_left: decimal((limits.day_minor - used.day_used_minor).max(0)),
            year: decimal(limits.year_minor),
            year_left: decimal((limits.year_minor - used.year_used_minor).max(0)),
            balance: decimal(limits.balance_minor),
        },
        opened_at: wallet.opened_at.to_rfc3339(),
        frozen: wallet.frozen.as_ref().map(|frozen| FrozenBody {
            at: frozen.at.to_rfc3339(),
            by: frozen_by(&frozen.by),
        }),
    };
    reply::json(StatusCode::OK, &body)
}

/// `customer`, `call` or `staff`: who froze a wallet, without saying which of them.
pub fn frozen_by(by: &str) -> &'static str {
    match by.split(':').next() {
        Some("staff") => "staff",
        Some("call") => "call",
        _ => "customer",
    }
}
