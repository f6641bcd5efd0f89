use super::pay_review::Review;
use super::{Holder, holder};
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{Customer, Fields};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use crate::words::{amount_problem, money};
use ::money::payments::{self, Channel, IdempotencyKey, Kind as PaymentKind, Order, Outcome, Refusal};
use ::money::wallets::{self, Resolved};
use ::money::{Answer, Payee, Wallet, activity};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use base::{Amount, PaymentId};
use security::Token;
use sha2::{Digest, Sha256};

const NOTE_CHARS: usize = 60;
/// Payees that are offered to choose from.
const RECENT_PAYEES: usize = 4;

pub struct RecentPayee {
    number: String,
    name: String,
}

#[derive(Template)]
#[template(path = "customer/pay.html")]
struct PayPage {
    p: Page,
    form: Form,
    recent: Vec<RecentPayee>,
    available: String,
    day_left: String,
    frozen: bool,
    problem: Option<String>,
}

/// A form that can be paid.
pub(super) struct Sound {
    pub payee: Payee,
    pub amount: Amount,
    pub note: String,
}

/// `GET /pay`.
pub async fn pay_form(State(state): State<AppState>, customer: Customer) -> Result<Response, Fault> {
    form_page(&state, &customer, Form::default(), None).await
}

/// `POST /pay/review`: shows whom the money would reach, and everything the signature covers.
pub async fn review(
    State(state): State<AppState>,
    customer: Customer,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    if form.value("change") == "yes" {
        return form_page(&state, &customer, form, None).await;
    }
    let picked = form.value("pick").to_owned();
    if !picked.is_empty() {
        form.set("to", picked);
        form.forget("pick");
        return form_page(&state, &customer, form, None).await;
    }
    let Holder { wallet, unread } = holder(&state, &customer).await?;
    match understand(&state, &customer, &wallet, &mut form).await? {
        Some(sound) => {
            if let Some(refusal) = out_of_reach(&state, &customer, &wallet, sound.amount) {
                return refused(&state, &customer, &wallet, form, &refusal).await;
            }
            let key = Token::generate(&state.ambient.rng).as_str().to_owned();
            let review = Review {
                state: &state,
                customer: &customer,
                wallet: &wallet,
                sound: &sound,
                unread,
            };
            review.page(form, key, false, None).await
        }
        None => form_page(&state, &customer, form, None).await,
    }
}

/// What the order would be refused for in any case is said before anybody looks it over.
fn out_of_reach(state: &AppState, customer: &Customer, wallet: &Wallet, amount: Amount) -> Option<Refusal> {
    if wallet.frozen.is_some() {
        return Some(Refusal::PayerFrozen);
    }
    let used = wallet.used(customer.visitor.now, &state.policy);
    if let Err(passed) = used.check(&wallet.limits, amount.minor) {
        return Some(passed.into());
    }
    let available_minor = wallet.available().minor;
    (amount.minor > available_minor).then_some(Refusal::NotEnough { available_minor })
}

/// `POST /pay`: the order itself. The key in the form makes a double click one payment: what has
/// an answer gets it again, before any code is looked at.
pub async fn pay(
    State(state): State<AppState>,
    customer: Customer,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    let Holder { wallet, unread } = holder(&state, &customer).await?;
    let Some(sound) = understand(&state, &customer, &wallet, &mut form).await? else {
        return form_page(&state, &customer, form, None).await;
    };
    let key = form.value("key").to_owned();
    let mut order = order(&customer, &wallet, &sound, &key)?;
    let signs = !form.value("code").is_empty();
    let known = answered(&state, &order).await?;
    let review = Review {
        state: &state,
        customer: &customer,
        wallet: &wallet,
        sound: &sound,
        unread,
    };
    if let Some(answer) = known {
        return shown(review, form, answer.outcome).await;
    }
    if form.value("payee") != sound.payee.number.to_string() {
        // Between the look and the order the number went to another wallet.
        form.forget("code");
        let problem = customer.visitor.page(&state).t("review-changed");
        return review.page(form, key, signs, Some(problem)).await;
    }
    if signs {
        let nonce = form.value("nonce").to_owned();
        let refused = match form.six_digits("code") {
            Some(code) => review.sign(&key, &nonce, code).await?,
            None => Some(customer.visitor.page(&state).t("code-slip")),
        };
        if let Some(refused) = refused {
            form.forget("code");
            form.refuse("code", refused);
            return review.page(form, key, true, None).await;
        }
        order.second_factor = true;
    }
    let answer = state.gatherer.pay(order).await?;
    shown(review, form, answer.outcome).await
}

async fn shown(review: Review<'_>, mut form: Form, outcome: Outcome) -> Result<Response, Fault> {
    let (state, customer) = (review.state, review.customer);
    match outcome {
        // Its page says why, and what can be done.
        Outcome::Posted(payment)
        | Outcome::Held { payment, .. }
        | Outcome::Refused(Refusal::RiskRefused { payment }) => Ok(see(payment)),
        Outcome::Challenged { .. } => {
            form.refuse("code", customer.visitor.page(state).t("review-code-wanted"));
            let fresh = Token::generate(&state.ambient.rng).as_str().to_owned();
            review.page(form, fresh, true, None).await
        }
        Outcome::Refused(refusal) => refused(state, customer, review.wallet, form, &refusal).await,
        Outcome::KeyReused => Err(Fault::new(Kind::KeyReused)),
    }
}

