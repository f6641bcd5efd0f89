use super::{WITH_CALL, page, yuan};
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Fields, Staffer};
use crate::staff::desk::{self, Asking, Said, Wish};
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::{Amount, ApplicationId, Currency};
use people::applications::{self as room, Application, staff_limits_minor};
use security::four_eyes::Action;
use security::staff::Permission;

/// The fields that hold the limit a year.
pub(super) const APPROVE_LIMIT: &str = "approve-limit";
pub(super) const ACTIVATE_LIMIT: &str = "activate-limit";

/// `POST /staff/applications/{id}/approve`: with a call, like any other.
pub async fn ask_approve(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    grant(&state, &staffer, &id, ("approve", APPROVE_LIMIT), form).await
}

/// `POST /staff/applications/{id}/activate`.
pub async fn ask_activate(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    grant(&state, &staffer, &id, ("activate", ACTIVATE_LIMIT), form).await
}

/// `POST /staff/applications/{id}/decline`.
pub async fn ask_decline(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let application = look(&state, &staffer, &id).await?;
    let wish = Wish {
        action: Action::DeclineReferred,
        subject: application.id.to_string(),
        payload: String::new(),
        field: "decline",
        ends_by: None,
        form,
    };
    ask(&state, &staffer, &id, wish).await
}

/// A limit is granted within what the rules would grant; the reason says why another than theirs.
async fn grant(
    state: &AppState,
    staffer: &Staffer,
    id: &str,
    (reason, limit): (&'static str, &'static str),
    mut form: Form,
) -> Result<Response, Fault> {
    let application = look(state, staffer, id).await?;
    let limits = staff_limits_minor(&application);
    let chosen = Amount::parse_positive(form.value(limit), Currency::Cny)
        .ok()
        .filter(|amount| limits.contains(&amount.minor));
    let Some(chosen) = chosen else {
        let p = staffer.visitor.page(state);
        let (least, most) = (yuan(*limits.start()), yuan(*limits.end()));
        form.refuse(limit, p.t2("staff-limit-wrong", "least", least, "most", most));
        return page::page(state, staffer, id, Said::refused(form)).await;
    };
    let with_call = if reason == "approve" { WITH_CALL } else { "" };
    let wish = Wish {
        action: Action::ActivateReferred,
        subject: application.id.to_string(),
        payload: format!("{with_call}{}", chosen.minor),
        field: reason,
        ends_by: None,
        form,
    };
    ask(state, staffer, id, wish).await
}

async fn look(state: &AppState, staffer: &Staffer, id: &str) -> Result<Application, Fault> {
    staffer.may(Permission::RequestActions)?;
    let id: ApplicationId = id.parse().map_err(|_| Fault::not_found())?;
    let found = state.db.read_async(move |tx| room::get(tx, id)).await?;
    found.ok_or_else(Fault::not_found)
}

async fn ask(state: &AppState, staffer: &Staffer, id: &str, wish: Wish) -> Result<Response, Fault> {
    match desk::ask(state, staffer, wish).await? {
        Asking::Waits => Ok(Redirect::to(&format!("/staff/applications/{id}?done=asked")).into_response()),
        Asking::Refused(said) => page::page(state, staffer, id, said).await,
    }
}
