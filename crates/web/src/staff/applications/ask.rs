use super::{WITH_CALL, page, suggested};
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Fields, Staffer};
use crate::staff::desk::{self, Asking, Wish};
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::ApplicationId;
use people::applications as room;
use security::four_eyes::Action;
use security::staff::Permission;

/// `POST /staff/applications/{id}/approve`: with a call, like any other.
pub async fn ask_approve(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    ask(&state, &staffer, id, Action::ActivateReferred, "approve", form).await
}

/// `POST /staff/applications/{id}/activate`.
pub async fn ask_activate(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    ask(&state, &staffer, id, Action::ActivateReferred, "activate", form).await
}

/// `POST /staff/applications/{id}/decline`.
pub async fn ask_decline(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    ask(&state, &staffer, id, Action::DeclineReferred, "decline", form).await
}

async fn ask(
    state: &AppState,
    staffer: &Staffer,
    id: String,
    action: Action,
    field: &'static str,
    form: Form,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let application: ApplicationId = id.parse().map_err(|_| Fault::not_found())?;
    let found = state
        .db
        .read_async(move |tx| room::get(tx, application))
        .await?
        .ok_or_else(Fault::not_found)?;
    let limit_minor = suggested(&found).limit_minor;
    let payload = if field == "approve" {
        format!("{WITH_CALL}{limit_minor}")
    } else {
        limit_minor.to_string()
    };
    let wish = Wish {
        action,
        subject: application.to_string(),
        payload,
        field,
        form,
    };
    match desk::ask(state, staffer, wish).await? {
        Asking::Waits => {
            Ok(Redirect::to(&format!("/staff/applications/{application}?done=asked")).into_response())
        }
        Asking::Refused(said) => page::page(state, staffer, &id, said).await,
    }
}
