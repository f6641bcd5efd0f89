use super::payment_page::{Seen, page};
use super::status::{call_status, line_is_down};
use super::{holder, unread};
use crate::fault::Fault;
use crate::form::Form;
use crate::freezes;
use crate::guard::{Customer, Fields};
use crate::shell::{Page, Tab};
use crate::state::AppState;
use crate::words::money;
use ::money::payments::{self, ReleaseOutcome, VoidedBy};
use ::money::signature::{self, Signed};
use ::money::{PaymentState, Wallet, receipts, wallets};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::PaymentId;
use calls::cases::{self, CaseKind, CaseState};
use security::Token;
use security::proofs::ProofOutcome;

/// `GET /payments/{id}`.
pub async fn payment(
    State(state): State<AppState>,
    customer: Customer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let seen = look(&state, &customer, &wallet, &id).await?;
    page(&state, &customer, seen, Form::default(), None).await
}

/// `POST /payments/{id}/confirm`: the signature over exactly this payment, amount and payee.
pub async fn confirm(
    State(state): State<AppState>,
    customer: Customer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let seen = look(&state, &customer, &wallet, &id).await?;
    if seen.incoming {
        return Err(Fault::not_found());
    }
    let key = match (Token::parse(form.value("nonce")), form.six_digits("code")) {
        (Some(nonce), Some(code)) => sign(&state, &customer, seen.payment.id, nonce, code).await?,
        (Some(_), None) => Some("code-slip"),
        (None, _) => Some("held-confirm-expired"),
    };
    match key {
        None => Ok(Redirect::to(&format!("/payments/{id}")).into_response()),
        Some(key) => {
            let seen = look(&state, &customer, &wallet, &id).await?;
            let mut form = Form::default();
            let text = customer.visitor.page(&state).t(key);
            let beside = matches!(key, "held-confirm-wrong" | "held-confirm-expired" | "code-slip");
            if beside {
                form.refuse("code", text.clone());
            }
            page(&state, &customer, seen, form, (!beside).then_some(text)).await
        }
    }
}

/// Signs and releases in one transaction. `None` when the payment is posted; otherwise what to say.
pub(crate) async fn sign(
    state: &AppState,
    customer: &Customer,
    id: PaymentId,
    nonce: Token,
    code: String,
) -> Result<Option<&'static str>, Fault> {
    let (ambient, keyring, session) = (
        state.ambient.clone(),
        state.keyring.clone(),
        customer.session.clone(),
    );
    let signed = state
        .db
        .write_async(move |tx| signature::sign(tx, &ambient, &keyring, &session, id, (&nonce, &code)))
        .await?;
    Ok(match signed {
        Signed::Release(outcome) => refusal_key(outcome),
        Signed::NotProved(ProofOutcome::WrongCode { .. }) => Some("held-confirm-wrong"),
        Signed::NotProved(ProofOutcome::Locked { .. }) => Some("held-confirm-locked"),
        Signed::NotProved(
            ProofOutcome::Proved(_)
            | ProofOutcome::Expired
            | ProofOutcome::Used
            | ProofOutcome::NotThisPayment
            | ProofOutcome::NoSecondFactor,
        ) => Some("held-confirm-expired"),
    })
}

fn refusal_key(outcome: ReleaseOutcome) -> Option<&'static str> {
    match outcome {
        ReleaseOutcome::Posted | ReleaseOutcome::AlreadyPosted => None,
        ReleaseOutcome::AlreadyVoided | ReleaseOutcome::DeadlinePassed => Some("held-confirm-deadline"),
        ReleaseOutcome::Frozen => Some("held-confirm-frozen"),
        ReleaseOutcome::PayeeCannotReceive => Some("held-confirm-payee"),
        ReleaseOutcome::DetailsNotPlayed => Some("held-confirm-first"),
        ReleaseOutcome::NotFound => Some("problem-not-found"),
    }
}

/// `POST /payments/{id}/stop`: at any time; with a freeze when the customer wants it.
pub async fn stop(
    State(state): State<AppState>,
    customer: Customer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let seen = look(&state, &customer, &wallet, &id).await?;
    if seen.incoming {
        return Err(Fault::not_found());
    }
    let freeze = form.value("freeze") == "yes";
    stop_payment(&state, &customer, &wallet, seen.payment.id, freeze).await?;
    Ok(Redirect::to(&format!("/payments/{id}")).into_response())
}

