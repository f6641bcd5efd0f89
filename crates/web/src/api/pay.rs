//! `POST /payments`, the hot path: no database is read here but on a miss of a cache; the order
//! goes to the gatherer, and its stored answer is sent as it is.

use super::body::{self, Member};
use super::resolved::ResolvedPayees;
use super::{amount, key, reply};
use crate::fault::{Fault, Kind};
use crate::guard::Caller;
use crate::state::AppState;
use crate::words::say;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base::{Amount, Currency, Language};
use money::payments::{self, Channel, IdempotencyKey, Kind as OrderKind, NOTE_MAX};
use money::wallets::{self, Resolved};
use money::{Answer, Order, Outcome, Refusal, WalletNumber};
use security::lockouts::Verdict;
use security::proofs;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::Arc;

/// No account has it: the order is refused as one to an unknown payee, and the refusal is stored.
const NOBODY: i64 = 0;
/// The longest text that can mean a payee.
const TO_MAX: usize = 32;

const MEMBERS: &[Member] = &[
    Member::required("to"),
    Member::required("amount"),
    Member::required("currency"),
    Member::optional("note"),
    Member::optional("code"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish<'b> {
    #[serde(borrow)]
    to: Cow<'b, str>,
    #[serde(borrow)]
    amount: Cow<'b, str>,
    #[serde(borrow)]
    currency: Cow<'b, str>,
    #[serde(borrow, default)]
    note: Cow<'b, str>,
    /// Of the authenticator: the second factor for this order.
    #[serde(default, deserialize_with = "some_text")]
    code: Option<String>,
}

/// A member that may be left out, but is no null.
fn some_text<'d, D: Deserializer<'d>>(reader: D) -> Result<Option<String>, D::Error> {
    String::deserialize(reader).map(Some)
}

pub async fn pay(
    state: AppState,
    resolved: Arc<ResolvedPayees>,
    request: Request,
) -> Result<Response, Fault> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &state).await?;
    let lang = caller.language;
    let key = key::idempotency_key(&parts.headers)?;
    let bytes = body::bytes(&state, &parts.headers, body).await?;
    let wish: Wish<'_> = body::read(&bytes, MEMBERS, lang)?;
    let amount = amount::parse(&wish.amount, &wish.currency, lang)?;
    check_texts(&wish, lang)?;
    let mut order = order(&caller, key, &wish, amount);
    match payee(&state, &resolved, &wish.to).await? {
        Some(account) => order.payee_account = account,
        None => return several(&state, order, lang).await,
    }
    if order.payee_account == NOBODY && answered(&state, &order).await?.is_none() {
        state
            .limiter
            .take_stranger(caller.known.login, state.ambient.now())?;
    }
    if let Some(code) = wish.code {
        if let Some(known) = answered(&state, &order).await? {
            return answer(known, amount.currency, lang);
        }
        prove(&state, &caller, &order, code).await?;
        order.second_factor = true;
    }
    let given = state.gatherer.pay(order).await?;
    answer(given, amount.currency, lang)
}

/// The response to an answer: its stored bytes, and after a refusal the problem's members before
/// them. The same request in the same language gets the same bytes, however often it comes.
pub fn answer(answer: Answer, currency: Currency, lang: Language) -> Result<Response, Fault> {
    let (status, payment) = match &answer.outcome {
        Outcome::Posted(payment) => (StatusCode::CREATED, payment),
        Outcome::Held { payment, .. } => (StatusCode::ACCEPTED, payment),
        Outcome::Challenged { .. } => return challenged(&answer, lang),
        Outcome::Refused(refusal) => return refused(&answer, refusal, currency, lang),
        Outcome::KeyReused => return Err(Fault::new(Kind::KeyReused)),
    };
    let mut place = String::with_capacity(64);
    place.push_str("/api/v1/payments/");
    place.push_str(&payment.to_string());
    let mut response = reply::stored(status, answer.body);
    let headers = response.headers_mut();
    if let Ok(place) = HeaderValue::try_from(place) {
        headers.insert(header::LOCATION, place);
    }
    if answer.replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

fn challenged(answer: &Answer, lang: Language) -> Result<Response, Fault> {
    let detail = say(lang, "api-second-factor-text");
    let problem = reply::Problem {
        kind: reply::problem_type("second-factor-needed"),
        title: say(lang, "api-second-factor"),
        status: 403,
        detail: &detail,
        field: Some("code"),
    };
    reply::problem(StatusCode::FORBIDDEN, lang, &problem, &answer.body)
}

fn refused(
    answer: &Answer,
    refusal: &Refusal,
    currency: Currency,
    lang: Language,
) -> Result<Response, Fault> {
    let detail = refusal.text(lang, currency);
    let problem = reply::Problem {
        kind: reply::problem_type(refusal.code()),
        title: say(lang, "problem-refused"),
        status: 422,
        detail: &detail,
        field: refusal
            .field()
            .map(|field| if field == "payee" { "to" } else { field }),
    };
    reply::problem(StatusCode::UNPROCESSABLE_ENTITY, lang, &problem, &answer.body)
}

fn check_texts(wish: &Wish<'_>, lang: Language) -> Result<(), Fault> {
    if wish.to.len() > TO_MAX || wish.to.trim().is_empty() {
        return Err(Fault::field("to", say(lang, "api-to")));
    }
    if wish.note.chars().count() > NOTE_MAX || wish.note.chars().any(char::is_control) {
        return Err(Fault::field("note", say(lang, "api-note")));
    }
    match &wish.code {
        Some(code) if !is_code(code) => Err(Fault::field("code", say(lang, "api-code"))),
        _ => Ok(()),
    }
}

pub fn is_code(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())
}

