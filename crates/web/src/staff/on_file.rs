//! The number on file of whom a case for a person is about: masked, and in full for whoever asks for
//! it, which is written down.

use super::cases;
use super::desk::{DetailPage, Fact, Said};
use crate::fault::Fault;
use crate::guard::{Fields, Staffer};
use crate::state::AppState;
use ::calls::cases::{self as room, Case, CaseKind, CaseState};
use axum::extract::{Path, State};
use axum::response::Response;
use base::{CaseId, PhoneNumber};
use security::audit::{self, Actor};
use security::staff::Permission;
use store::Tx;

/// A number, and whether this answer shows it whole.
pub struct OnFile {
    pub number: PhoneNumber,
    pub whole: bool,
}

/// `None` for a case that waits for nobody here: there is no call to make.
pub fn look(tx: &mut Tx<'_>, case: &Case) -> Result<Option<PhoneNumber>, Fault> {
    if case.state != CaseState::ForStaff {
        return Ok(None);
    }
    match cases::person(tx, case) {
        Err(error) if error.is_unreadable() => Ok(None),
        person => Ok(person?.map(|person| person.phone)),
    }
}

/// The number among the facts; masked, with the button that shows it.
pub fn show(view: &mut DetailPage, staffer: &Staffer, case: CaseId, on_file: &OnFile) {
    let p = &view.p;
    let label = p.t("signin-phone");
    view.facts.push(if on_file.whole {
        Fact::new(label, on_file.number.as_str())
    } else {
        let mut fact = Fact::new(label, on_file.number.masked());
        if staffer.may(Permission::RequestActions).is_ok() {
            fact.reveal = Some(format!("/staff/cases/{case}/number"));
        }
        fact
    });
}

/// `POST /staff/cases/{id}/number`: the page with the number in full, once it is written down who
/// asked; a form, so that neither a link nor going back shows it.
pub async fn show_number(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    _: Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let id: CaseId = id.parse().map_err(|_| Fault::not_found())?;
    let (ambient, actor) = (state.ambient.clone(), Actor::Staff(staffer.id));
    let number = state
        .db
        .write_async(move |tx| {
            let case = room::get(tx, id)?.ok_or_else(Fault::not_found)?;
            let number = look(tx, &case)?;
            if number.is_some() {
                let (subject, detail) = (id.to_string(), whose(&case));
                audit::record(tx, &ambient, &actor, "case.number.view", &subject, &detail)?;
            }
            Ok::<_, Fault>(number)
        })
        .await?;
    let said = match number {
        Some(_) => Said::done(Some("staff-number-shown")),
        None => Said::problem("staff-number-not-needed"),
    };
    cases::page(&state, &staffer, id, said, number).await
}

/// By their id, never by number or name.
fn whose(case: &Case) -> String {
    match (case.customer, case.kind) {
        (Some(customer), _) => format!("customer:{customer}"),
        (None, CaseKind::ApplicationCallback(application)) => format!("application:{application}"),
        (None, _) => String::new(),
    }
}
