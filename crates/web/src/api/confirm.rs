//! What the payer does about a held payment: asks for a challenge, answers it with a code of the
//! authenticator, or stops the payment. The proof binds payment, amount and payee.

use super::body::{self, Member};
use super::freeze;
use super::pay::{is_code, judged, locked, second_factor_elsewhere};
use super::payments::{Seen, payment_body, seen};
use super::reply;
use crate::fault::Fault;
use crate::freezes;
use crate::guard::Caller;
use crate::state::AppState;
use crate::words::say;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::{Language, PaymentId, Timestamp};
use money::activity::Direction;
use money::payments::{self, ReleaseOutcome, VoidOutcome, VoidedBy};
use money::signature::{self, Signed};
use money::{PaymentState, wallets};
use security::Token;
use security::lockouts::Verdict;
use security::proofs::ProofOutcome;
use serde::{Deserialize, Serialize};

const STOPPED: &str = "stopped through the API";

#[derive(Serialize)]
struct ChallengeBody<'c> {
    nonce: &'c str,
    expires_at: String,
    amount: String,
    currency: &'static str,
    payee: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirm {
    nonce: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stop {
    freeze: bool,
}

/// `POST /payments/{id}/challenge`.
pub async fn challenge(
    State(state): State<AppState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Response, Fault> {
    let lang = caller.language;
    let Seen { payment, other, .. } = own(&state, &caller, &text).await?;
    if payment.state != PaymentState::Held {
        return Err(not_held(payment.state, lang));
    }
    if caller.known.session.api {
        return Err(second_factor_elsewhere(lang));
    }
    let (ambient, keyring, session) = (
        state.ambient.clone(),
        state.keyring.clone(),
        caller.known.session.clone(),
    );
    let amount = payment.amount;
    let made = state
        .db
        .write_async(move |tx| signature::challenge(tx, &ambient, &keyring, &session, &payment))
        .await?;
    let body = ChallengeBody {
        nonce: made.nonce.as_str(),
        expires_at: made.expires_at.to_rfc3339(),
        amount: amount.to_decimal(),
        currency: amount.currency.code(),
        payee: other,
    };
    reply::json(StatusCode::CREATED, &body)
}

/// `POST /payments/{id}/confirm`.
pub async fn confirm(
    State(state): State<AppState>,
    Path(text): Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &state).await?;
    let lang = caller.language;
    let bytes = body::bytes(&state, &parts.headers, body).await?;
    let members = [Member::required("nonce"), Member::required("code")];
    let wish: Confirm = body::read(&bytes, &members, lang)?;
    if !is_code(&wish.code) {
        return Err(Fault::field("code", say(lang, "api-code")));
    }
    let nonce = Token::parse(&wish.nonce).ok_or_else(|| Fault::field("nonce", say(lang, "api-nonce")))?;
    let payment = own(&state, &caller, &text).await?.payment;
    let now = state.ambient.now();
    let signed = signed(&state, &caller, payment.id, nonce, wish.code).await?;
    told(signed, now, lang)?;
    let posted = own(&state, &caller, &text).await?;
    reply::json(StatusCode::OK, &payment_body(posted, lang))
}

/// `POST /payments/{id}/stop`.
pub async fn stop(
    State(state): State<AppState>,
    Path(text): Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &state).await?;
    let lang = caller.language;
    let bytes = body::bytes(&state, &parts.headers, body).await?;
    let wish: Stop = body::read(&bytes, &[Member::flag("freeze", true)], lang)?;
    let payment = own(&state, &caller, &text).await?.payment;
    let (id, login) = (payment.id, caller.known.login);
    let wallet = payment.payer.wallet.map(|wallet| wallet.id);
    let ambient = state.ambient.clone();
    let outcome = state
        .db
        .write_async(move |tx| {
            let outcome = payments::void(tx, &ambient, id, VoidedBy::CustomerApp(login), STOPPED)?;
            if let Some(wallet) = wallet.filter(|_| wish.freeze) {
                wallets::freeze(tx, &ambient, wallet, freezes::WITH_STOP, freeze::REASON)?;
            }
            Ok::<_, money::MoneyError>(outcome)
        })
        .await?;
    match outcome {
        VoidOutcome::Voided | VoidOutcome::AlreadyVoided => {
            let stopped = own(&state, &caller, &id.to_string()).await?;
            reply::json(StatusCode::OK, &payment_body(stopped, lang))
        }
        VoidOutcome::AlreadyPosted => Err(not_held(PaymentState::Posted, lang)),
        VoidOutcome::NotFound => Err(not_held(payment.state, lang)),
    }
}

/// Only its payer does anything about a payment.
async fn own(state: &AppState, caller: &Caller, text: &str) -> Result<Seen, Fault> {
    let seen = seen(state, caller, text).await?;
    match seen.direction {
        Direction::Out => Ok(seen),
        Direction::In => Err(Fault::not_found()),
    }
}

async fn signed(
    state: &AppState,
    caller: &Caller,
    id: PaymentId,
    nonce: Token,
    code: String,
) -> Result<Signed, Fault> {
    let (ambient, keyring, session) = (
        state.ambient.clone(),
        state.keyring.clone(),
        caller.known.session.clone(),
    );
    let signed = state
        .db
        .write_async(move |tx| signature::sign(tx, &ambient, &keyring, &session, id, (&nonce, &code)))
        .await?;
    Ok(signed)
}

/// `Ok` when the payment is posted, now or by an earlier repeat of this confirmation.
fn told(signed: Signed, now: Timestamp, lang: Language) -> Result<(), Fault> {
    let conflict = |key| Err(Fault::conflict(say(lang, key)));
    match signed {
        Signed::Release(ReleaseOutcome::Posted | ReleaseOutcome::AlreadyPosted) => Ok(()),
        Signed::Release(ReleaseOutcome::AlreadyVoided) => Err(not_held(PaymentState::Voided, lang)),
        Signed::Release(ReleaseOutcome::DeadlinePassed) => conflict("api-confirm-late"),
        Signed::Release(ReleaseOutcome::Frozen) => conflict("api-confirm-frozen"),
        Signed::Release(ReleaseOutcome::PayeeCannotReceive) => conflict("api-confirm-payee"),
        Signed::Release(ReleaseOutcome::DetailsNotPlayed) => conflict("api-confirm-call-first"),
        Signed::Release(ReleaseOutcome::NotFound) => Err(Fault::not_found()),
        Signed::NotProved(ProofOutcome::WrongCode { attempts_left }) => {
            judged(Verdict::Failed { attempts_left }, now, lang)
        }
        Signed::NotProved(ProofOutcome::Locked { until }) => Err(locked(until, now)),
        Signed::NotProved(ProofOutcome::NoSecondFactor) => Err(second_factor_elsewhere(lang)),
        Signed::NotProved(
            ProofOutcome::Proved(_)
            | ProofOutcome::Expired
            | ProofOutcome::Used
            | ProofOutcome::NotThisPayment,
        ) => conflict("api-confirm-challenge"),
    }
}

fn not_held(state: PaymentState, lang: Language) -> Fault {
    let key = match state {
        PaymentState::Posted => "api-already-posted",
        PaymentState::Voided => "api-already-voided",
        PaymentState::Held | PaymentState::Refused => "api-not-held",
    };
    Fault::conflict(say(lang, key))
}
