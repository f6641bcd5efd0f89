use super::applications::{grant_of, is_with_call};
use super::desk::{self, Asked};
use super::numbers;
use super::pending::{Over, Pending};
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
use security::four_eyes::{self, Action, Decided, Request, RequestId, Withdrawn};
use security::staff::Permission;

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
    let (keyring, policy) = (state.keyring.clone(), state.call_policy.clone());
    let problem = state
        .db
        .write_async(move |tx| {
            let request = match four_eyes::approve(tx, &ambient, by, id)? {
                Decided::Approved(request) => request,
                other => return Ok(undecided(&other)),
            };
            let done = match request.action {
                Action::ChangePhone => numbers::change(tx, &ambient, &keyring, &policy, &request)?,
                _ => carry_out(tx, &ambient, by.0, &request)?,
            };
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
    answer(&state, &staffer, problem, "approved").await
}

/// `POST /staff/requests/{id}/refuse`: the second person does not agree, and says why.
pub async fn refuse(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::ApproveActions)?;
    let id: RequestId = id.parse().map_err(|_| Fault::not_found())?;
    let reason = form.value("refusal").to_owned();
    let (ambient, by) = (state.ambient.clone(), (staffer.id, staffer.role));
    let problem = state
        .db
        .write_async(
            move |tx| match four_eyes::refuse(tx, &ambient, by, id, &reason)? {
                Decided::Refused(request) => {
                    let action = format!("refuse.{}", request.action.code());
                    let detail = format!("asked by staff:{}", request.requested_by);
                    let actor = Actor::Staff(by.0);
                    audit::record(tx, &ambient, &actor, &action, &request.subject, &detail)?;
                    Ok::<_, Fault>(None)
                }
                other => Ok(undecided(&other)),
            },
        )
        .await?;
    answer(&state, &staffer, problem, "refused").await
}

/// `POST /staff/requests/{id}/withdraw`: whoever asked takes it back.
pub async fn withdraw(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    _: Fields,
) -> Result<Response, Fault> {
    let id: RequestId = id.parse().map_err(|_| Fault::not_found())?;
    let (ambient, by) = (state.ambient.clone(), staffer.id);
    let taken = state
        .db
        .write_async(move |tx| {
            let taken = four_eyes::withdraw(tx, &ambient, by, id)?;
            if taken == Withdrawn::Withdrawn {
                let subject = id.to_string();
                audit::record(tx, &ambient, &Actor::Staff(by), "request.withdraw", &subject, "")?;
            }
            Ok::<_, Fault>(taken)
        })
        .await?;
    let problem = match taken {
        Withdrawn::Withdrawn => None,
        Withdrawn::NotYours => Some("problem-forbidden-text"),
        Withdrawn::AlreadyDone | Withdrawn::NotFound => Some("staff-request-gone"),
    };
    answer(&state, &staffer, problem, "withdrawn").await
}

async fn answer(
    state: &AppState,
    staffer: &Staffer,
    problem: Option<&str>,
    done: &str,
) -> Result<Response, Fault> {
    match problem {
        None => Ok(Redirect::to(&format!("/staff/requests?done={done}")).into_response()),
        Some(key) => page(state, staffer, None, Some(key)).await,
    }
}

/// Why nothing was decided.
fn undecided(decided: &Decided) -> Option<&'static str> {
    match decided {
        Decided::Approved(_) | Decided::Refused(_) => None,
        Decided::ReasonMissing => Some("staff-refusal-missing"),
        Decided::SamePerson => Some("staff-same-person"),
        Decided::NotAllowed => Some("problem-forbidden-text"),
        Decided::AlreadyDone | Decided::Expired | Decided::NotFound => Some("staff-request-gone"),
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
                Some(grant) if is_with_call(&request.payload) => {
                    moved(applications::refer_approve(tx, ambient, application, grant)?)
                }
                Some(grant) => moved(applications::refer_activate(tx, ambient, application, grant)?),
                None => false,
            }
        }
        Action::DeclineReferred => {
            let application = subject.parse().map_err(|_| Fault::not_found())?;
            moved(applications::refer_decline(tx, ambient, application)?)
        }
        // The first is carried out by `numbers`; nothing asks for the second yet.
        Action::ChangePhone | Action::ResetSecondFactor => false,
    })
}

async fn page(
    state: &AppState,
    staffer: &Staffer,
    done: Option<&str>,
    problem: Option<&str>,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let now = staffer.visitor.now;
    let (open, past) = state
        .db
        .read_async(move |tx| {
            let open = four_eyes::open_requests(tx, now)?;
            Ok::<_, Fault>((open, four_eyes::decided(tx, PAST)?))
        })
        .await?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-requests", "requests");
    let view = RequestsPage {
        requests: open
            .iter()
            .map(|request| Pending::of(&p, &names, staffer, request))
            .collect(),
        past: past.iter().map(|past| Over::of(&p, &names, past)).collect(),
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
