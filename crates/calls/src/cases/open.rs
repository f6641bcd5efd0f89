//! A case is opened when something must be asked, and closed when it was answered elsewhere.

use super::case::{Case, CaseKind, CaseOutcome, CaseState};
use super::{Happening, conclude, list, note, store};
use crate::matter::{self, Matter};
use crate::numbers::NumberCheckId;
use crate::schedule::{self, Next};
use crate::{CallPolicy, CallsError, attempts, events, notices};
use ::store::Tx;
use base::{Ambient, ApplicationId, CaseId, CustomerId, PaymentId};

/// A payment that waits is called before an application that waits.
const PRIORITY_PAYMENT: i64 = 10;
const PRIORITY_APPLICATION: i64 = 5;

/// Opens the case of a held payment, with its notice and its first call. Once per payment: a
/// second time nothing happens. `None` when the payment no longer waits.
pub fn open_for_payment(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    payment: PaymentId,
) -> Result<Option<CaseId>, CallsError> {
    open(
        tx,
        ambient,
        policy,
        CaseKind::PaymentConfirmation(payment),
        0,
        PRIORITY_PAYMENT,
    )
}

/// Opens the case of an application that waits for its calls, once per round; like
/// [`open_for_payment`].
pub fn open_for_application(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    application: ApplicationId,
    round: u32,
) -> Result<Option<CaseId>, CallsError> {
    open(
        tx,
        ambient,
        policy,
        CaseKind::ApplicationCallback(application),
        round,
        PRIORITY_APPLICATION,
    )
}

/// The same of a held payment whose case was concluded because the number was wrong: it is right now.
pub(crate) fn open_again_for_payment(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    payment: PaymentId,
    round: u32,
) -> Result<Option<CaseId>, CallsError> {
    let kind = CaseKind::PaymentConfirmation(payment);
    open(tx, ambient, policy, kind, round, PRIORITY_PAYMENT)
}

/// Opens the case of a number that is to be verified.
pub(crate) fn open_for_number(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    check: NumberCheckId,
) -> Result<Option<CaseId>, CallsError> {
    let kind = CaseKind::NumberCheck(check);
    open(tx, ambient, policy, kind, 0, PRIORITY_PAYMENT)
}

/// Held to the end of the transaction: whoever books a time and whoever opens the case that keeps
/// it see each other.
pub(crate) fn lock(tx: &mut Tx<'_>, kind: CaseKind) -> Result<(), CallsError> {
    let subject = kind.subject();
    let half = u64::from_be_bytes(*subject.last_chunk().expect("a subject has 16 bytes"));
    Ok(tx.lock(half as i64)?)
}

/// The payment or application was decided elsewhere: nobody calls any more, and a call under way
/// is told. `false` when no case was open.
pub fn close(tx: &mut Tx<'_>, ambient: &Ambient, kind: CaseKind) -> Result<bool, CallsError> {
    match store::find_by_kind(tx, kind)? {
        Some(case) if case.state != CaseState::Concluded => {
            let outcome = match matter::load(tx, kind)?.map(|matter| matter.state) {
                Some(matter::MatterState::Ended(crate::scripts::Ended::Expired)) => case.at_deadline(),
                _ => CaseOutcome::DecidedElsewhere,
            };
            tx.wake(events::SIGNAL_CLOSED);
            conclude(tx, ambient, case.id, outcome)
        }
        _ => Ok(false),
    }
}

/// Two members of staff have agreed that the customer goes on: what waited for a person is dealt with.
pub fn handled(tx: &mut Tx<'_>, ambient: &Ambient, customer: CustomerId) -> Result<(), CallsError> {
    let mut known = list::for_customer(tx, customer)?;
    known.retain(|case| case.state == CaseState::ForStaff);
    for case in known {
        conclude(tx, ambient, case.id, CaseOutcome::Handled)?;
    }
    Ok(())
}

