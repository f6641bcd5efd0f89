//! What takes two: what waits for the second person, and what was decided lately.

mod decide;

use super::desk::{self, Asked};
use super::pending::{self, Over, Pending, Subjects};
use crate::fault::{Fault, Kind};
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use security::four_eyes::{self, Request, RequestId};

pub use decide::{approve, refuse, withdraw};

/// Requests that are over, shown below those that wait.
const PAST: i64 = 20;

#[derive(Template)]
#[template(path = "staff/requests.html")]
struct RequestsPage {
    p: Page,
    requests: Vec<Pending>,
    past: Vec<Over>,
    done: Option<String>,
    problem: Option<String>,
}

/// `GET /staff/requests`.
pub async fn requests(
    State(state): State<AppState>,
    staffer: Staffer,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let done = match asked.done.as_str() {
        "approved" => Some("staff-approved"),
        "refused" => Some("staff-refused"),
        "withdrawn" => Some("staff-withdrawn"),
        _ => None,
    };
    let done = done.map(|key| staffer.visitor.page(&state).t(key));
    page(&state, &staffer, Told::done(done)).await
}

/// What the page says beside its requests.
#[derive(Default)]
struct Told {
    done: Option<String>,
    /// Why nothing was done: a key.
    problem: Option<&'static str>,
    /// Why the code for this request was not accepted, in words.
    wrong: Option<(RequestId, String)>,
}

impl Told {
    fn done(done: Option<String>) -> Self {
        Self {
            done,
            ..Self::default()
        }
    }
}

async fn answer(
    state: &AppState,
    staffer: &Staffer,
    problem: Option<&'static str>,
    done: &str,
) -> Result<Response, Fault> {
    match problem {
        None => Ok(Redirect::to(&format!("/staff/requests?done={done}")).into_response()),
        problem => {
            page(
                state,
                staffer,
                Told {
                    problem,
                    ..Told::default()
                },
            )
            .await
        }
    }
}

/// Each sees what they may ask for themselves.
async fn page(state: &AppState, staffer: &Staffer, told: Told) -> Result<Response, Fault> {
    if !staffer.takes_part_in_requests() {
        return Err(Fault::new(Kind::Forbidden));
    }
    let (now, role) = (staffer.visitor.now, staffer.role);
    let (open, past, subjects) = state
        .db
        .read_async(move |tx| {
            let mut open = four_eyes::open_requests(tx, now)?;
            open.retain(|request| role.may(request.action.asked_with()));
            let mut past = four_eyes::decided(tx, PAST)?;
            past.retain(|past| role.may(past.request.action.asked_with()));
            let mut subjects = Subjects::new();
            for request in open.iter().chain(past.iter().map(|past| &past.request)) {
                if let Some(name) = pending::subject(tx, request)? {
                    subjects.insert(request.subject.clone(), name);
                }
            }
            Ok::<_, Fault>((open, past, subjects))
        })
        .await?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-requests", "requests");
    let status = match (&told.wrong, told.problem) {
        (Some(_), _) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, Some(_)) => StatusCode::CONFLICT,
        (None, None) => StatusCode::OK,
    };
    let pending = |request: &Request| Pending {
        wrong: told
            .wrong
            .as_ref()
            .filter(|(id, _)| *id == request.id)
            .map(|(_, text)| text.clone()),
        ..Pending::among(&p, &names, &subjects, staffer, request)
    };
    let view = RequestsPage {
        requests: open.iter().map(pending).collect(),
        past: past
            .iter()
            .map(|past| Over::of(&p, &names, &subjects, past))
            .collect(),
        problem: told.problem.map(|key| p.t(key)),
        done: told.done,
        p,
    };
    Ok((status, Html(view.render()?)).into_response())
}
