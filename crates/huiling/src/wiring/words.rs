//! From what happened to what the customer is told.

use base::CustomerId;
use money::events::WalletChanged;
use money::payments::{EndedBy, VoidedBy};
use money::wallets::Freezer;
use money::{Payment, PaymentState, wallets};
use people::applications::Application;
use people::customers::Customer;
use serde::Deserialize;
use store::outbox::HandlerError;
use support::notify::{Message, Recipient, VoidedBy as StoppedBy};

/// The body of `calls.call_announced`.
pub struct Announced {
    /// None: an applicant, who has the progress page.
    pub customer: Option<CustomerId>,
    pub token: String,
}

#[derive(Deserialize)]
struct AnnouncedBody {
    customer: Option<String>,
    token: String,
}

impl Announced {
    pub fn parse(body: &str) -> Result<Self, HandlerError> {
        let body: AnnouncedBody = serde_json::from_str(body)?;
        let customer = body.customer.map(|id| id.parse()).transpose()?;
        Ok(Self {
            customer,
            token: body.token,
        })
    }
}

pub fn wallet_changed(body: &str) -> Result<WalletChanged, HandlerError> {
    Ok(serde_json::from_str(body)?)
}

/// What a freeze says: who may lift it is what the customer wants to know.
pub fn frozen(by: &str) -> Message {
    match Freezer::of(by) {
        Freezer::Customer => Message::WalletFrozen { by_customer: true },
        Freezer::Stop => Message::WalletFrozenByStop,
        Freezer::Staff => Message::WalletFrozen { by_customer: false },
    }
}

/// The body of `calls.number_failed`.
#[derive(Deserialize)]
pub struct NumberFailed {
    pub wrong: bool,
}

/// The body of `calls.number_changed`.
#[derive(Deserialize)]
pub struct NumberChanged {
    pub old: String,
}

pub fn applicant(application: &Application) -> Recipient {
    Recipient {
        customer: application.customer,
        phone: application.phone.clone(),
        email: application.email.clone(),
        language: application.language,
    }
}

pub fn recipient(customer: &Customer) -> Recipient {
    Recipient {
        customer: Some(customer.id),
        phone: customer.phone.clone(),
        email: customer.email.clone(),
        language: customer.language,
    }
}

/// What the payer of a held payment is told in its present state.
pub fn for_payer(payment: &Payment, we_call: bool) -> Option<Message> {
    let hold = payment.hold.as_ref()?;
    let amount = payment.amount;
    let payee = wallets::masked_name(payment.payee.name());
    Some(match payment.state {
        PaymentState::Held if !we_call => Message::PaymentHeldForStaff {
            amount,
            payee,
            until: hold.deadline,
        },
        PaymentState::Held => Message::PaymentHeld {
            amount,
            payee,
            until: hold.deadline,
        },
        PaymentState::Posted => Message::PaymentPosted { amount, payee },
        PaymentState::Voided => Message::PaymentVoided {
            amount,
            payee,
            by: stopped_by(hold.ended.as_ref()?.by),
        },
        PaymentState::Refused => return None,
    })
}

fn stopped_by(by: EndedBy) -> StoppedBy {
    match by {
        EndedBy::Voided(VoidedBy::CustomerApp(_) | VoidedBy::CustomerCall(_)) => StoppedBy::Customer,
        EndedBy::Voided(VoidedBy::Deadline) => StoppedBy::Deadline,
        EndedBy::Voided(VoidedBy::Freeze) => StoppedBy::Freeze,
        EndedBy::Voided(VoidedBy::Staff(..)) | EndedBy::Released(_) => StoppedBy::Staff,
    }
}