/// The code is no part of what makes two requests the same: a repeat may carry a newer one.
fn order(caller: &Caller, key: IdempotencyKey, wish: &Wish<'_>, amount: Amount) -> Order {
    let mut request = Sha256::new();
    for text in [wish.to.trim(), amount.currency.code(), &wish.note] {
        request.update((text.len() as u64).to_be_bytes());
        request.update(text);
    }
    request.update(amount.minor.to_be_bytes());
    Order {
        caller: caller.known.login.0,
        key,
        request_hash: request.finalize().into(),
        payer_account: caller.known.account,
        payee_account: NOBODY,
        amount,
        note: wish.note.clone().into_owned(),
        channel: Channel::Api,
        second_factor: false,
        kind: OrderKind::Transfer,
    }
}

/// The account that a text means; `None` when it means several.
async fn payee(state: &AppState, resolved: &ResolvedPayees, to: &str) -> Result<Option<i64>, Fault> {
    let to = to.trim();
    let now = state.ambient.now();
    if let Some(account) = resolved.get(to, now) {
        return Ok(Some(account));
    }
    let text = to.to_owned();
    // Asked in nobody's name, so that the answer holds for every payer.
    let found = state
        .db
        .read_async(move |tx| wallets::resolve_payee(tx, NOBODY, &text))
        .await?;
    Ok(match found {
        Resolved::Payee(payee) => {
            resolved.put(to, WalletNumber::parse(to).is_ok(), payee.account, now);
            Some(payee.account)
        }
        Resolved::NotFound | Resolved::NotYourself => Some(NOBODY),
        Resolved::Ambiguous => None,
    })
}

/// Several wallets have this telephone number. It may have been one alone when the order came first.
async fn several(state: &AppState, order: Order, lang: Language) -> Result<Response, Fault> {
    let currency = order.amount.currency;
    match answered(state, &order).await? {
        Some(known) => answer(known, currency, lang),
        None => Err(Fault::field("to", say(lang, "api-to-several"))),
    }
}

async fn answered(state: &AppState, order: &Order) -> Result<Option<Answer>, Fault> {
    let order = order.clone();
    Ok(state
        .db
        .read_async(move |tx| payments::answered(tx, &order))
        .await?)
}

/// Checks the authenticator's code for an order that has no answer yet. A repeat that came before the answer
/// must not be told that its code is wrong: that would be a refusal of what is being paid.
async fn prove(state: &AppState, caller: &Caller, order: &Order, code: String) -> Result<(), Fault> {
    let lang = caller.language;
    if caller.known.session.api {
        return Err(second_factor_elsewhere(lang));
    }
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let (session, account) = (caller.known.session.clone(), caller.known.account);
    let signed = [order.key.as_str().as_bytes(), b"\n", &order.request_hash].concat();
    let now = ambient.now();
    let verdict = state
        .db
        .write_async(move |tx| {
            let verdict = proofs::prove_order(tx, &ambient, &keyring, &session, &signed, &code)?;
            if matches!(verdict, Verdict::Failed { .. }) {
                let sign = risk::WarningSign::FailedSecondFactor;
                payments::record_warning(tx, &ambient, account, sign)?;
            }
            Ok::<_, Fault>(verdict)
        })
        .await?;
    judged(verdict, now, lang)
}

/// A code's verdict as the caller hears it.
pub fn judged(verdict: Verdict, now: base::Timestamp, lang: Language) -> Result<(), Fault> {
    match verdict {
        Verdict::Passed => Ok(()),
        Verdict::Failed { .. } => Err(Fault {
            field: Some("code".into()),
            detail: Some(say(lang, "api-code-wrong")),
            ..Fault::new(Kind::Forbidden)
        }),
        Verdict::Locked { until } => Err(locked(until, now)),
    }
}

pub fn locked(until: base::Timestamp, now: base::Timestamp) -> Fault {
    let retry_secs = until.since(now).as_secs().clamp(1, 86_400) as u32;
    Fault::new(Kind::Busy { retry_secs })
}

/// A long-lived token of a program never counts as a second factor, nor does a code it brings.
pub fn second_factor_elsewhere(lang: Language) -> Fault {
    Fault {
        detail: Some(say(lang, "api-second-factor-elsewhere")),
        ..Fault::new(Kind::Forbidden)
    }
}