/// Whoever applied is a customer now: the calls and notices about the application were theirs.
pub(crate) fn adopt(tx: &mut Tx<'_>, kind: CaseKind) -> Result<(), CallsError> {
    let Some(customer) = matter::load(tx, kind)?.and_then(|matter| matter.customer) else {
        return Ok(());
    };
    for case in store::of_subject(tx, kind)? {
        store::adopt(tx, case.id, customer)?;
        attempts::adopt(tx, case.id, customer)?;
        notices::adopt(tx, case.id, customer)?;
        tx.wake(events::SIGNAL_CHANGED);
    }
    Ok(())
}

/// For staff: the customer stopped this payment on the telephone.
pub(crate) fn open_security(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    of: &Case,
    payment: PaymentId,
) -> Result<(), CallsError> {
    let now = ambient.now();
    let case = Case {
        id: CaseId::new(ambient),
        kind: CaseKind::Security(payment),
        round: 0,
        state: CaseState::ForStaff,
        due: now,
        deadline: now,
        attempts: 0,
        line_failures: 0,
        outcome: None,
        created_at: now,
        concluded_at: None,
        ..of.clone()
    };
    if store::insert(tx, &case)? {
        note(
            tx,
            ambient,
            case.id,
            None,
            Happening::Opened,
            "stopped on the telephone",
        )?;
        tx.wake(events::SIGNAL_CHANGED);
    }
    Ok(())
}

fn open(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    kind: CaseKind,
    round: u32,
    priority: i64,
) -> Result<Option<CaseId>, CallsError> {
    if matches!(kind, CaseKind::ApplicationCallback(_)) {
        lock(tx, kind)?;
    }
    if let Some(case) = store::find_by_kind(tx, kind)?.filter(|case| case.round >= round) {
        return Ok(Some(case.id));
    }
    let Some(matter) = matter::load(tx, kind)?.filter(|matter| matter.is_waiting()) else {
        return Ok(None);
    };
    let now = ambient.now();
    let deadline = matter
        .deadline
        .unwrap_or_else(|| now.plus_ms(policy.application_window_ms));
    let zone = matter.zone.as_ref().unwrap_or(&policy.zone);
    let first = match matter.call_time {
        Some(_) => schedule::chosen_call(policy, zone, now, matter.call_time, deadline),
        None => schedule::first_call(policy, zone, now, matter.ordered_at, deadline),
    };
    let call_at = match first {
        Next::At(due) => Some(due),
        Next::NoTimeLeft | Next::AttemptsSpent | Next::Concluded => None,
    };
    let due = call_at.unwrap_or(deadline);
    let case = Case {
        id: CaseId::new(ambient),
        kind,
        round,
        customer: matter.customer,
        state: CaseState::Waiting,
        priority,
        due,
        any_hour: due == now,
        deadline,
        attempts: 0,
        max_attempts: policy.max_attempts,
        line_failures: 0,
        outcome: None,
        created_at: now,
        concluded_at: None,
    };
    if !store::insert(tx, &case)? {
        return Ok(store::find_by_kind(tx, kind)?.map(|case| case.id));
    }
    note(tx, ambient, case.id, None, Happening::Opened, case.kind.code())?;
    if call_at.is_some() {
        announce(tx, ambient, policy, &case, &matter)?;
    } else {
        // A call that cannot come is not announced.
        conclude(tx, ambient, case.id, CaseOutcome::NoCallInTime)?;
    }
    Ok(Some(case.id))
}

fn announce(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    case: &Case,
    matter: &Matter,
) -> Result<(), CallsError> {
    notices::announce(tx, ambient, policy, case, matter)?;
    note(
        tx,
        ambient,
        case.id,
        None,
        Happening::Announced,
        &policy.displayed_number,
    )?;
    tx.wake(events::SIGNAL_DUE);
    tx.wake(events::SIGNAL_CHANGED);
    Ok(())
}
