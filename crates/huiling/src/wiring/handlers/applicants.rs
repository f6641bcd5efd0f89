//! What an applicant hears, and what becomes of an application when its call has ended.

use super::{Handled, Parts};
use crate::wiring::words;
use base::{ApplicationId, Currency};
use money::limits::Tier;
use money::wallets::{self, NewWallet};
use people::applications::{self, Application};
use people::customers;
use people::events::{Activated, CallbackDue};
use security::audit::{self, Actor};
use security::invitations;
use store::Tx;
use store::outbox::{Event, HandlerError};
use support::notify::Message;

pub(super) fn received(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let application = application(tx, event)?;
    let progress_link = parts.progress_link(application.id);
    parts.tell_applicant(tx, &application, &Message::ApplicationReceived { progress_link })
}

pub(super) fn documents_wanted(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let application = application(tx, event)?;
    let progress_link = parts.progress_link(application.id);
    parts.tell_applicant(tx, &application, &Message::MoreDocuments { progress_link })
}

/// We did not get through; the progress page asks whether the number is right.
pub(super) fn number_doubted(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let application = application(tx, event)?;
    let notice_link = parts.progress_link(application.id);
    parts.tell_applicant(tx, &application, &Message::MissedCall { notice_link })
}

pub(super) fn callback_due(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let due = CallbackDue::from_body(&event.body).ok_or("the event's body is not a callback")?;
    let round = u32::try_from(due.call_round)?;
    let application = ApplicationId(event.subject);
    calls::handlers::callback_due(tx, &parts.ambient, &parts.call_policy, application, round)?;
    Ok(())
}

/// Opens the wallet, and invites its holder to sign in for the first time.
pub(super) fn activated(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let activated = Activated::from_body(&event.body).ok_or("the event's body is not an activation")?;
    decided(parts, tx, event)?;
    let customer = customers::by_id(tx, activated.customer)?.ok_or("the customer is gone")?;
    let new = NewWallet {
        customer: customer.id,
        name: &customer.name,
        phone: &customer.phone,
        tier: tier(activated.tier)?,
        granted_minor: activated.limit_minor,
        currency: Currency::Cny,
    };
    wallets::open(tx, &parts.ambient, &parts.policy, &new)?;
    let language = customer.language;
    let token = invitations::issue(
        tx,
        &parts.ambient,
        &parts.keyring,
        customer.id,
        &customer.phone,
        language,
    )?;
    let welcome_link = format!("{}/welcome/{}", parts.public_url, token.as_str());
    let to = words::recipient(&customer);
    let subject = ApplicationId(event.subject).to_string();
    parts.tell(tx, &to, &Message::ApplicationApproved { welcome_link }, &subject)
}

pub(super) fn declined(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    decided(parts, tx, event)?;
    let application = application(tx, event)?;
    let progress_link = parts.progress_link(application.id);
    parts.tell_applicant(tx, &application, &Message::ApplicationDeclined { progress_link })
}

/// Nobody needs to call about it any more.
pub(super) fn decided(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    calls::handlers::application_decided(tx, &parts.ambient, ApplicationId(event.subject))?;
    Ok(())
}

/// Somebody used another's number: written where staff look for what went wrong.
pub(super) fn disowned(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let subject = ApplicationId(event.subject).to_string();
    audit::record(
        tx,
        &parts.ambient,
        &Actor::System,
        "application.disowned",
        &subject,
        "",
    )?;
    Ok(())
}

pub(super) fn callback_confirmed(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    applications::callback_confirmed(tx, &parts.ambient, ApplicationId(event.subject))?;
    Ok(())
}

pub(super) fn callback_denied(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    applications::callback_denied(tx, &parts.ambient, ApplicationId(event.subject))?;
    Ok(())
}

pub(super) fn callback_unreachable(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    applications::callback_unreachable(tx, &parts.ambient, ApplicationId(event.subject))?;
    Ok(())
}

fn application(tx: &mut Tx<'_>, event: &Event) -> Result<Application, HandlerError> {
    let found = applications::get(tx, ApplicationId(event.subject))?;
    found.ok_or_else(|| "the application is gone".into())
}

fn tier(number: i64) -> Result<Tier, HandlerError> {
    match number {
        1 => Ok(Tier::One),
        2 => Ok(Tier::Two),
        3 => Ok(Tier::Three),
        other => Err(format!("there is no class {other} of wallets").into()),
    }
}
