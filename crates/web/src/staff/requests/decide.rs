use super::{Told, answer, page};
use crate::approval::{self, Approval, ApprovalError, House};
use crate::fault::{Fault, Kind};
use crate::guard::{Fields, Staffer};
use crate::sign_in::door;
use crate::staff::desk;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::Response;
use security::audit::{self, Actor};
use security::four_eyes::{self, Action, Decided, Request, RequestId, Withdrawn};
use security::lockouts::Verdict;
use security::logins::{self, Who};
use security::passwords;

/// `POST /staff/requests/{id}/approve`: the second person agrees, with a code of their authenticator,
/// and it is done in the same transaction, with its entry in the audit log.
pub async fn approve(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let id: RequestId = id.parse().map_err(|_| Fault::not_found())?;
    let code = form.six_digits("code");
    let first = match code {
        Some(_) => first_password(&state, &staffer, id).await?,
        None => None,
    };
    let said = agree(&state, &staffer, id, code, first.as_ref()).await?;
    let problem = match said {
        Said::Decided(Approval::Done) => None,
        Said::Decided(Approval::NotDone) => Some("staff-could-not"),
        Said::Decided(Approval::Undecided(why)) => undecided(&why)?,
        Said::NoCode => return wrong_code(&state, &staffer, id, None).await,
        Said::WrongCode(verdict) => return wrong_code(&state, &staffer, id, Some(verdict)).await,
    };
    let p = staffer.visitor.page(&state);
    match (problem, first) {
        (None, Some(first)) => {
            let done = p.t2("staff-reset-done", "name", first.name, "password", first.password);
            page(&state, &staffer, Told::done(Some(done))).await
        }
        (problem, _) => answer(&state, &staffer, problem, "approved").await,
    }
}

/// What came of a second person's word.
enum Said {
    Decided(Approval),
    /// What was typed is no code: nothing was tried.
    NoCode,
    WrongCode(Verdict),
}

/// A session that was left open is not the second person: their authenticator is asked each time. What
/// they cannot decide, or was decided already, uses up no code; a form that is sent twice is such a one.
async fn agree(
    state: &AppState,
    staffer: &Staffer,
    id: RequestId,
    code: Option<String>,
    first: Option<&FirstPassword>,
) -> Result<Said, Fault> {
    let (ambient, by, login) = (state.ambient.clone(), (staffer.id, staffer.role), staffer.login);
    let (keyring, policy) = (state.keyring.clone(), state.call_policy.clone());
    let hash = first.map(|first| first.hash.clone());
    let agreed = state.db.write_async(move |tx| {
        let now = ambient.now();
        logins::wait_for_codes(tx, now, &keyring, login)?;
        if let Some(obstacle) = four_eyes::obstacle(tx, now, by, id)? {
            return Ok(Said::Decided(Approval::Undecided(obstacle)));
        }
        let Some(code) = &code else {
            return Ok(Said::NoCode);
        };
        let verdict = logins::check_totp(tx, now, &keyring, login, code)?;
        if verdict != Verdict::Passed {
            return Ok(Said::WrongCode(verdict));
        }
        let house = House {
            keyring: &keyring,
            policy: &policy,
            first_password: hash.as_deref(),
        };
        let approval = approval::approve(tx, &ambient, &house, by, id)?;
        Ok::<_, ApprovalError>(Said::Decided(approval))
    });
    Ok(agreed.await?)
}

/// The page with the reason beside the code's field.
async fn wrong_code(
    state: &AppState,
    staffer: &Staffer,
    id: RequestId,
    verdict: Option<Verdict>,
) -> Result<Response, Fault> {
    let p = staffer.visitor.page(state);
    let text = match verdict {
        None => p.t("code-slip"),
        Some(verdict) => {
            door::note_lock_out(state, Some(Who::Staff(staffer.id, staffer.role)), verdict).await?;
            let (key, until) = door::refusal(verdict, &p.calendar, "code-wrong");
            p.t1(key, "until", until)
        }
    };
    let wrong = Some((id, text));
    page(
        state,
        staffer,
        Told {
            wrong,
            ..Told::default()
        },
    )
    .await
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
