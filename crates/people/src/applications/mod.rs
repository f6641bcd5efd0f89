//! A request for a wallet: received once, checked outside, decided by versioned rules, confirmed
//! by a call. Every verb locks the application's row first, so that two never act on it at once.
//!
//! Verbs: [`submit`], [`callback_confirmed`], [`callback_denied`], [`callback_unreachable`],
//! [`correct_phone`], [`call_again`], [`book_call`], [`supply_documents`], [`withdraw`], [`appeal`], [`lapse`],
//! [`refer_approve`], [`refer_activate`], [`refer_decline`], [`replay`].

mod applicant;
mod application;
mod callback;
mod decision;
mod draft;
mod history;
mod progress;
mod reason;
mod screening;
mod staff;
mod state;
mod store;
mod submit;
#[cfg(test)]
mod tests;

pub use applicant::{
    FILE_BYTES_MAX, Supply, appeal, lapse, media_type_of, open_file, supplied_files, supply_documents,
    withdraw,
};
pub use application::{
    Application, CheckRecord, FileId, FileKind, FileLine, Grant, Moved, Step, SuppliedFile,
};
pub use callback::{
    CALL_ROUNDS_MAX, PHONE_CORRECTIONS_MAX, PhoneCorrection, book_call, call_again, callback_confirmed,
    callback_denied, callback_unreachable, correct_phone,
};
pub use decision::{CN_1, Decision, Inputs, Outcome, Rules, decide};
pub use draft::{CallTime, Draft, Field, FieldProblem, Form, Terms, age_years, parse_phone};
pub use progress::{NextStep, next_steps};
pub use reason::{Reason, ReasonCode};
pub use screening::replay;
pub(crate) use screening::{begin, record};
pub use staff::{refer_activate, refer_approve, refer_ask_documents, refer_decline, staff_limits_minor};
pub use state::{ApplicationEvent, ApplicationState};
pub use submit::{SubmitKey, SubmitOutcome, progress_token, submit};

use crate::{PeopleError, events};
use ::store::{Sql, Tx};
use base::{Ambient, ApplicationId, CustomerId};
use security::sealing::Keyring;

/// Every statement of this feature.
pub(crate) fn statements() -> Vec<&'static Sql> {
    [store::ALL, history::store::ALL].concat()
}

pub fn get(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<Application>, PeopleError> {
    store::by_id(tx, id)
}

/// The application behind a progress page's address.
pub fn by_progress_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Application>, PeopleError> {
    match store::by_token(tx, &submit::token_hash(token))? {
        Some(id) => store::by_id(tx, id),
        None => Ok(None),
    }
}

/// The application that made this customer.
pub fn by_customer(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Option<Application>, PeopleError> {
    match store::by_customer(tx, customer)? {
        Some(id) => store::by_id(tx, id),
        None => Ok(None),
    }
}

/// Newest first; the next page begins before the last id of this one. At most 200.
pub fn list(
    tx: &mut Tx<'_>,
    state: Option<ApplicationState>,
    before: Option<ApplicationId>,
    limit: usize,
) -> Result<Vec<Application>, PeopleError> {
    let mut page = Vec::new();
    for id in store::list(tx, state, before, limit.min(200) as i64)? {
        page.extend(store::by_id(tx, id)?);
    }
    Ok(page)
}

/// How many applications are in each state, for the staff's overview and metrics.
pub fn count_by_state(tx: &mut Tx<'_>) -> Result<Vec<(ApplicationState, i64)>, PeopleError> {
    let counted = store::count(tx)?;
    Ok(counted
        .into_iter()
        .filter_map(|(word, count)| Some((ApplicationState::from_word(&word)?, count)))
        .collect())
}

/// What happened to an application, oldest first.
pub fn steps(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Vec<Step>, PeopleError> {
    history::store::steps(tx, id)
}

/// What the outside checks said, oldest round first.
pub fn check_records(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Vec<CheckRecord>, PeopleError> {
    history::store::checks(tx, id)
}

/// The document's number in clear, for an outside check. Never shown, never logged.
pub(crate) fn document_number(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    id: ApplicationId,
) -> Result<Option<String>, PeopleError> {
    let Some(document) = store::sealed_document(tx, id)? else {
        return Ok(None);
    };
    let plain = keyring
        .unseal(&submit::document_context(&document.index), &document.sealed)
        .map_err(|_| PeopleError::Unseal { application: id })?;
    let number = std::str::from_utf8(&plain).map_err(|_| PeopleError::Unseal { application: id })?;
    Ok(Some(number.to_owned()))
}

/// Moves an application, writes all of it back and adds a line to its history.
fn advance(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    application: &mut Application,
    event: ApplicationEvent,
    note: &str,
) -> Result<Moved, PeopleError> {
    let Some(state) = application.state.next(event) else {
        return Ok(Moved::NotNow(application.state));
    };
    let at = ambient.now();
    application.state = state;
    application.changed_at = at;
    store::update(tx, application)?;
    let step = Step {
        event,
        state,
        note: note.into(),
        at,
    };
    history::store::add_step(tx, application.id, &step)?;
    if state.is_ended() {
        store::release_claims(tx, application.id)?;
    }
    Ok(Moved::Done(state))
}

/// Tells `calls` that a round of calls is due.
fn announce_callback(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    application: &mut Application,
) -> Result<(), PeopleError> {
    let Some(grant) = application.grant else {
        return Err(PeopleError::Stored {
            application: application.id,
            what: "what was granted",
        });
    };
    let due = events::CallbackDue {
        limit_minor: grant.limit_minor,
        tier: grant.tier,
        call_round: application.call_rounds,
    };
    application.call_rounds += 1;
    events::publish(
        tx,
        ambient,
        events::APPLICATION_CALLBACK_DUE,
        application.id,
        &due.to_body(),
    )
}
