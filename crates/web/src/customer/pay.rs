use super::holder;
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{Customer, Fields};
use crate::shell::{Page, Tab};
use crate::state::AppState;
use crate::words::{amount_problem, money};
use ::money::payments::{self, Channel, IdempotencyKey, Kind as PaymentKind, Order, Outcome};
use ::money::wallets::{self, Resolved};
use ::money::{Payee, Wallet, activity};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::{Amount, PaymentId};
use risk::WarningSign;
use security::Token;
use security::lockouts::Verdict;
use security::logins;
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
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "customer/pay_review.html")]
struct ReviewPage {
    p: Page,
    form: Form,
    key: String,
    payee: String,
    payee_number: String,
    amount: String,
    left_after: String,
    new_payee: bool,
    needs_code: bool,
    problem: Option<String>,
}

/// A form that can be paid.
struct Sound {
    payee: Payee,
    amount: Amount,
    note: String,
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
    let picked = form.value("pick").to_owned();
    if !picked.is_empty() {
        form.set("to", picked);
        form.forget("pick");
        return form_page(&state, &customer, form, None).await;
    }
    let wallet = holder(&state, &customer).await?.wallet;
    match understand(&state, &customer, &wallet, &mut form).await? {
        Some(sound) => {
            let key = Token::generate(&state.ambient.rng).as_str().to_owned();
            review_page(&state, &customer, &wallet, &sound, form, key, false)
        }
        None => form_page(&state, &customer, form, None).await,
    }
}

/// `POST /pay`: the order itself. The key in the form makes a double click one payment.
pub async fn pay(
    State(state): State<AppState>,
    customer: Customer,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let Some(sound) = understand(&state, &customer, &wallet, &mut form).await? else {
        return form_page(&state, &customer, form, None).await;
    };
    let key = form.value("key").to_owned();
    let proven = match form.value("code").replace(' ', "") {
        code if code.is_empty() => false,
        code => match second_factor(&state, &customer, wallet.account, code).await? {
            Verdict::Passed => true,
            Verdict::Failed { .. } | Verdict::Locked { .. } => {
                let p = customer.visitor.page(&state);
                form.forget("code");
                form.refuse("code", p.t("code-wrong"));
                return review_page(&state, &customer, &wallet, &sound, form, key, true);
            }
        },
    };
    let order = order(&customer, &wallet, &sound, &key, proven)?;
    let answer = state.gatherer.pay(order).await?;
    match answer.outcome {
        Outcome::Posted(payment) | Outcome::Held { payment, .. } => Ok(see(payment)),
        Outcome::Challenged { .. } => {
            let p = customer.visitor.page(&state);
            form.refuse("code", p.t("review-code-wanted"));
            let fresh = Token::generate(&state.ambient.rng).as_str().to_owned();
            review_page(&state, &customer, &wallet, &sound, form, fresh, true)
        }
        Outcome::Refused(refusal) => {
            let text = refusal.text(customer.visitor.language, wallet.currency);
            match refusal.field() {
                Some("amount") => form.refuse("amount", text),
                Some("payee") => form.refuse("to", text),
                _ => return form_page(&state, &customer, form, Some(text)).await,
            }
            form_page(&state, &customer, form, None).await
        }
        Outcome::KeyReused => Err(Fault::new(Kind::KeyReused)),
    }
}

fn see(payment: PaymentId) -> Response {
    Redirect::to(&format!("/payments/{payment}")).into_response()
}

fn order(
    customer: &Customer,
    wallet: &Wallet,
    sound: &Sound,
    key: &str,
    proven: bool,
) -> Result<Order, Fault> {
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
        second_factor: proven,
        kind: PaymentKind::Transfer,
    })
}

/// A wrong code is a warning sign that raises the risk of the payer's next payments.
async fn second_factor(
    state: &AppState,
    customer: &Customer,
    account: i64,
    code: String,
) -> Result<Verdict, Fault> {
    let (ambient, keyring, login) = (
        state.ambient.clone(),
        state.keyring.clone(),
        customer.session.login,
    );
    state
        .db
        .write_async(move |tx| {
            let verdict = logins::check_totp(tx, ambient.now(), &keyring, login, &code)?;
            if verdict != Verdict::Passed {
                payments::record_warning(tx, &ambient, account, WarningSign::FailedSecondFactor)?;
            }
            Ok::<_, Fault>(verdict)
        })
        .await
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
    let view = PayPage {
        p,
        form,
        recent: recent_payees(&entries),
        available: money(wallet.available()),
        day_left: money(left),
        problem,
    };
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, Html(view.render()?)).into_response())
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

fn review_page(
    state: &AppState,
    customer: &Customer,
    wallet: &Wallet,
    sound: &Sound,
    form: Form,
    key: String,
    needs_code: bool,
) -> Result<Response, Fault> {
    let left_minor = wallet.day_left_minor(customer.visitor.now, &state.policy) - sound.amount.minor;
    let status = if form.has_errors() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = ReviewPage {
        p: customer.page(state, "review-title", Tab::Within),
        form,
        key,
        payee: sound.payee.display_name.clone(),
        payee_number: sound.payee.number.to_string(),
        amount: money(sound.amount),
        left_after: money(Amount::new(left_minor.max(0), wallet.currency)),
        new_payee: !sound.payee.known,
        needs_code,
        problem: None,
    };
    Ok((status, Html(view.render()?)).into_response())
}
