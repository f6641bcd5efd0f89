//! A held payment: money set aside until the customer confirms, stops, or says nothing until the
//! deadline. It is posted or voided exactly once, whatever arrives first.

mod keypad;
mod store;
#[cfg(test)]
mod tests;

pub use keypad::{KeypadEvidence, KeypadFacts, KeypadObstacle, KeypadRule, keypad_rule};
pub use store::ALL;
pub(crate) use store::NewHold;
pub(super) use store::open;

use super::payment::{EndedBy, HoldEvent, Payment, PaymentState, ReleasedBy, VoidedBy};
use super::{parts, posting};
use crate::accounts::{self, Account, Book};
use crate::{MoneyError, Policy, events};
use ::store::{Tx, outbox};
use base::{Ambient, CallId, PaymentId, Timestamp};
use risk::WarningSign;
use store::StoredHold;

/// What became of a confirmation. Only `Posted` moved money now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseOutcome {
    Posted,
    AlreadyPosted,
    AlreadyVoided,
    /// It is too late; the payment is being voided.
    DeadlinePassed,
    /// The payer's wallet is frozen.
    Frozen,
    PayeeCannotReceive,
    /// No answered call has spoken amount and payee in full, or not this call.
    DetailsNotPlayed,
    NotFound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidOutcome {
    Voided,
    AlreadyVoided,
    AlreadyPosted,
    NotFound,
}

/// A hold with its payment and, locked, the accounts it touches.
struct Loaded {
    payment: Payment,
    number: i64,
    hold: StoredHold,
    book: Book,
}

/// Posts a held payment: checks deadline, freeze and payee again, in this transaction. A customer's
/// confirmation counts only after a call has spoken the details; staff's needs no call.
pub fn release(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    payment: PaymentId,
    by: ReleasedBy,
) -> Result<ReleaseOutcome, MoneyError> {
    let now = ambient.now();
    // Before any account: the head of the ledger is always locked first.
    let mut numbers = accounts::reserve(tx, now, 1)?;
    let Some(mut loaded) = load(tx, payment)? else {
        return Ok(ReleaseOutcome::NotFound);
    };
    let next = match loaded.hold.state.next(HoldEvent::Release) {
        Ok(next) => next,
        Err(PaymentState::Posted) => return Ok(ReleaseOutcome::AlreadyPosted),
        Err(_) => return Ok(ReleaseOutcome::AlreadyVoided),
    };
    if let Some(obstacle) = obstacle(&loaded, by, now) {
        return Ok(obstacle);
    }
    let amount_minor = loaded.payment.amount.minor;
    let (payer_id, payee_id) = (loaded.payment.payer.account, loaded.payment.payee.account);
    let Some((payer, payee)) = loaded.book.pair_mut(payer_id, payee_id) else {
        return Err(MoneyError::NoAccount { account: payee_id });
    };
    payer.give_back(amount_minor)?;
    posting::transfer(payer, payee, amount_minor)?;
    posting::learn(payer, payee, amount_minor, now);
    loaded.book.check_conserved()?;
    let transfer = numbers.next();
    super::store::insert_transfer(tx, transfer, loaded.number, &loaded.payment, now)?;
    let ended_by = EndedBy::Released(by);
    end(tx, ambient, &loaded, next, ended_by, None, Some(transfer))?;
    Ok(ReleaseOutcome::Posted)
}

/// Stops a held payment, at any time; the day's limit is given back to the day it was taken from.
pub fn void(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    payment: PaymentId,
    by: VoidedBy,
    reason: &str,
) -> Result<VoidOutcome, MoneyError> {
    accounts::lock_ledger(tx)?;
    match load(tx, payment)? {
        Some(loaded) => void_loaded(tx, ambient, loaded, by, reason),
        None => Ok(VoidOutcome::NotFound),
    }
}

/// Held payments whose deadline has passed, at most `max`.
pub fn due(tx: &mut Tx<'_>, now: Timestamp, max: usize) -> Result<Vec<PaymentId>, MoneyError> {
    Ok(store::due(tx, now, max)?)
}

