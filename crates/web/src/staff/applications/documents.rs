use super::page::page;
use crate::fault::Fault;
use crate::guard::{Fields, Staffer};
use crate::staff::desk::Said;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::ApplicationId;
use people::applications::{self as room, FileKind, Moved};
use security::audit::{self, Actor};
use security::staff::Permission;

/// What staff can ask an applicant for.
const WANTED: [FileKind; 2] = [FileKind::IdentityDocument, FileKind::IncomeProof];

/// `POST /staff/applications/{id}/documents`: one person may ask, since nothing is decided by it.
pub async fn ask_documents(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let application: ApplicationId = id.parse().map_err(|_| Fault::not_found())?;
    let wanted: Vec<FileKind> = WANTED
        .into_iter()
        .filter(|kind| form.value(kind.word()) == "yes")
        .collect();
    if wanted.is_empty() {
        return page(&state, &staffer, &id, Said::problem("staff-documents-none")).await;
    }
    let (ambient, by) = (state.ambient.clone(), staffer.id);
    let moved = state
        .db
        .write_async(move |tx| {
            let moved = room::refer_ask_documents(tx, &ambient, application, &wanted)?;
            if let Moved::Done(_) = moved {
                let (actor, subject) = (Actor::Staff(by), application.to_string());
                let words: Vec<_> = wanted.iter().map(|kind| kind.word()).collect();
                let detail = words.join(", ");
                let action = "application.ask_documents";
                audit::record(tx, &ambient, &actor, action, &subject, &detail)?;
            }
            Ok::<_, Fault>(moved)
        })
        .await?;
    match moved {
        Moved::Done(_) => {
            Ok(Redirect::to(&format!("/staff/applications/{application}?done=documents")).into_response())
        }
        Moved::Already | Moved::NotNow(_) | Moved::NotFound => {
            page(&state, &staffer, &id, Said::problem("staff-could-not-now")).await
        }
    }
}
