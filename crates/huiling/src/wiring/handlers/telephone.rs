//! What is told about calls, announced and missed, and about a customer's number.

use super::{Handled, Parts};
use crate::wiring::words;
use base::{CaseId, CustomerId};
use calls::cases::CaseKind;
use calls::numbers::{self, NumberCheckId};
use people::applications;
use people::customers;
use security::audit::{self, Actor};
use store::Tx;
use store::outbox::{Event, HandlerError};
use support::notify::{Message, Recipient};

/// The notice also goes out as a message, with the public page's address.
pub(super) fn call_announced(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let announced = words::Announced::parse(&event.body)?;
    let notice_link = format!("{}/n/{}", parts.public_url, announced.token);
    let subject = CaseId(event.subject).to_string();
    // It would not come.
    if !parts.has_line() {
        return Ok(());
    }
    match whom(tx, &announced, event)? {
        Some(to) => parts.tell(tx, &to, &Message::CallComing { notice_link }, &subject),
        None => Ok(()),
    }
}

/// We call again: the notice says when.
pub(super) fn call_missed(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let announced = words::Announced::parse(&event.body)?;
    let notice_link = format!("{}/n/{}", parts.public_url, announced.token);
    // One message for each call that was missed.
    let subject = event.id.to_string();
    match whom(tx, &announced, event)? {
        Some(to) => parts.tell(tx, &to, &Message::MissedCall { notice_link }, &subject),
        None => Ok(()),
    }
}

/// A customer, or whoever applied to become one.
fn whom(
    tx: &mut Tx<'_>,
    announced: &words::Announced,
    event: &Event,
) -> Result<Option<Recipient>, HandlerError> {
    if let Some(customer) = announced.customer {
        let customer = customers::by_id(tx, customer)?;
        return Ok(customer.as_ref().map(words::recipient));
    }
    let case = calls::cases::get(tx, CaseId(event.subject))?;
    let Some(CaseKind::ApplicationCallback(application)) = case.map(|case| case.kind) else {
        return Ok(None);
    };
    Ok(applications::get(tx, application)?.as_ref().map(words::applicant))
}

/// The customer hears at once that we cannot call them, and what to do.
pub(super) fn number_failed(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let body: words::NumberFailed = serde_json::from_str(&event.body)?;
    let Some(customer) = customers::by_id(tx, CustomerId(event.subject))? else {
        return Ok(());
    };
    let message = Message::NumberFailed {
        number: customer.phone.masked(),
        wrong: body.wrong,
    };
    parts.tell(tx, &words::recipient(&customer), &message, &event.id.to_string())
}

/// Whoever answered there said that it is theirs: it is the customer's number from now on.
pub(super) fn number_verified(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let Some(check) = numbers::get(tx, NumberCheckId(event.subject))? else {
        return Ok(());
    };
    let (customer, phone) = (check.customer, check.phone);
    let done = numbers::change(
        tx,
        &parts.ambient,
        &parts.keyring,
        &parts.call_policy,
        customer,
        &phone,
    )?;
    let (subject, detail) = (customer.to_string(), format!("verified by a call; {done:?}"));
    audit::record(
        tx,
        &parts.ambient,
        &Actor::System,
        "number.verified",
        &subject,
        &detail,
    )?;
    Ok(())
}

/// Both numbers hear of it: the old one in case it was somebody else's doing.
pub(super) fn number_changed(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let body: words::NumberChanged = serde_json::from_str(&event.body)?;
    let Some(customer) = customers::by_id(tx, CustomerId(event.subject))? else {
        return Ok(());
    };
    let message = Message::NumberChanged {
        number: customer.phone.masked(),
    };
    let to = words::recipient(&customer);
    let old = Recipient {
        customer: None,
        phone: body.old.parse()?,
        email: None,
        language: customer.language,
    };
    let subject = event.id.to_string();
    parts.tell(tx, &to, &message, &subject)?;
    parts.tell(tx, &old, &message, &format!("{subject}-old"))
}