/// Voids those of these whose deadline has passed; returns how many. It is `money`'s own: it needs
/// no call to have ended. A deadline that an answered call moved meanwhile is respected.
pub fn expire(tx: &mut Tx<'_>, ambient: &Ambient, payments: &[PaymentId]) -> Result<usize, MoneyError> {
    let now = ambient.now();
    accounts::lock_ledger(tx)?;
    let mut voided = 0;
    for payment in payments {
        let Some(loaded) = load(tx, *payment)?.filter(|loaded| loaded.hold.deadline <= now) else {
            continue;
        };
        let outcome = void_loaded(tx, ambient, loaded, VoidedBy::Deadline, "")?;
        voided += usize::from(outcome == VoidOutcome::Voided);
    }
    Ok(voided)
}

/// Finds and voids what is due, at most `max`, in one transaction.
pub fn expire_due(tx: &mut Tx<'_>, ambient: &Ambient, max: usize) -> Result<usize, MoneyError> {
    let payments = due(tx, ambient.now(), max)?;
    expire(tx, ambient, &payments)
}

/// Voids every open hold of a payer; for a freeze, whose transaction this is.
pub(crate) fn void_all_of(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    payer_account: i64,
    reason: &str,
) -> Result<usize, MoneyError> {
    let open = store::open_of(tx, payer_account)?;
    for payment in &open {
        void(tx, ambient, *payment, VoidedBy::Freeze, reason)?;
    }
    Ok(open.len())
}

fn void_loaded(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    mut loaded: Loaded,
    by: VoidedBy,
    reason: &str,
) -> Result<VoidOutcome, MoneyError> {
    let next = match loaded.hold.state.next(HoldEvent::Void) {
        Ok(next) => next,
        Err(PaymentState::Posted) => return Ok(VoidOutcome::AlreadyPosted),
        Err(_) => return Ok(VoidOutcome::AlreadyVoided),
    };
    let payer_id = loaded.payment.payer.account;
    let payer = loaded
        .book
        .get_mut(payer_id)
        .ok_or(MoneyError::NoAccount { account: payer_id })?;
    let amount_minor = loaded.payment.amount.minor;
    payer.give_back(amount_minor)?;
    payer.usage = payer
        .usage
        .without(amount_minor, loaded.hold.day, loaded.hold.year);
    loaded.book.check_conserved()?;
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    end(tx, ambient, &loaded, next, EndedBy::Voided(by), reason, None)?;
    Ok(VoidOutcome::Voided)
}

/// Gives an answered call time to finish: moves the deadline to its latest, once. Returns the
/// deadline that now holds; `None` if the payment is no longer held.
pub fn extend_deadline(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    payment: PaymentId,
) -> Result<Option<Timestamp>, MoneyError> {
    let (number, _) = parts(payment);
    if store::extend(tx, number, ambient.now())? {
        outbox::publish(tx, ambient, events::PAYMENT_EXTENDED, &payment.0, "{}")?;
    }
    let Some(hold) = store::hold(tx, number)? else {
        return Ok(None);
    };
    Ok((hold.state == PaymentState::Held).then_some(hold.deadline))
}

/// Remembers that a call has spoken amount and payee in full: from now on its 1 counts, and so
/// does the app's signature. `false` if the payment is no longer held.
pub fn details_played(
    tx: &mut Tx<'_>,
    payment: PaymentId,
    call: CallId,
    at: Timestamp,
) -> Result<bool, MoneyError> {
    let (number, _) = parts(payment);
    Ok(store::details_played(tx, number, call, at)?)
}

/// Whether a 1 on the keypad is enough for this payment, from what is known here and the evidence
/// that the caller has of device, number and line.
pub fn keypad_allowed(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &Policy,
    payment: PaymentId,
    evidence: &KeypadEvidence,
) -> Result<KeypadRule, MoneyError> {
    let row = super::get(tx, payment)?.ok_or(MoneyError::NoHold(payment))?;
    let payer = one_account(tx, row.payer.account)?;
    let now = ambient.now();
    let facts = KeypadFacts {
        amount_minor: row.amount.minor,
        warning_sign: payer.profile.has_warning(now, risk::profile::DAY_SECS),
        evidence: *evidence,
    };
    Ok(keypad_rule(&policy.keypad, &facts, now))
}