/// The form again, with the reason beside its field.
async fn refused(
    state: &AppState,
    customer: &Customer,
    wallet: &Wallet,
    mut form: Form,
    refusal: &Refusal,
) -> Result<Response, Fault> {
    let text = refusal.text(customer.visitor.language, wallet.currency);
    match refusal.field() {
        Some("amount") => form.refuse("amount", text),
        Some("payee") => form.refuse("to", text),
        _ => return form_page(state, customer, form, Some(text)).await,
    }
    form_page(state, customer, form, None).await
}

async fn answered(state: &AppState, order: &Order) -> Result<Option<Answer>, Fault> {
    let order = order.clone();
    Ok(state
        .db
        .read_async(move |tx| payments::answered(tx, &order))
        .await?)
}

fn see(payment: PaymentId) -> Response {
    Redirect::to(&format!("/payments/{payment}")).into_response()
}

fn order(customer: &Customer, wallet: &Wallet, sound: &Sound, key: &str) -> Result<Order, Fault> {
    let key = IdempotencyKey::parse(key).map_err(|_| Fault::new(Kind::KeyMissing))?;
    let mut request = Sha256::new();
    request.update(sound.payee.account.to_be_bytes());
    request.update(sound.amount.minor.to_be_bytes());
    request.update(sound.note.as_bytes());
    Ok(Order {
        caller: customer.session.login.0,
        key,
        request_hash: request.finalize().into(),
        payer_account: wallet.account,
        payee_account: sound.payee.account,
        amount: sound.amount,
        note: sound.note.clone(),
        channel: Channel::App,
        second_factor: false,
        kind: PaymentKind::Transfer,
    })
}

/// Reads the form; what is wrong is noted beside its field.
async fn understand(
    state: &AppState,
    customer: &Customer,
    wallet: &Wallet,
    form: &mut Form,
) -> Result<Option<Sound>, Fault> {
    let lang = customer.visitor.language;
    let p = customer.visitor.page(state);
    let amount = Amount::parse_positive(form.value("amount"), wallet.currency);
    if let Err(problem) = &amount {
        form.refuse("amount", amount_problem(lang, problem));
    }
    let note: String = form.value("note").to_owned();
    if note.chars().count() > NOTE_CHARS {
        form.refuse("note", p.t("note-long"));
    }
    let to = form.value("to").to_owned();
    if to.is_empty() {
        form.refuse("to", p.t("pay-to-missing"));
        return Ok(None);
    }
    let account = wallet.account;
    let resolved = state
        .db
        .read_async(move |tx| wallets::resolve_payee(tx, account, &to))
        .await?;
    if !matches!(&resolved, Resolved::Payee(payee) if payee.known) {
        state
            .limiter
            .take_stranger(customer.session.login, customer.visitor.now)?;
    }
    let payee = match resolved {
        Resolved::Payee(payee) => payee,
        Resolved::NotFound => return Ok(refuse_payee(form, p.t("pay-payee-unknown"))),
        Resolved::Ambiguous => return Ok(refuse_payee(form, p.t("pay-payee-ambiguous"))),
        Resolved::NotYourself => return Ok(refuse_payee(form, p.t("pay-payee-self"))),
    };
    Ok(match amount {
        Ok(amount) if !form.has_errors() => Some(Sound { payee, amount, note }),
        _ => None,
    })
}

fn refuse_payee(form: &mut Form, text: String) -> Option<Sound> {
    form.refuse("to", text);
    None
}

async fn form_page(
    state: &AppState,
    customer: &Customer,
    mut form: Form,
    problem: Option<String>,
) -> Result<Response, Fault> {
    let holder = holder(state, customer).await?;
    let wallet = holder.wallet;
    form.forget("code");
    let account = wallet.account;
    let entries = state
        .db
        .read_async(move |tx| activity::list(tx, account, None, 50))
        .await?;
    let mut p = customer.page(state, "pay-title", Tab::Within);
    p.unread = holder.unread;
    let left = Amount::new(
        wallet.day_left_minor(customer.visitor.now, &state.policy),
        wallet.currency,
    );
    let refused = form.has_errors() || problem.is_some();
    let frozen = wallet.frozen.is_some();
    let view = PayPage {
        p,
        form,
        recent: recent_payees(&entries),
        available: money(wallet.available()),
        day_left: money(left),
        frozen,
        // The notice of the freeze says it, and leads to what undoes it.
        problem: problem.filter(|_| !frozen),
    };
    reply(&view, refused)
}

/// Whom the customer paid lately, each once.
fn recent_payees(entries: &[activity::Entry]) -> Vec<RecentPayee> {
    let mut recent: Vec<RecentPayee> = Vec::new();
    for entry in entries {
        if entry.direction != activity::Direction::Out || entry.payment.state != ::money::PaymentState::Posted
        {
            continue;
        }
        let Some(wallet) = &entry.payment.payee.wallet else {
            continue;
        };
        let number = wallet.number.to_string();
        if recent.len() < RECENT_PAYEES && recent.iter().all(|known| known.number != number) {
            recent.push(RecentPayee {
                number,
                name: wallet.name.clone(),
            });
        }
    }
    recent
}