pub(crate) async fn stop_payment(
    state: &AppState,
    customer: &Customer,
    wallet: &Wallet,
    id: PaymentId,
    freeze: bool,
) -> Result<payments::VoidOutcome, Fault> {
    let (ambient, login, wallet) = (state.ambient.clone(), customer.session.login, wallet.id);
    state
        .db
        .write_async(move |tx| {
            let outcome = payments::void(tx, &ambient, id, VoidedBy::CustomerApp(login), "")?;
            if freeze {
                wallets::freeze(tx, &ambient, wallet, freezes::WITH_STOP, &id.to_string())?;
            }
            Ok::<_, Fault>(outcome)
        })
        .await
}

#[derive(Template)]
#[template(path = "customer/receipt.html")]
struct ReceiptPage {
    p: Page,
    id: String,
    amount: String,
    facts: Vec<(String, String)>,
    /// Its two halves, between which a narrow screen breaks it.
    reference: (String, String),
}

/// `GET /payments/{id}/receipt`.
pub async fn receipt(
    State(state): State<AppState>,
    customer: Customer,
    Path(id): Path<String>,
) -> Result<Html<String>, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let seen = look(&state, &customer, &wallet, &id).await?;
    let payment = seen.payment.id;
    let receipt = state
        .db
        .read_async(move |tx| receipts::receipt(tx, payment, wallet.account))
        .await?
        .ok_or_else(Fault::not_found)?;
    let mut p = customer.page(&state, "receipt-title", Tab::Within);
    p.unread = seen.unread;
    let mut facts = vec![
        (p.t("fact-when"), p.calendar.dated(receipt.posted_at)),
        (p.t("fact-payer"), receipt.payer.name),
        (p.t("fact-payee"), receipt.payee.name),
    ];
    if let Some(number) = &receipt.payee.number {
        facts.push((p.t("fact-number"), number.to_string()));
    }
    if !receipt.note.is_empty() {
        facts.push((p.t("fact-note"), receipt.note.clone()));
    }
    facts.push((p.t("fact-fee"), p.t("review-no-fee")));
    let mut reference = receipt.payment.to_string();
    let rest = reference.split_off(reference.len() / 2);
    let view = ReceiptPage {
        p,
        id,
        amount: money(receipt.amount),
        facts,
        reference: (reference, rest),
    };
    Ok(Html(view.render()?))
}

/// The payment, if the customer may see it: its payer always, its payee once it is posted.
async fn look(state: &AppState, customer: &Customer, wallet: &Wallet, id: &str) -> Result<Seen, Fault> {
    let id: PaymentId = id.parse().map_err(|_| Fault::not_found())?;
    let (account, reader) = (wallet.account, customer.id);
    let (policy, now) = (state.call_policy.clone(), customer.visitor.now);
    let (payment, other, case, line_down, unread) = state
        .db
        .read_async(move |tx| {
            let payment = payments::get(tx, id)?;
            let other = match &payment {
                Some(payment) => wallets::other_name(tx, payment, account)?,
                None => String::new(),
            };
            let case = cases::by_kind(tx, CaseKind::PaymentConfirmation(id))?;
            let unread = unread(tx, reader)?;
            Ok::<_, Fault>((payment, other, case, line_is_down(tx, &policy, now)?, unread))
        })
        .await?;
    let payment = payment.ok_or_else(Fault::not_found)?;
    let incoming = payment.payer.account != account;
    let visible = !incoming || (payment.payee.account == account && payment.state == PaymentState::Posted);
    if !visible {
        return Err(Fault::not_found());
    }
    let calling = !incoming
        && payment.state == PaymentState::Held
        && case.as_ref().is_some_and(|case| case.state == CaseState::Calling);
    let call = if calling {
        Some(call_status(state, customer).await?)
    } else {
        None
    };
    let waits = payment.state == PaymentState::Held && !incoming && call.is_none();
    Ok(Seen {
        payment,
        incoming,
        other,
        case,
        call,
        line_down: waits && line_down,
        unread,
    })
}
