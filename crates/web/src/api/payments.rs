//! `GET /payments` and `GET /payments/{id}`: what went in and out, as the caller may see it.

use super::{query, reply};
use crate::fault::Fault;
use crate::guard::Caller;
use crate::hex;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use base::{Language, PaymentId};
use money::activity::{self, Direction};
use money::payments::{self, EndedBy, Kind, ReleasedBy, VoidedBy};
use money::{MoneyError, Payment, PaymentState, wallets};
use serde::Serialize;
use store::Tx;

#[derive(Serialize)]
struct PageBody {
    payments: Vec<PaymentBody>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
pub struct PaymentBody {
    id: String,
    direction: &'static str,
    kind: &'static str,
    state: &'static str,
    amount: String,
    currency: &'static str,
    counterpart: CounterpartBody,
    note: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<HoldBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonBody>,
}

#[derive(Serialize)]
struct CounterpartBody {
    /// In full for whom the caller has paid, masked for others.
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
}

#[derive(Serialize)]
struct HoldBody {
    deadline: String,
    /// A call has spoken amount and payee: from now on it can be confirmed.
    details_played: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<&'static str>,
}

#[derive(Serialize)]
struct ReasonBody {
    code: &'static str,
    text: String,
}

/// A payment as one of its sides sees it.
pub struct Seen {
    pub payment: Payment,
    pub direction: Direction,
    /// The other side's name, as this side may see it.
    pub other: String,
}

pub async fn list(State(state): State<AppState>, caller: Caller, uri: Uri) -> Result<Response, Fault> {
    let lang = caller.language;
    let (before, limit) = query::page(&uri, lang)?;
    let before = before.map(PaymentId);
    let account = caller.known.account;
    let mut found = state
        .db
        .read_async(move |tx| {
            let entries = activity::list(tx, account, before, limit + 1)?.into_iter();
            let seen = entries.map(|entry| seen_by(tx, entry.payment, entry.direction, account));
            seen.collect::<Result<Vec<_>, MoneyError>>()
        })
        .await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found
        .last()
        .filter(|_| more)
        .map(|seen| seen.payment.id.to_string());
    let payments = found.into_iter().map(|seen| payment_body(seen, lang)).collect();
    reply::json(StatusCode::OK, &PageBody { payments, next })
}

pub async fn one(
    State(state): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Response, Fault> {
    let seen = seen(&state, &caller, &text).await?;
    reply::json(StatusCode::OK, &payment_body(seen, caller.language))
}

/// The payment of an address, for those who may see it: its payer, and its payee once it is
/// posted. To all others it does not exist.
pub async fn seen(state: &AppState, caller: &Caller, text: &str) -> Result<Seen, Fault> {
    let id = hex::id(text).map(PaymentId).ok_or_else(Fault::not_found)?;
    let account = caller.known.account;
    state
        .db
        .read_async(move |tx| {
            let payment = payments::get(tx, id)?.ok_or_else(Fault::not_found)?;
            let direction = if payment.payer.account == account {
                Direction::Out
            } else if payment.payee.account == account && payment.state == PaymentState::Posted {
                Direction::In
            } else {
                return Err(Fault::not_found());
            };
            Ok(seen_by(tx, payment, direction, account)?)
        })
        .await
}

fn seen_by(
    tx: &mut Tx<'_>,
    payment: Payment,
    direction: Direction,
    account: i64,
) -> Result<Seen, MoneyError> {
    let other = wallets::other_name(tx, &payment, account)?;
    Ok(Seen {
        payment,
        direction,
        other,
    })
}

pub fn payment_body(seen: Seen, lang: Language) -> PaymentBody {
    let (payment, own) = (seen.payment, seen.direction == Direction::Out);
    let other = if own { &payment.payee } else { &payment.payer };
    let currency = payment.amount.currency;
    let reasons = payment
        .assessment
        .iter()
        .filter(|_| own && payment.state != PaymentState::Posted);
    PaymentBody {
        id: payment.id.to_string(),
        direction: if own { "out" } else { "in" },
        kind: match payment.kind {
            Kind::Transfer => "transfer",
            Kind::TopUp => "top_up",
        },
        state: payment.state.code(),
        amount: payment.amount.to_decimal(),
        currency: currency.code(),
        counterpart: CounterpartBody {
            name: seen.other,
            number: other
                .wallet
                .as_ref()
                .map(|wallet| wallet.number.as_str().to_owned()),
        },
        created_at: payment.created_at.to_rfc3339(),
        hold: payment.hold.as_ref().filter(|_| own).map(hold_body),
        reasons: reasons
            .flat_map(|assessment| &assessment.reasons)
            .map(|reason| ReasonBody {
                code: reason.code.code(),
                text: reason.text(lang, currency),
            })
            .collect(),
        note: payment.note,
    }
}

fn hold_body(hold: &payments::Hold) -> HoldBody {
    HoldBody {
        deadline: hold.deadline.to_rfc3339(),
        details_played: hold.details_played.is_some(),
        ended_at: hold.ended.as_ref().map(|end| end.at.to_rfc3339()),
        ended_by: hold.ended.as_ref().map(|end| match end.by {
            EndedBy::Released(ReleasedBy::CustomerApp { .. }) | EndedBy::Voided(VoidedBy::CustomerApp(_)) => {
                "app"
            }
            EndedBy::Released(ReleasedBy::CustomerKeypad(_)) | EndedBy::Voided(VoidedBy::CustomerCall(_)) => {
                "call"
            }
            EndedBy::Released(ReleasedBy::Staff(..)) | EndedBy::Voided(VoidedBy::Staff(..)) => "staff",
            EndedBy::Voided(VoidedBy::Freeze) => "freeze",
            EndedBy::Voided(VoidedBy::Deadline) => "deadline",
        }),
    }
}
