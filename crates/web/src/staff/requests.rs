use super::applications::grant_of;
use super::desk::{self, Asked, Pending};
use crate::fault::Fault;
use crate::guard::{Fields, Staffer};
use crate::shell::Page;
use crate::state::AppState;
use ::money::payments::{self, ReleaseOutcome, ReleasedBy, VoidOutcome, VoidedBy};
use ::money::wallets;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::{Ambient, StaffId};
use people::applications::{self, Moved};
use security::audit::{self, Actor};
use security::four_eyes::{self, Action, Decided, Request, RequestId};
use security::staff::Permission;

#[derive(Template)]
#[template(path = "staff/requests.html")]
struct RequestsPage {
    p: Page,
    requests: Vec<Pending>,
    done: Option<String>,
    problem: Option<String>,
}

/// `GET /staff/requests`.
pub async fn requests(
    State(state): State<AppState>,
    staffer: Staffer,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let done = (asked.done == "approved").then_some("staff-approved");
    page(&state, &staffer, done, None).await
}

/// `POST /staff/requests/{id}/approve`: the second person agrees, and it is done in the same
/// transaction, with its entry in the audit log.
pub async fn approve(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    _: Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::ApproveActions)?;
    let id: RequestId = id.parse().map_err(|_| Fault::not_found())?;
    let (ambient, by) = (state.ambient.clone(), (staffer.id, staffer.role));
    let problem = state
        .db
        .write_async(move |tx| {
            let request = match four_eyes::approve(tx, &ambient, by, id)? {
                Decided::Approved(request) => request,
                Decided::SamePerson => return Ok(Some("staff-same-person")),
                Decided::NotAllowed => return Ok(Some("problem-forbidden-text")),
                Decided::Refused(_) | Decided::AlreadyDone | Decided::Expired | Decided::NotFound => {
                    return Ok(Some("staff-request-gone"));
                }
            };
            let done = carry_out(tx, &ambient, by.0, &request)?;
            let outcome = if done { "done" } else { "not done" };
            let detail = format!("asked by staff:{}; {outcome}", request.requested_by);
            let action = format!("approve.{}", request.action.code());
            audit::record(
                tx,
                &ambient,
                &Actor::Staff(by.0),
                &action,
                &request.subject,
                &detail,
            )?;
            Ok::<_, Fault>((!done).then_some("staff-could-not"))
        })
        .await?;
    match problem {
        None => Ok(Redirect::to("/staff/requests?done=approved").into_response()),
        Some(key) => page(&state, &staffer, None, Some(key)).await,
    }
}

/// Whether it was done, now or before.
fn carry_out(
    tx: &mut store::Tx<'_>,
    ambient: &Ambient,
    by: StaffId,
    request: &Request,
) -> Result<bool, Fault> {
    let asked = request.requested_by;
    let subject = request.subject.as_str();
    let moved = |moved: Moved| matches!(moved, Moved::Done(_) | Moved::Already);
    Ok(match request.action {
        Action::ReleasePayment => {
            let payment = subject.parse().map_err(|_| Fault::not_found())?;
            let outcome = payments::release(tx, ambient, payment, ReleasedBy::Staff(asked, by))?;
            matches!(outcome, ReleaseOutcome::Posted | ReleaseOutcome::AlreadyPosted)
        }
        Action::VoidPayment => {
            let payment = subject.parse().map_err(|_| Fault::not_found())?;
            let outcome = payments::void(tx, ambient, payment, VoidedBy::Staff(asked, by), &request.reason)?;
            matches!(outcome, VoidOutcome::Voided | VoidOutcome::AlreadyVoided)
        }
        Action::UnfreezeWallet => {
            let wallet = subject.parse().map_err(|_| Fault::not_found())?;
            wallets::unfreeze(tx, ambient, wallet, &request.reason)?
        }
        Action::ActivateReferred => {
            let application = subject.parse().map_err(|_| Fault::not_found())?;
            match grant_of(&request.payload) {
                Some(grant) => moved(applications::refer_activate(tx, ambient, application, grant)?),
                None => false,
            }
        }
        Action::DeclineReferred => {
            let application = subject.parse().map_err(|_| Fault::not_found())?;
            moved(applications::refer_decline(tx, ambient, application)?)
        }
        // Nothing here asks for these yet.
        Action::ChangePhone | Action::ResetSecondFactor => false,
    })
}

async fn page(
    state: &AppState,
    staffer: &Staffer,
    done: Option<&str>,
    problem: Option<&str>,
) -> Result<Response, Fault> {
    let now = staffer.visitor.now;
    let open = state
        .db
        .read_async(move |tx| four_eyes::open_requests(tx, now))
        .await?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-requests", "requests");
    let view = RequestsPage {
        requests: open
            .iter()
            .map(|request| Pending::of(&p, &names, staffer, request))
            .collect(),
        done: done.map(|key| p.t(key)),
        problem: problem.map(|key| p.t(key)),
        p,
    };
    let status = if problem.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    Ok((status, Html(view.render()?)).into_response())
}
