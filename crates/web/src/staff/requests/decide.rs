use super::{answer, page};
use crate::approval::{self, Approval, House};
use crate::fault::{Fault, Kind};
use crate::guard::{Fields, Staffer};
use crate::sign_in::door;
use crate::staff::desk;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::Response;
use security::audit::{self, Actor};
use security::four_eyes::{self, Action, Decided, Request, RequestId, Withdrawn};
use security::passwords;

/// `POST /staff/requests/{id}/approve`: the second person agrees, and it is done in the same
/// transaction, with its entry in the audit log.
pub async fn approve(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    _: Fields,
) -> Result<Response, Fault> {
    let id: RequestId = id.parse().map_err(|_| Fault::not_found())?;
    let first = first_password(&state, &staffer, id).await?;
    let (ambient, by) = (state.ambient.clone(), (staffer.id, staffer.role));
    let (keyring, policy) = (state.keyring.clone(), state.call_policy.clone());
    let hash = first.as_ref().map(|first| first.hash.clone());
    let approval = state
        .db
        .write_async(move |tx| {
            let house = House {
                keyring: &keyring,
                policy: &policy,
                first_password: hash.as_deref(),
            };
            approval::approve(tx, &ambient, &house, by, id)
        })
        .await?;
    let problem = match approval {
        Approval::Done => None,
        Approval::NotDone => Some("staff-could-not"),
        Approval::Undecided(why) => undecided(&why)?,
    };
    match (problem, first) {
        (None, Some(first)) => {
            let p = staffer.visitor.page(&state);
            let done = p.t2("staff-reset-done", "name", first.name, "password", first.password);
            page(&state, &staffer, Some(done), None).await
        }
        (problem, _) => answer(&state, &staffer, problem, "approved").await,
    }
}

/// A password that is shown once, to whoever hands it on.
struct FirstPassword {
    name: String,
    password: String,
    hash: String,
}

/// Made before the transaction, because hashing takes long; only where one will be given.
async fn first_password(
    state: &AppState,
    staffer: &Staffer,
    id: RequestId,
) -> Result<Option<FirstPassword>, Fault> {
    let now = staffer.visitor.now;
    let open = state
        .db
        .read_async(move |tx| four_eyes::open_requests(tx, now))
        .await?;
    let wanted = open
        .into_iter()
        .find(|request| request.id == id && request.action == Action::ResetStaff);
    // Nobody is made to wait for a hash that cannot be used.
    let decides = |request: &Request| {
        staffer.role.may(request.action.decided_with()) && request.requested_by != staffer.id
    };
    let Some(request) = wanted.filter(decides) else {
        return Ok(None);
    };
    let member = request.subject.parse().map_err(|_| Fault::not_found())?;
    let names = desk::names(state).await?;
    let password = passwords::first(&state.ambient.rng);
    Ok(Some(FirstPassword {
        name: names.get(&member).cloned().unwrap_or_default(),
        hash: door::hash(state, password.clone()).await?,
        password,
    }))
}

/// `POST /staff/requests/{id}/refuse`: the second person does not agree, and says why.
pub async fn refuse(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
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
                other => undecided(&other),
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
        Withdrawn::NotYours => return Err(Fault::new(Kind::Forbidden)),
        Withdrawn::AlreadyDone | Withdrawn::NotFound => Some("staff-request-gone"),
    };
    answer(&state, &staffer, problem, "withdrawn").await
}

/// Why nothing was decided.
fn undecided(decided: &Decided) -> Result<Option<&'static str>, Fault> {
    Ok(match decided {
        Decided::Approved(_) | Decided::Refused(_) => None,
        Decided::ReasonMissing => Some("staff-refusal-missing"),
        Decided::SamePerson => Some("staff-same-person"),
        Decided::AskerGone(_) => Some("staff-asker-gone"),
        Decided::NotAllowed => return Err(Fault::new(Kind::Forbidden)),
        Decided::AlreadyDone | Decided::Expired | Decided::NotFound => Some("staff-request-gone"),
    })
}
