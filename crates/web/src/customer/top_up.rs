use super::{Holder, holder};
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{Customer, Fields};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use crate::words::amount_problem;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use base::Amount;
use money::payments::IdempotencyKey;
use money::{Answer, Outcome, rails};
use security::Token;

#[derive(Template)]
#[template(path = "customer/top_up.html")]
struct TopUpPage {
    p: Page,
    form: Form,
    key: String,
    problem: Option<String>,
}

/// `GET /top-up`.
pub async fn top_up_form(State(state): State<AppState>, customer: Customer) -> Result<Response, Fault> {
    let unread = holder(&state, &customer).await?.unread;
    page(&state, &customer, unread, Form::default(), None)
}

/// `POST /top-up`.
pub async fn top_up(
    State(state): State<AppState>,
    customer: Customer,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    let Holder { wallet, unread } = holder(&state, &customer).await?;
    let lang = customer.visitor.language;
    let amount = match Amount::parse_positive(form.value("amount"), wallet.currency) {
        Ok(amount) => amount,
        Err(problem) => {
            form.refuse("amount", amount_problem(lang, &problem));
            return page(&state, &customer, unread, form, None);
        }
    };
    let answer = order(&state, wallet.account, form.value("key"), amount).await?;
    match answer.outcome {
        Outcome::Posted(payment) | Outcome::Held { payment, .. } => {
            Ok(Redirect::to(&format!("/payments/{payment}")).into_response())
        }
        Outcome::Refused(refusal) => {
            let text = refusal.text(lang, wallet.currency);
            match refusal.field() {
                Some("amount") => form.refuse("amount", text),
                _ => return page(&state, &customer, unread, form, Some(text)),
            }
            page(&state, &customer, unread, form, None)
        }
        Outcome::Challenged { .. } => Err(Fault::new(Kind::Forbidden)),
        Outcome::KeyReused => Err(Fault::new(Kind::KeyReused)),
    }
}

/// Puts a top-up of the simulated bank through the way that every payment takes.
pub(crate) async fn order(
    state: &AppState,
    account: i64,
    key: &str,
    amount: Amount,
) -> Result<Answer, Fault> {
    let key = IdempotencyKey::parse(key).map_err(|_| Fault::new(Kind::KeyMissing))?;
    state
        .db
        .write_async(move |tx| rails::ensure_rail(tx, amount.currency))
        .await?;
    Ok(state
        .gatherer
        .pay(rails::top_up_order(&key, account, amount))
        .await?)
}

fn page(
    state: &AppState,
    customer: &Customer,
    unread: u32,
    form: Form,
    problem: Option<String>,
) -> Result<Response, Fault> {
    let refused = form.has_errors() || problem.is_some();
    let mut p = customer.page(state, "topup-title", Tab::Within);
    p.unread = unread;
    let view = TopUpPage {
        p,
        form,
        key: Token::generate(&state.ambient.rng).as_str().to_owned(),
        problem,
    };
    reply(&view, refused)
}
