//! What every page of the desk is made of.

use super::pending::Pending;
use super::table::Table;
use super::transcript::Turn;
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
use security::audit::{self, Actor};
use security::four_eyes::{self, Action, Request, Requested};
use security::{SecurityError, staff};
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

/// A field that finds one thing by its number.
pub struct Find {
    pub action: &'static str,
    pub label: String,
    pub hint: String,
    pub form: Form,
}

#[derive(Template)]
#[template(path = "staff/list.html")]
pub struct ListPage {
    pub p: Page,
    pub filters: Vec<Filter>,
    pub note: Option<String>,
    pub find: Option<Find>,
    pub table: Table,
    pub next: Option<String>,
}

pub struct Recorded {
    pub title: String,
    pub length: String,
    pub src: String,
    pub turns: Vec<Turn>,
}

/// One choice of a form.
pub struct Tick {
    pub name: &'static str,
    pub label: String,
}

/// A file that the applicant supplied.
pub struct FileRow {
    pub title: String,
    pub text: String,
    pub when: String,
    pub href: String,
}

pub struct Fact {
    pub label: String,
    pub text: String,
    pub href: Option<String>,
}

/// A form that acts, or asks for an action of two; a reason goes with it.
pub struct Ask {
    pub action: String,
    /// The reason's name; empty where ticks say enough.
    pub field: &'static str,
    pub ticks: Vec<Tick>,
    pub title: String,
    pub text: String,
    pub button: String,
    pub danger: bool,
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
    pub files: Vec<FileRow>,
    pub reasons: Vec<String>,
    pub reasons_title: String,
    pub facts: Vec<Fact>,
    pub pending: Option<Pending>,
    pub asks: Vec<Ask>,
    pub form: Form,
    pub done: Option<String>,
    pub problem: Option<String>,
}

impl DetailPage {
    /// Whether the wide column has anything to show.
    fn has_story(&self) -> bool {
        !(self.timeline.is_empty()
            && self.recordings.is_empty()
            && self.files.is_empty()
            && self.reasons.is_empty())
    }
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
                    let action = format!("request.{}", action.code());
                    audit::record(tx, &ambient, &Actor::Staff(by.0), &action, &subject, "")?;
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
