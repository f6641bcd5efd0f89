//! Who hears of what. Each handler runs in the transaction that removes the event, calls verbs of
//! the rooms that are idempotent by the event's subject, and sends the customer's message.

mod applicants;
mod payments;
mod telephone;

use super::words;
use base::{Ambient, ApplicationId};
use calls::CallPolicy;
use money::Policy;
use people::applications::{self, Application};
use security::sealing::Keyring;
use std::sync::Arc;
use store::Tx;
use store::outbox::{Event, HandlerError, Handlers};
use support::notify::{self, Message, Recipient};

/// What handlers need besides the event.
#[derive(Clone)]
pub struct Parts {
    pub ambient: Ambient,
    pub keyring: Keyring,
    pub policy: Arc<Policy>,
    pub call_policy: CallPolicy,
    /// Without a slash at its end.
    pub public_url: String,
}

type Handled = Result<(), HandlerError>;
type Handle = fn(&Parts, &mut Tx<'_>, &Event) -> Handled;

/// Subject: a payment whose payer hears that it is held.
const PAYMENT_HELD_TO_TELL: &str = "house.payment_held_to_tell";

/// What nobody needs to be told: it is looked up where it is shown, and of a new wallet the welcome
/// message speaks.
const UNHEARD: [&str; 2] = [calls::events::CALL_ENDED, money::events::WALLET_OPENED];

/// The house's table of contents for everything that happens upward.
pub fn all(parts: &Parts) -> Handlers {
    let table: [(&'static str, Handle); 25] = [
        (people::events::APPLICATION_SUBMITTED, applicants::received),
        (people::events::APPLICATION_CALLBACK_DUE, applicants::callback_due),
        (people::events::DOCUMENTS_WANTED, applicants::documents_wanted),
        (people::events::NUMBER_DOUBTED, applicants::number_doubted),
        (people::events::APPLICATION_ACTIVATED, applicants::activated),
        (people::events::APPLICATION_DECLINED, applicants::declined),
        (people::events::APPLICATION_REFERRED, applicants::decided),
        (people::events::APPLICATION_WITHDRAWN, applicants::decided),
        (people::events::APPLICATION_DISOWNED, applicants::disowned),
        (
            calls::events::APPLICATION_CALLBACK_CONFIRMED,
            applicants::callback_confirmed,
        ),
        (
            calls::events::APPLICATION_CALLBACK_DENIED,
            applicants::callback_denied,
        ),
        (
            calls::events::APPLICATION_CALLBACK_UNREACHABLE,
            applicants::callback_unreachable,
        ),
        (calls::events::CALL_ANNOUNCED, telephone::call_announced),
        (calls::events::CALL_MISSED, telephone::call_missed),
        (calls::events::CASE_CONCLUDED, payments::case_concluded),
        (calls::events::NUMBER_FAILED, telephone::number_failed),
        (calls::events::NUMBER_VERIFIED, telephone::number_verified),
        (calls::events::NUMBER_CHANGED, telephone::number_changed),
        (money::events::PAYMENT_HELD, payments::payment_held),
        (PAYMENT_HELD_TO_TELL, payments::payment_held_to_tell),
        (money::events::PAYMENT_EXTENDED, payments::payment_extended),
        (
            money::events::PAYMENT_POSTED_AFTER_HOLD,
            payments::payment_decided,
        ),
        (money::events::PAYMENT_VOIDED, payments::payment_decided),
        (money::events::WALLET_FROZEN, payments::wallet_frozen),
        (money::events::WALLET_UNFROZEN, payments::wallet_unfrozen),
    ];
    let mut handlers = Handlers::default();
    for (topic, handle) in table {
        let parts = parts.clone();
        handlers.on(topic, move |tx, event| handle(&parts, tx, event));
    }
    for topic in UNHEARD {
        handlers.ignore(topic);
    }
    handlers
}

impl Parts {
    fn has_line(&self) -> bool {
        self.call_policy.concurrent_calls > 0
    }

    fn progress_link(&self, id: ApplicationId) -> String {
        format!(
            "{}/apply/progress/{}",
            self.public_url,
            applications::progress_token(&self.keyring, id)
        )
    }

    fn tell_applicant(&self, tx: &mut Tx<'_>, application: &Application, message: &Message) -> Handled {
        self.tell(
            tx,
            &words::applicant(application),
            message,
            &format!("{}-{}", application.id, application.round),
        )
    }

    fn tell(&self, tx: &mut Tx<'_>, to: &Recipient, message: &Message, subject: &str) -> Handled {
        notify::send(tx, &self.ambient, &self.keyring, to, message, subject)?;
        Ok(())
    }
}
