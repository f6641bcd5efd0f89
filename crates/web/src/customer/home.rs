use super::holder;
use super::notices::{Card, cards};
use super::rows::{self, Row};
use super::status::Strip;
use crate::fault::Fault;
use crate::guard::Customer;
use crate::shell::{Page, Tab};
use crate::state::AppState;
use crate::words::money;
use askama::Template;
use axum::extract::State;
use axum::response::Html;
use base::Amount;

/// Lines of the home page's activity.
const RECENT: usize = 5;

#[derive(Template)]
#[template(path = "customer/home.html")]
struct HomePage {
    p: Page,
    greeting: String,
    name: String,
    wallet_number: String,
    strip: Strip,
    frozen: Option<String>,
    available: String,
    /// None where nothing is on hold.
    held: Option<String>,
    day_left: String,
    notices: Vec<Card>,
    rows: Vec<Row>,
}

/// `GET /`.
pub async fn home(State(state): State<AppState>, customer: Customer) -> Result<Html<String>, Fault> {
    let holder = holder(&state, &customer).await?;
    let wallet = holder.wallet;
    let mut p = customer.page(&state, "nav-home", Tab::Home).live();
    p.unread = holder.unread;
    let strip = Strip::now(&state, &p, &customer, "/notices").await?;
    let account = wallet.account;
    let lines = state
        .db
        .read_async(move |tx| rows::lines(tx, account, None, RECENT))
        .await?;
    let notices = cards(&state, &p, &customer, true).await?;
    let left_minor = wallet.day_left_minor(customer.visitor.now, &state.policy);
    let view = HomePage {
        greeting: p.t(p.calendar.greeting_key()),
        name: wallet.name.clone(),
        wallet_number: wallet.number.to_string(),
        strip,
        frozen: wallet.frozen.is_some().then(|| p.t("frozen-home")),
        available: money(wallet.available()),
        held: (wallet.held_minor != 0).then(|| money(Amount::new(wallet.held_minor, wallet.currency))),
        day_left: money(Amount::new(left_minor, wallet.currency)),
        notices,
        rows: lines.iter().map(|line| Row::of(&p, line)).collect(),
        p,
    };
    Ok(Html(view.render()?))
}

#[derive(Template)]
#[template(path = "customer/receive.html")]
struct ReceivePage {
    p: Page,
    number: String,
    name: String,
    phone: String,
}

/// `GET /receive`.
pub async fn receive(State(state): State<AppState>, customer: Customer) -> Result<Html<String>, Fault> {
    let holder = holder(&state, &customer).await?;
    let mut p = customer.page(&state, "receive-title", Tab::Within);
    p.unread = holder.unread;
    let view = ReceivePage {
        p,
        number: holder.wallet.number.to_string(),
        name: holder.wallet.name,
        phone: holder.wallet.phone.masked(),
    };
    Ok(Html(view.render()?))
}
