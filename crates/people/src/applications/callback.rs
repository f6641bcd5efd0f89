//! What the telephone call decides, and what happens when it does not get through.

use super::application::{Application, Moved};
use super::draft::CallTime;
use super::reason::{Reason, ReasonCode};
use super::state::{ApplicationEvent, ApplicationState};
use super::{advance, announce_callback, store, submit};
use crate::customers::{self, Created, NewCustomer};
use crate::{PeopleError, events};
use ::store::Tx;
use base::{Ambient, ApplicationId, PhoneNumber};

/// Rounds of calls without an answer until a person takes over.
pub const CALL_ROUNDS_MAX: i64 = 3;
/// How often an applicant may correct the number.
pub const PHONE_CORRECTIONS_MAX: i64 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneCorrection {
    /// We call the new number; the call verifies it.
    Corrected,
    /// It is the number we have; we call it again.
    CallAgain,
    /// In use by another; whose is not said.
    Taken,
    /// No more corrections: a person takes over.
    TooMany,
    NotNow(ApplicationState),
    NotFound,
}

/// The person at the number said that they applied: they are a customer now, and `money` hears of
/// it. Where the number or the document came into use meanwhile, a person decides instead.
pub fn callback_confirmed(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    match application.state {
        ApplicationState::Activated => Ok(Moved::Already),
        ApplicationState::Callback if !application.number_doubted => {
            activate(tx, ambient, &mut application, ApplicationEvent::CallConfirmed)
        }
        state => Ok(Moved::NotNow(state)),
    }
}

/// The person at the number did not apply: somebody used their number. The application ends, and
/// its document is marked: a later application with it goes to a person.
pub fn callback_denied(tx: &mut Tx<'_>, ambient: &Ambient, id: ApplicationId) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state == ApplicationState::Withdrawn && application.disowned {
        return Ok(Moved::Already);
    }
    if application.state != ApplicationState::Callback {
        return Ok(Moved::NotNow(application.state));
    }
    application.disowned = true;
    events::publish(tx, ambient, events::APPLICATION_DISOWNED, id, "{}")?;
    events::publish(tx, ambient, events::APPLICATION_WITHDRAWN, id, "{}")?;
    advance(tx, ambient, &mut application, ApplicationEvent::CallDenied, "")
}

/// Every attempt of a round failed: the progress page asks whether the number is right. After
/// [`CALL_ROUNDS_MAX`] rounds a person takes over.
pub fn callback_unreachable(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state != ApplicationState::Callback {
        return Ok(Moved::NotNow(application.state));
    }
    if application.number_doubted {
        return Ok(Moved::Already);
    }
    application.number_doubted = true;
    application.unreachable_rounds += 1;
    if application.unreachable_rounds >= CALL_ROUNDS_MAX {
        let reason = Reason::new(
            ReasonCode::NumberUnreachable,
            application.unreachable_rounds,
            CALL_ROUNDS_MAX,
        );
        return refer(tx, ambient, &mut application, reason);
    }
    events::publish(tx, ambient, events::NUMBER_DOUBTED, id, "{}")?;
    advance(
        tx,
        ambient,
        &mut application,
        ApplicationEvent::CallUnreachable,
        "",
    )
}

/// The applicant says that the number is right and that we should call again.
pub fn call_again(tx: &mut Tx<'_>, ambient: &Ambient, id: ApplicationId) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state != ApplicationState::Callback || !application.number_doubted {
        return Ok(Moved::NotNow(application.state));
    }
    next_round(tx, ambient, &mut application, "")
}

/// The applicant chooses when to be called, as long as a call may come; `None` for as soon as
/// possible. A call that is planned already is moved by `calls`.
pub fn book_call(
    tx: &mut Tx<'_>,
    id: ApplicationId,
    call_time: Option<CallTime>,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state.is_ended() {
        return Ok(Moved::NotNow(application.state));
    }
    if application.call_time == call_time {
        return Ok(Moved::Already);
    }
    application.call_time = call_time;
    store::update(tx, &application)?;
    Ok(Moved::Done(application.state))
}

/// The applicant corrects a number that did not answer. Never while a call may be under way: its
/// answer would otherwise count for a number that nobody has called.
pub fn correct_phone(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    phone: &PhoneNumber,
) -> Result<PhoneCorrection, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(PhoneCorrection::NotFound);
    };
    if application.state != ApplicationState::Callback || !application.number_doubted {
        return Ok(PhoneCorrection::NotNow(application.state));
    }
    if application.phone == *phone {
        next_round(tx, ambient, &mut application, "")?;
        return Ok(PhoneCorrection::CallAgain);
    }
    if application.phone_corrections >= PHONE_CORRECTIONS_MAX {
        let reason = Reason::new(
            ReasonCode::NumberUnreachable,
            application.unreachable_rounds,
            CALL_ROUNDS_MAX,
        );
        refer(tx, ambient, &mut application, reason)?;
        return Ok(PhoneCorrection::TooMany);
    }
    // A refused attempt counts too, so that the form is no way to learn who is a customer.
    application.phone_corrections += 1;
    let taken =
        customers::by_phone(tx, phone)?.is_some() || !store::claim(tx, &submit::phone_claim(phone), id)?;
    if taken {
        store::update(tx, &application)?;
        return Ok(PhoneCorrection::Taken);
    }
    store::release_claim(tx, &submit::phone_claim(&application.phone), id)?;
    application.phone = phone.clone();
    next_round(tx, ambient, &mut application, "number corrected")?;
    Ok(PhoneCorrection::Corrected)
}

/// Makes the customer and tells `money`; or refers, where the number or document is in use.
pub(super) fn activate(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    application: &mut Application,
    event: ApplicationEvent,
) -> Result<Moved, PeopleError> {
    let id = application.id;
    let (Some(grant), Some(document)) = (application.grant, store::sealed_document(tx, id)?) else {
        return Err(PeopleError::Stored {
            application: id,
            what: "what was granted",
        });
    };
    let new = NewCustomer {
        name: application.name.clone(),
        phone: application.phone.clone(),
        birth_date: application.birth_date,
        language: application.language,
        zone: application.zone.clone(),
        email: application.email.clone(),
        document_index: Some(document.index),
        document_sealed: Some(document.sealed),
    };
    let customer = match customers::create(tx, ambient, &new)? {
        Created::New(customer) => customer,
        Created::KnownDocument(_) | Created::PhoneTaken => {
            return refer(tx, ambient, application, Reason::plain(ReasonCode::NumberTaken));
        }
    };
    application.customer = Some(customer);
    let activated = events::Activated {
        customer,
        limit_minor: grant.limit_minor,
        tier: grant.tier,
    };
    events::publish(
        tx,
        ambient,
        events::APPLICATION_ACTIVATED,
        id,
        &activated.to_body(),
    )?;
    advance(tx, ambient, application, event, "")
}

fn refer(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    application: &mut Application,
    reason: Reason,
) -> Result<Moved, PeopleError> {
    if application.state == ApplicationState::Referred {
        return Ok(Moved::NotNow(application.state));
    }
    application.reasons = vec![reason];
    events::publish(tx, ambient, events::APPLICATION_REFERRED, application.id, "{}")?;
    advance(
        tx,
        ambient,
        application,
        ApplicationEvent::ReferredToStaff,
        reason.code.word(),
    )
}

fn next_round(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    application: &mut Application,
    note: &str,
) -> Result<Moved, PeopleError> {
    application.number_doubted = false;
    announce_callback(tx, ambient, application)?;
    advance(tx, ambient, application, ApplicationEvent::CallAgain, note)
}