/// Lets the payer's profile learn a warning sign.
pub fn record_warning(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    account: i64,
    sign: WarningSign,
) -> Result<(), MoneyError> {
    let now = ambient.now();
    let number = accounts::reserve(tx, now, 1)?.next();
    let mut found = accounts::load_locked(tx, &[account])?;
    let one = found.first_mut().ok_or(MoneyError::NoAccount { account })?;
    one.profile.learn_warning(sign, now);
    accounts::keep_sign(tx, number, account, sign, now)?;
    accounts::write_back(tx, &found)
}

fn one_account(tx: &mut Tx<'_>, account: i64) -> Result<Account, MoneyError> {
    let found = accounts::load(tx, &[account])?;
    found.into_iter().next().ok_or(MoneyError::NoAccount { account })
}

/// Locks the accounts, then reads the hold: whoever ends it holds the payer's account.
fn load(tx: &mut Tx<'_>, id: PaymentId) -> Result<Option<Loaded>, MoneyError> {
    let Some(payment) = super::get(tx, id)? else {
        return Ok(None);
    };
    let mut ids = [payment.payer.account, payment.payee.account];
    ids.sort_unstable();
    let book = Book::new(accounts::load_locked(tx, &ids)?);
    let (number, _) = parts(id);
    let hold = store::hold(tx, number)?;
    Ok(hold.map(|hold| Loaded {
        payment,
        number,
        hold,
        book,
    }))
}

/// Why a hold that is open cannot be posted now.
fn obstacle(loaded: &Loaded, by: ReleasedBy, now: Timestamp) -> Option<ReleaseOutcome> {
    if now >= loaded.hold.deadline {
        return Some(ReleaseOutcome::DeadlinePassed);
    }
    let played = loaded.hold.details_call;
    let spoken = match by {
        ReleasedBy::CustomerApp { .. } => played.is_some(),
        ReleasedBy::CustomerKeypad(call) => played == Some(call),
        // Two people answer for what no call has spoken to the customer; one person is not two.
        ReleasedBy::Staff(asked, agreed) => asked != agreed,
    };
    if !spoken {
        return Some(ReleaseOutcome::DetailsNotPlayed);
    }
    let payer = loaded.book.get(loaded.payment.payer.account)?;
    if payer.frozen_at.is_some() {
        return Some(ReleaseOutcome::Frozen);
    }
    let payee = loaded.book.get(loaded.payment.payee.account)?;
    let can_receive = payee.frozen_at.is_none() && payee.can_hold(loaded.payment.amount.minor);
    (!can_receive).then_some(ReleaseOutcome::PayeeCannotReceive)
}

fn end(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    loaded: &Loaded,
    state: PaymentState,
    by: EndedBy,
    reason: Option<&str>,
    transfer: Option<i64>,
) -> Result<(), MoneyError> {
    let by_text = by.to_string();
    let at = ambient.now();
    let ended = store::Ended {
        state,
        at,
        // A call may move the deadline without locking an account: it is looked at once more here.
        due_by: (by == EndedBy::Voided(VoidedBy::Deadline)).then_some(at),
        by: &by_text,
        reason,
        transfer,
    };
    if !store::end(tx, loaded.number, &ended)? {
        return Err(MoneyError::NoHold(loaded.payment.id));
    }
    super::store::set_state(tx, loaded.number, state)?;
    accounts::write_back(tx, loaded.book.accounts())?;
    let topic = match by {
        EndedBy::Released(_) => events::PAYMENT_POSTED_AFTER_HOLD,
        EndedBy::Voided(_) => events::PAYMENT_VOIDED,
    };
    let event = events::PaymentEnded {
        payer_account: loaded.payment.payer.account,
        payee_account: loaded.payment.payee.account,
        by: by_text,
    };
    outbox::publish(tx, ambient, topic, &loaded.payment.id.0, &events::body(&event))?;
    Ok(())
}
