//! What a case is about, as `money` and `people` know it at this moment. Only this file asks
//! them; it changes money only through `money`'s own verbs.

use crate::cases::CaseKind;
use crate::numbers::{self, CheckState, NumberCheckId};
use crate::scripts::Ended;
use crate::{CallsError, Disposition};
use base::{
    Ambient, Amount, ApplicationId, Currency, CustomerId, Language, OperatorZone, PaymentId, PhoneNumber,
    Timestamp,
};
use money::MoneyError;
use money::payments::{self, EndedBy, KeypadEvidence, Payment, PaymentState, VoidedBy};
use people::applications::{self, CallTime};
use people::{PeopleError, customers};
use phone::prompts::{PromptId, SpokenLine};
use risk::WarningSign;
use security::SecurityError;
use store::Tx;

/// Whom we call, about what, and whether it still waits for an answer.
#[derive(Clone, Debug)]
pub struct Matter {
    pub customer: Option<CustomerId>,
    pub phone: PhoneNumber,
    /// Somebody else answers there: do not call.
    pub wrong_number: bool,
    pub language: Language,
    /// The customer's own, where they have one.
    pub zone: Option<OperatorZone>,
    /// When they want to be called, where they said so.
    pub call_time: Option<CallTime>,
    /// What must be heard in full before a 1 counts.
    pub details: SpokenLine,
    pub state: MatterState,
    /// When the customer ordered it themselves.
    pub ordered_at: Option<Timestamp>,
    pub deadline: Option<Timestamp>,
    /// Who pays, as the ledger numbers it.
    pub payer_account: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatterState {
    Waiting,
    Ended(Ended),
}

impl Matter {
    pub fn is_waiting(&self) -> bool {
        self.state == MatterState::Waiting
    }
}

/// `None` when there is no such payment or application.
pub fn load(tx: &mut Tx<'_>, kind: CaseKind) -> Result<Option<Matter>, CallsError> {
    match kind {
        CaseKind::PaymentConfirmation(payment) | CaseKind::Security(payment) => of_payment(tx, payment),
        CaseKind::ApplicationCallback(application) => of_application(tx, application),
        CaseKind::NumberCheck(check) => of_number(tx, check),
    }
}

fn of_number(tx: &mut Tx<'_>, id: NumberCheckId) -> Result<Option<Matter>, CallsError> {
    let Some(check) = numbers::get(tx, id)? else {
        return Ok(None);
    };
    let customer = customers::by_id(tx, check.customer).map_err(people("reading a customer"))?;
    let customer = customer.ok_or(CallsError::Missing { what: "customer" })?;
    Ok(Some(Matter {
        customer: Some(customer.id),
        phone: check.phone,
        wrong_number: false,
        language: customer.language,
        zone: OperatorZone::named(&customer.zone).ok(),
        call_time: None,
        details: SpokenLine::Fixed(PromptId::NumberDetails),
        state: match check.state {
            CheckState::Asked => MatterState::Waiting,
            CheckState::Verified => MatterState::Ended(Ended::Posted),
            CheckState::Denied | CheckState::Ended | CheckState::Taken => MatterState::Ended(Ended::Stopped),
        },
        ordered_at: Some(check.asked_at),
        deadline: None,
        payer_account: None,
    }))
}

fn of_payment(tx: &mut Tx<'_>, id: PaymentId) -> Result<Option<Matter>, CallsError> {
    let Some(payment) = payments::get(tx, id).map_err(money("reading a payment"))? else {
        return Ok(None);
    };
    let payer = payment
        .payer
        .wallet
        .as_ref()
        .ok_or(CallsError::Missing { what: "payer" })?;
    let customer = customers::by_id(tx, payer.customer).map_err(people("reading a customer"))?;
    let customer = customer.ok_or(CallsError::Missing { what: "customer" })?;
    let payee = payment
        .payee
        .wallet
        .as_ref()
        .ok_or(CallsError::Missing { what: "payee" })?;
    Ok(Some(Matter {
        customer: Some(customer.id),
        wrong_number: customer.wrong_number,
        language: customer.language,
        zone: OperatorZone::named(&customer.zone).ok(),
        call_time: None,
        details: SpokenLine::PaymentDetails {
            amount: payment.amount,
            payee_name: payee.name.clone(),
            payee_wallet_last4: last_four(&payee.number.to_string()),
        },
        phone: customer.phone,
        state: state_of(&payment),
        ordered_at: Some(payment.created_at),
        deadline: payment.hold.as_ref().map(|hold| hold.deadline),
        payer_account: Some(payment.payer.account),
    }))
}

fn state_of(payment: &Payment) -> MatterState {
    let by = payment
        .hold
        .as_ref()
        .and_then(|hold| hold.ended.as_ref())
        .map(|end| end.by);
    match payment.state {
        PaymentState::Held => MatterState::Waiting,
        PaymentState::Posted => MatterState::Ended(Ended::Posted),
        PaymentState::Voided if by == Some(EndedBy::Voided(VoidedBy::Deadline)) => {
            MatterState::Ended(Ended::Expired)
        }
        PaymentState::Voided | PaymentState::Refused => MatterState::Ended(Ended::Stopped),
    }
}

fn last_four(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}

fn of_application(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<Matter>, CallsError> {
    let Some(application) = applications::get(tx, id).map_err(people("reading an application"))? else {
        return Ok(None);
    };
    let state = match application.state {
        applications::ApplicationState::Callback if !application.number_doubted => MatterState::Waiting,
        applications::ApplicationState::Activated => MatterState::Ended(Ended::Posted),
        _ => MatterState::Ended(Ended::Stopped),
    };
    let limit_minor = application
        .grant
        .map_or(application.requested_limit_minor, |grant| grant.limit_minor);
    Ok(Some(Matter {
        customer: application.customer,
        wrong_number: false,
        language: application.language,
        zone: OperatorZone::named(&application.zone).ok(),
        call_time: application.call_time,
        details: SpokenLine::ApplicationDetails {
            limit: Amount::new(limit_minor, Currency::Cny),
        },
        phone: application.phone,
        state,
        ordered_at: None,
        deadline: None,
        payer_account: None,
    }))
}

/// An answered call may move the payment's deadline, once; the deadline that holds now.
pub fn extend_deadline(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    kind: CaseKind,
) -> Result<Option<Timestamp>, CallsError> {
    match kind {
        CaseKind::PaymentConfirmation(payment) => {
            payments::extend_deadline(tx, ambient, payment).map_err(money("extending a deadline"))
        }
        CaseKind::ApplicationCallback(_) | CaseKind::Security(_) | CaseKind::NumberCheck(_) => Ok(None),
    }
}

/// What `keypad_allowed` wants to know of number, devices and line.
pub fn keypad_evidence(
    tx: &mut Tx<'_>,
    customer: Option<CustomerId>,
    forwarded: bool,
) -> Result<Option<KeypadEvidence>, CallsError> {
    let Some(customer) = customer else {
        return Ok(None);
    };
    let known = customers::by_id(tx, customer).map_err(people("reading a customer"))?;
    let Some(known) = known else {
        return Ok(None);
    };
    let changes = security::logins::last_changes(tx, customer).map_err(security("reading devices"))?;
    Ok(Some(KeypadEvidence {
        phone_since: known.phone_changed_at,
        device_since: changes.and_then(|changes| changes.unchanged_since()),
        forwarded,
    }))
}

/// What the end of an attempt teaches `risk` about the payer, and `people` about the number.
pub fn learn(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    matter: Option<&Matter>,
    disposition: Disposition,
) -> Result<(), CallsError> {
    let Some(matter) = matter else {
        return Ok(());
    };
    let sign = match disposition {
        Disposition::Busy => Some(WarningSign::BusyLine),
        Disposition::WrongKeys => Some(WarningSign::WrongKeys),
        _ => None,
    };
    let Some(account) = matter.payer_account else {
        return Ok(());
    };
    if let Some(sign) = sign {
        payments::record_warning(tx, ambient, account, sign).map_err(money("recording a warning sign"))?;
    }
    if let (Disposition::WrongNumber, Some(customer)) = (disposition, matter.customer) {
        numbers::failed(tx, ambient, customer)?;
    }
    Ok(())
}

pub fn money(verb: &'static str) -> impl Fn(MoneyError) -> CallsError {
    move |source| CallsError::Money { verb, source }
}

pub fn people(verb: &'static str) -> impl Fn(PeopleError) -> CallsError {
    move |source| CallsError::People { verb, source }
}

pub fn security(verb: &'static str) -> impl Fn(SecurityError) -> CallsError {
    move |source| CallsError::Security { verb, source }
}
