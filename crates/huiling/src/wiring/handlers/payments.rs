//! Held payments are called about, and told with their end; so are freezes.

use super::{Handled, PAYMENT_HELD_TO_TELL, Parts};
use crate::wiring::words;
use base::{CaseId, PaymentId};
use calls::cases::{self, Case, CaseKind, CaseOutcome};
use money::payments;
use people::customers;
use security::four_eyes::{self, Action};
use store::Tx;
use store::outbox::{self, Event};
use support::notify::Message;

/// The call comes first: a message that cannot be written keeps nobody from being called. Without a
/// line nobody is called, and no call is announced.
pub(super) fn payment_held(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let id = PaymentId(event.subject);
    if parts.has_line() {
        calls::handlers::payment_held(tx, &parts.ambient, &parts.call_policy, id)?;
    }
    outbox::publish(tx, &parts.ambient, PAYMENT_HELD_TO_TELL, &id.0, "{}")?;
    Ok(())
}

/// A call is promised only as long as one comes.
pub(super) fn payment_held_to_tell(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let id = PaymentId(event.subject);
    match cases::by_kind(tx, CaseKind::PaymentConfirmation(id))? {
        Some(case) if is_given_up(&case) => Ok(()),
        _ => tell_payer(parts, tx, id),
    }
}

/// We gave up calling, and the payment still waits: its payer hears what they can do.
pub(super) fn case_concluded(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let Some(case) = cases::get(tx, CaseId(event.subject))?.filter(is_given_up) else {
        return Ok(());
    };
    let CaseKind::PaymentConfirmation(id) = case.kind else {
        return Ok(());
    };
    let Some(payment) = payments::get(tx, id)? else {
        return Ok(());
    };
    let (Some(hold), money::PaymentState::Held, Some(payer)) =
        (&payment.hold, payment.state, &payment.payer.wallet)
    else {
        return Ok(());
    };
    let Some(customer) = customers::by_id(tx, payer.customer)? else {
        return Ok(());
    };
    let message = Message::NoCallComes {
        amount: payment.amount,
        payee: money::wallets::masked_name(payment.payee.name()),
        until: hold.deadline,
    };
    parts.tell(tx, &words::recipient(&customer), &message, &case.id.to_string())
}

/// A wrong number is told by a message of its own: its customer sets it right, and is called again.
fn is_given_up(case: &Case) -> bool {
    matches!(
        case.outcome,
        Some(
            CaseOutcome::NoCallInTime
                | CaseOutcome::Unreachable
                | CaseOutcome::LineDown
                | CaseOutcome::NotPossible
        )
    )
}

/// What staff may ask for about a held payment.
const ASKED: [Action; 2] = [Action::ReleasePayment, Action::VoidPayment];

pub(super) fn payment_extended(_: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let id = PaymentId(event.subject);
    if let Some(hold) = payments::get(tx, id)?.and_then(|payment| payment.hold) {
        four_eyes::follow(tx, &ASKED, &id.to_string(), hold.deadline)?;
    }
    Ok(())
}

pub(super) fn payment_decided(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let id = PaymentId(event.subject);
    calls::handlers::payment_decided(tx, &parts.ambient, id)?;
    four_eyes::overtaken(tx, parts.ambient.now(), &ASKED, &id.to_string())?;
    tell_payer(parts, tx, id)?;
    tell_payee(parts, tx, id)
}

pub(super) fn wallet_frozen(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let changed = words::wallet_changed(&event.body)?;
    tell_holder(parts, tx, event, &changed, &words::frozen(&changed.by))
}

pub(super) fn wallet_unfrozen(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let changed = words::wallet_changed(&event.body)?;
    tell_holder(parts, tx, event, &changed, &Message::WalletUnfrozen)
}

fn tell_payer(parts: &Parts, tx: &mut Tx<'_>, id: PaymentId) -> Handled {
    let Some(payment) = payments::get(tx, id)? else {
        return Ok(());
    };
    let Some(payer) = &payment.payer.wallet else {
        return Ok(());
    };
    let Some(customer) = customers::by_id(tx, payer.customer)? else {
        return Ok(());
    };
    let Some(message) = words::for_payer(&payment, parts.has_line()) else {
        return Ok(());
    };
    parts.tell(tx, &words::recipient(&customer), &message, &id.to_string())
}

/// The payee hears of a payment when it has been posted, never while it waits.
fn tell_payee(parts: &Parts, tx: &mut Tx<'_>, id: PaymentId) -> Handled {
    let Some(payment) = payments::get(tx, id)? else {
        return Ok(());
    };
    if payment.state != money::PaymentState::Posted {
        return Ok(());
    }
    let Some(payee) = &payment.payee.wallet else {
        return Ok(());
    };
    let Some(customer) = customers::by_id(tx, payee.customer)? else {
        return Ok(());
    };
    let payer = money::wallets::masked_name(payment.payer.name());
    let message = Message::MoneyReceived {
        amount: payment.amount,
        payer,
    };
    parts.tell(tx, &words::recipient(&customer), &message, &id.to_string())
}

fn tell_holder(
    parts: &Parts,
    tx: &mut Tx<'_>,
    event: &Event,
    changed: &money::events::WalletChanged,
    message: &Message,
) -> Handled {
    let Some(customer) = customers::by_id(tx, changed.customer.parse()?)? else {
        return Ok(());
    };
    parts.tell(tx, &words::recipient(&customer), message, &event.id.to_string())
}
