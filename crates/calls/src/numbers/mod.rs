//! Whether the number on file reaches the customer, and how it is put right: the customer asks for
//! a call to it, or to another number, and whoever answers there says whose it is. One wrong answer
//! of the network marks nobody; two, hours apart, do.

mod check;
mod store;

pub use check::{Asked, CheckState, NumberChange, NumberCheck, NumberCheckId, Standing};
pub use store::ALL;

use crate::cases::{self, CaseKind, CaseOutcome};
use crate::matter::{money, people, security};
use crate::{CallPolicy, CallsError, Disposition, events};
use ::people::customers::{self, Customer, PhoneChange};
use ::security::logins;
use ::security::sealing::Keyring;
use ::store::{Tx, outbox};
use base::{Ambient, CustomerId, PhoneNumber, Timestamp};

/// Two answers "no such number" this far apart are believed.
const WRONG_APART_MS: i64 = 2 * 3_600_000;
/// Requests of a customer within a day, refused ones included: the form is no directory.
const REQUESTS_PER_DAY: i64 = 3;
const DAY_MS: i64 = 24 * 3_600_000;

pub fn get(tx: &mut Tx<'_>, check: NumberCheckId) -> Result<Option<NumberCheck>, CallsError> {
    store::find(tx, check)
}

/// The customer's latest request.
pub fn latest_of(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Option<NumberCheck>, CallsError> {
    store::latest_of(tx, customer)
}

/// What the calls so far say about the number on file.
pub fn standing(tx: &mut Tx<'_>, customer: &Customer) -> Result<Standing, CallsError> {
    let wrong = wrong_since(tx, customer)?;
    Ok(match wrong {
        _ if customer.wrong_number => Standing::Wrong {
            since: wrong.map_or(customer.phone_changed_at, |(_, latest)| latest),
        },
        Some((_, latest)) => Standing::Doubted { since: latest },
        None => Standing::Works,
    })
}

/// The customer, who has just proved a second factor, asks for a verifying call. Only while the
/// number on file is in doubt: a number that works is what stops a thief.
pub fn ask(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    customer: CustomerId,
    phone: &PhoneNumber,
) -> Result<Asked, CallsError> {
    if !policy.countries.cover(phone) {
        return Ok(Asked::NotCalled);
    }
    let now = ambient.now();
    let Some(known) = customers::by_id(tx, customer).map_err(people("reading a customer"))? else {
        return Ok(Asked::NotFound);
    };
    if standing(tx, &known)? == Standing::Works {
        return Ok(Asked::NotDoubted);
    }
    if store::count_since(tx, customer, now.plus_ms(-DAY_MS))? >= REQUESTS_PER_DAY {
        return Ok(Asked::TooMany);
    }
    if let Some(open) = store::latest_of(tx, customer)?.filter(|check| check.state == CheckState::Asked) {
        store::end(tx, open.id, CheckState::Ended, now)?;
        cases::close(tx, ambient, CaseKind::NumberCheck(open.id))?;
    }
    let owner = customers::by_phone(tx, phone).map_err(people("reading a customer"))?;
    let is_taken = owner.is_some_and(|owner| owner.id != customer);
    let check = NumberCheck {
        id: NumberCheckId::new(ambient),
        customer,
        phone: phone.clone(),
        state: if is_taken {
            CheckState::Taken
        } else {
            CheckState::Asked
        },
        asked_at: now,
        ended_at: is_taken.then_some(now),
    };
    store::insert(tx, &check)?;
    if is_taken {
        return Ok(Asked::Taken);
    }
    cases::open_for_number(tx, ambient, policy, check.id)?;
    Ok(Asked::Calling(check.id))
}

/// Gives the customer this number everywhere, in this one transaction: for calls, for the wallet
/// and for signing in. Payments that were not called about for its sake are called about again.
pub fn change(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    policy: &CallPolicy,
    customer: CustomerId,
    phone: &PhoneNumber,
) -> Result<NumberChange, CallsError> {
    if !policy.countries.cover(phone) {
        return Ok(NumberChange::NotCalled);
    }
    let owner = customers::by_phone(tx, phone).map_err(people("reading a customer"))?;
    if owner.is_some_and(|owner| owner.id != customer) {
        return Ok(NumberChange::Taken);
    }
    let before = customers::by_id(tx, customer).map_err(people("reading a customer"))?;
    let login = logins::of_customer(tx, customer).map_err(security("reading a login"))?;
    if let Some(login) = login {
        let moved = logins::change_phone(tx, keyring, login, phone).map_err(security("moving a login"))?;
        if !moved {
            return Ok(NumberChange::Taken);
        }
    }
    let change =
        customers::change_phone(tx, ambient, customer, phone).map_err(people("changing a number"))?;
    let done = match change {
        PhoneChange::Taken => return Ok(NumberChange::Taken),
        PhoneChange::NotFound => return Ok(NumberChange::NotFound),
        PhoneChange::Unchanged => {
            customers::number_works(tx, customer).map_err(people("confirming a number"))?;
            NumberChange::Confirmed
        }
        PhoneChange::Changed => {
            ::money::wallets::set_phone(tx, customer, phone).map_err(money("changing a wallet's number"))?;
            if let Some(before) = before {
                let body = serde_json::json!({ "old": before.phone.as_str() }).to_string();
                outbox::publish(tx, ambient, events::NUMBER_CHANGED, &customer.0, &body)?;
            }
            NumberChange::Changed
        }
    };
    call_again(tx, ambient, policy, customer)?;
    Ok(done)
}

/// After an attempt to the number on file that the network answered with "no such number": the
/// customer is told at once, and the second time, hours later, nobody calls there any more.
pub(crate) fn failed(tx: &mut Tx<'_>, ambient: &Ambient, customer: CustomerId) -> Result<(), CallsError> {
    let Some(known) = customers::by_id(tx, customer).map_err(people("reading a customer"))? else {
        return Ok(());
    };
    let Some((first, latest)) = wrong_since(tx, &known)? else {
        return Ok(());
    };
    let believed = latest >= first.plus_ms(WRONG_APART_MS);
    if believed {
        customers::mark_wrong_number(tx, customer).map_err(people("marking a wrong number"))?;
    }
    let body = serde_json::json!({ "wrong": believed }).to_string();
    outbox::publish(tx, ambient, events::NUMBER_FAILED, &customer.0, &body)?;
    Ok(())
}

/// The call has decided; `false` when it had been decided already.
pub(crate) fn decide(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    check: NumberCheckId,
    state: CheckState,
) -> Result<bool, CallsError> {
    store::end(tx, check, state, ambient.now())
}

/// The first and the latest of the answers "no such number" that nothing has contradicted since.
fn wrong_since(tx: &mut Tx<'_>, customer: &Customer) -> Result<Option<(Timestamp, Timestamp)>, CallsError> {
    let verified = store::verified_at(tx, customer.id, &customer.phone)?;
    let since = verified.map_or(customer.phone_changed_at, |at| at.max(customer.phone_changed_at));
    let mut wrong: Option<(Timestamp, Timestamp)> = None;
    for (disposition, at) in store::ends_since(tx, customer.id, since)? {
        match disposition {
            Disposition::WrongNumber => {
                wrong = Some((at, wrong.map_or(at, |(_, latest)| latest)));
            }
            // These say nothing about the number.
            Disposition::LineDown | Disposition::Interrupted | Disposition::DecidedElsewhere => {}
            _ => break,
        }
    }
    Ok(wrong)
}

fn call_again(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    customer: CustomerId,
) -> Result<(), CallsError> {
    for case in cases::for_customer(tx, customer)? {
        if let (CaseKind::PaymentConfirmation(payment), Some(CaseOutcome::WrongNumber)) =
            (case.kind, case.outcome)
        {
            cases::open_again_for_payment(tx, ambient, policy, payment, case.round + 1)?;
        }
    }
    Ok(())
}
