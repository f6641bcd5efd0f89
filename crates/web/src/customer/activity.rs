use super::holder;
use super::rows::{self, Row};
use crate::fault::Fault;
use crate::guard::Customer;
use crate::shell::{Page, Tab};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use base::PaymentId;
use serde::Deserialize;

const PAGE: usize = 30;

/// Where a page of a list begins.
#[derive(Deserialize, Default)]
pub struct Cursor {
    pub cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "customer/activity.html")]
struct ActivityPage {
    p: Page,
    rows: Vec<Row>,
    next: Option<String>,
}

/// `GET /activity`.
pub async fn activity(
    State(state): State<AppState>,
    customer: Customer,
    Query(cursor): Query<Cursor>,
) -> Result<Html<String>, Fault> {
    let holder = holder(&state, &customer).await?;
    let before: Option<PaymentId> = match &cursor.cursor {
        Some(text) => Some(text.parse().map_err(|_| Fault::not_found())?),
        None => None,
    };
    let account = holder.wallet.account;
    let mut found = state
        .db
        .read_async(move |tx| rows::lines(tx, account, before, PAGE + 1))
        .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let mut p = customer.page(&state, "nav-activity", Tab::Activity);
    p.unread = holder.unread;
    let view = ActivityPage {
        next: found
            .last()
            .filter(|_| more)
            .map(|line| line.entry.payment.id.to_string()),
        rows: found.iter().map(|line| Row::of(&p, line)).collect(),
        p,
    };
    Ok(Html(view.render()?))
}
