//! What every page of the desk is made of.

use super::table::Table;
use crate::customer::Step;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use base::StaffId;
use security::four_eyes::{self, Action, Request, Requested};
use security::{SecurityError, audit, staff};
use serde::Deserialize;
use std::collections::HashMap;

/// Lines on one page of a list.
pub const PAGE: usize = 50;

/// Names of the staff by id.
pub type Names = HashMap<StaffId, String>;

#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    pub filter: String,
    pub cursor: Option<String>,
    #[serde(default)]
    pub done: String,
}

pub struct Filter {
    pub label: String,
    pub href: String,
    pub on: bool,
}

#[derive(Template)]
#[template(path = "staff/list.html")]
pub struct ListPage {
    pub p: Page,
    pub filters: Vec<Filter>,
    pub note: Option<String>,
    pub table: Table,
    pub next: Option<String>,
}

pub struct Recorded {
    pub title: String,
    pub length: String,
    pub src: String,
}

pub struct Fact {
    pub label: String,
    pub text: String,
    pub href: Option<String>,
}

/// A form that asks for an action of two.
pub struct Ask {
    pub action: String,
    pub field: &'static str,
    pub title: String,
    pub text: String,
    pub button: String,
    pub danger: bool,
}

/// A request that waits for the second person.
pub struct Pending {
    pub id: String,
    pub text: String,
    pub reason: String,
    pub when: String,
    pub own: bool,
    pub approve: String,
    pub href: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/detail.html")]
pub struct DetailPage {
    pub p: Page,
    pub back: &'static str,
    pub back_label: String,
    pub headline: String,
    pub state: String,
    pub tone: &'static str,
    pub timeline: Vec<Step>,
    pub recordings: Vec<Recorded>,
    pub reasons: Vec<String>,
    pub reasons_title: String,
    pub facts: Vec<Fact>,
    pub pending: Option<Pending>,
    pub asks: Vec<Ask>,
    pub form: Form,
    pub done: Option<String>,
    pub problem: Option<String>,
}

impl Fact {
    pub fn new(label: String, text: impl Into<String>) -> Self {
        Self {
            label,
            text: text.into(),
            href: None,
        }
    }

    pub fn link(label: String, text: impl Into<String>, href: String) -> Self {
        Self {
            label,
            text: text.into(),
            href: Some(href),
        }
    }
}

impl Pending {
    pub fn of(p: &Page, names: &Names, staffer: &Staffer, request: &Request) -> Self {
        let (key, href) = match request.action {
            Action::ReleasePayment => (
                "staff-request-release",
                Some(format!("/staff/payments/{}", request.subject)),
            ),
            Action::VoidPayment => (
                "staff-request-void",
                Some(format!("/staff/payments/{}", request.subject)),
            ),
            Action::UnfreezeWallet => (
                "staff-request-unfreeze",
                Some(format!("/staff/wallets/{}", request.subject)),
            ),
            Action::ActivateReferred => (
                "staff-request-activate",
                Some(format!("/staff/applications/{}", request.subject)),
            ),
            Action::DeclineReferred => (
                "staff-request-decline",
                Some(format!("/staff/applications/{}", request.subject)),
            ),
            Action::ChangePhone | Action::ResetSecondFactor => ("staff-request-other", None),
        };
        let name = names.get(&request.requested_by).cloned().unwrap_or_default();
        Self {
            id: request.id.to_string(),
            text: p.t1(key, "subject", short(&request.subject)),
            reason: request.reason.clone(),
            when: p.t2(
                "staff-by",
                "name",
                name,
                "when",
                p.calendar.moment(request.requested_at),
            ),
            own: request.requested_by == staffer.id,
            approve: p.t("staff-approve"),
            href,
        }
    }
}

/// The end of an id: enough for people to tell two apart.
pub fn short(id: &str) -> &str {
    &id[id.len().saturating_sub(8)..]
}

pub async fn names(state: &AppState) -> Result<Names, Fault> {
    let members = state.db.read_async(staff::list).await?;
    Ok(members
        .into_iter()
        .map(|member| (member.id, member.name))
        .collect())
}

/// The page's frame with the reader's own name.
pub fn frame(state: &AppState, staffer: &Staffer, names: &Names, title: &str, here: &'static str) -> Page {
    let name = names.get(&staffer.id).cloned().unwrap_or_default();
    staffer.page(state, title, here, &name)
}

/// The first waiting request among these actions on a subject.
pub fn waiting(
    tx: &mut store::Tx<'_>,
    now: base::Timestamp,
    actions: &[Action],
    subject: &str,
) -> Result<Option<Request>, SecurityError> {
    for action in actions {
        if let Some(request) = four_eyes::open_request(tx, now, *action, subject)? {
            return Ok(Some(request));
        }
    }
    Ok(None)
}

/// Asks for an action of two and notes it. `Ok(None)` when it was asked for; otherwise the key of
/// what to say.
pub async fn ask(
    state: &AppState,
    staffer: &Staffer,
    action: Action,
    subject: String,
    payload: String,
    reason: String,
) -> Result<Option<&'static str>, Fault> {
    let (ambient, by) = (state.ambient.clone(), (staffer.id, staffer.role));
    state
        .db
        .write_async(move |tx| {
            let asked = four_eyes::request(tx, &ambient, by, action, &subject, &payload, &reason)?;
            Ok::<_, SecurityError>(match asked {
                Requested::Requested(_) => {
                    let actor = audit::Actor::Staff(by.0);
                    audit::record(
                        tx,
                        &ambient,
                        &actor,
                        &format!("request.{}", action.code()),
                        &subject,
                        "",
                    )?;
                    None
                }
                Requested::AlreadyOpen => Some("staff-request-open"),
                Requested::ReasonMissing => Some("staff-reason-missing"),
                Requested::NotAllowed => Some("problem-forbidden-text"),
            })
        })
        .await
        .map_err(Fault::from)
}

pub fn show(page: &DetailPage, refused: bool) -> Result<Response, Fault> {
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, Html(page.render()?)).into_response())
}
