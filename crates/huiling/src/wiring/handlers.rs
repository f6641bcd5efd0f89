//! Who hears of what. Each handler runs in the transaction that removes the event, calls verbs of
//! the rooms that are idempotent by the event's subject, and sends the customer's message.

use super::words;
use base::{Ambient, ApplicationId, CaseId, Currency, CustomerId, PaymentId};
use calls::CallPolicy;
use calls::cases::CaseKind;
use calls::numbers::{self, NumberCheckId};
use money::limits::Tier;
use money::wallets::NewWallet;
use money::{Policy, payments, wallets};
use people::applications::{self, Application};
use people::customers;
use people::events::{Activated, CallbackDue};
use security::audit::{self, Actor};
use security::invitations;
use security::sealing::Keyring;
use std::sync::Arc;
use store::Tx;
use store::outbox::{self, Event, HandlerError, Handlers};
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

/// What nobody needs to be told: it is looked up where it is shown.
const UNHEARD: [&str; 2] = [calls::events::CALL_ENDED, calls::events::CASE_CONCLUDED];

/// The house's table of contents for everything that happens upward.
pub fn all(parts: &Parts) -> Handlers {
    let table: [(&'static str, Handle); 24] = [
        (people::events::APPLICATION_SUBMITTED, application_received),
        (people::events::APPLICATION_CALLBACK_DUE, callback_due),
        (people::events::DOCUMENTS_WANTED, documents_wanted),
        (people::events::NUMBER_DOUBTED, number_doubted),
        (people::events::APPLICATION_ACTIVATED, application_activated),
        (people::events::APPLICATION_DECLINED, application_declined),
        (people::events::APPLICATION_REFERRED, application_decided),
        (people::events::APPLICATION_WITHDRAWN, application_decided),
        (people::events::APPLICATION_DISOWNED, application_disowned),
        (calls::events::APPLICATION_CALLBACK_CONFIRMED, callback_confirmed),
        (calls::events::APPLICATION_CALLBACK_DENIED, callback_denied),
        (
            calls::events::APPLICATION_CALLBACK_UNREACHABLE,
            callback_unreachable,
        ),
        (calls::events::CALL_ANNOUNCED, call_announced),
        (calls::events::CALL_MISSED, call_missed),
        (calls::events::NUMBER_FAILED, number_failed),
        (calls::events::NUMBER_VERIFIED, number_verified),
        (calls::events::NUMBER_CHANGED, number_changed),
        (money::events::PAYMENT_HELD, payment_held),
        (PAYMENT_HELD_TO_TELL, payment_held_to_tell),
        (money::events::PAYMENT_POSTED_AFTER_HOLD, payment_decided),
        (money::events::PAYMENT_VOIDED, payment_decided),
        (money::events::WALLET_FROZEN, wallet_frozen),
        (money::events::WALLET_UNFROZEN, wallet_unfrozen),
        (money::events::WALLET_OPENED, wallet_opened),
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

fn application_received(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let application = application(tx, event)?;
    let progress_link = parts.progress_link(application.id);
    parts.tell_applicant(tx, &application, &Message::ApplicationReceived { progress_link })
}

fn documents_wanted(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let application = application(tx, event)?;
    let progress_link = parts.progress_link(application.id);
    parts.tell_applicant(tx, &application, &Message::MoreDocuments { progress_link })
}

/// We did not get through; the progress page asks whether the number is right.
fn number_doubted(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let application = application(tx, event)?;
    let notice_link = parts.progress_link(application.id);
    parts.tell_applicant(tx, &application, &Message::MissedCall { notice_link })
}

fn callback_due(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let due = CallbackDue::from_body(&event.body).ok_or("the event's body is not a callback")?;
    let round = u32::try_from(due.call_round)?;
    let application = ApplicationId(event.subject);
    calls::handlers::callback_due(tx, &parts.ambient, &parts.call_policy, application, round)?;
    Ok(())
}

/// Opens the wallet, and invites its holder to sign in for the first time.
fn application_activated(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let activated = Activated::from_body(&event.body).ok_or("the event's body is not an activation")?;
    application_decided(parts, tx, event)?;
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

fn application_declined(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    application_decided(parts, tx, event)?;
    let application = application(tx, event)?;
    let progress_link = parts.progress_link(application.id);
    parts.tell_applicant(tx, &application, &Message::ApplicationDeclined { progress_link })
}

/// Nobody needs to call about it any more.
fn application_decided(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    calls::handlers::application_decided(tx, &parts.ambient, ApplicationId(event.subject))?;
    Ok(())
}

/// Somebody used another's number: written where staff look for what went wrong.
fn application_disowned(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
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

fn callback_confirmed(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    applications::callback_confirmed(tx, &parts.ambient, ApplicationId(event.subject))?;
    Ok(())
}

fn callback_denied(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    applications::callback_denied(tx, &parts.ambient, ApplicationId(event.subject))?;
    Ok(())
}

fn callback_unreachable(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    applications::callback_unreachable(tx, &parts.ambient, ApplicationId(event.subject))?;
    Ok(())
}

/// The notice also goes out as a message, with the public page's address.
fn call_announced(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
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
fn call_missed(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
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
fn number_failed(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
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
fn number_verified(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
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
fn number_changed(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
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

/// The call comes first: a message that cannot be written keeps nobody from being called. Without a
/// line nobody is called, and no call is announced.
fn payment_held(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let id = PaymentId(event.subject);
    if parts.has_line() {
        calls::handlers::payment_held(tx, &parts.ambient, &parts.call_policy, id)?;
    }
    outbox::publish(tx, &parts.ambient, PAYMENT_HELD_TO_TELL, &id.0, "{}")?;
    Ok(())
}

fn payment_held_to_tell(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    tell_payer(parts, tx, PaymentId(event.subject))
}

fn payment_decided(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let id = PaymentId(event.subject);
    calls::handlers::payment_decided(tx, &parts.ambient, id)?;
    tell_payer(parts, tx, id)?;
    tell_payee(parts, tx, id)
}

fn wallet_frozen(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let changed = words::wallet_changed(&event.body)?;
    tell_holder(parts, tx, event, &changed, &words::frozen(&changed.by))
}

fn wallet_unfrozen(parts: &Parts, tx: &mut Tx<'_>, event: &Event) -> Handled {
    let changed = words::wallet_changed(&event.body)?;
    tell_holder(parts, tx, event, &changed, &Message::WalletUnfrozen)
}

/// The welcome message says it already.
fn wallet_opened(_: &Parts, _: &mut Tx<'_>, _: &Event) -> Handled {
    Ok(())
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
