//! What the keys of the payment call do: each act is one transaction.

use super::{Rules, later};
use crate::CallsError;
use crate::attempts::Begun;
use crate::cases::{self, CaseOutcome, Happening};
use crate::matter::{self, money};
use crate::scripts::{Act, Outcome};
use base::{Ambient, PaymentId};
use money::payments::{self, KeypadRule, ReleaseOutcome, ReleasedBy, VoidOutcome, VoidedBy};
use store::Tx;

const STOPPED: &str = "stopped by the customer on the telephone";

pub(super) fn perform(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rules: &Rules<'_>,
    begun: &Begun,
    payment: PaymentId,
    act: Act,
    forwarded: bool,
) -> Result<Outcome, CallsError> {
    match act {
        Act::RecordDetails => record_details(tx, ambient, begun, payment),
        Act::KeypadRule => keypad(tx, ambient, rules, begun, payment, forwarded),
        Act::Release => release(tx, ambient, rules, begun, payment, forwarded),
        Act::Stop => stop(tx, ambient, begun, payment),
        Act::Later => later(tx, ambient, rules, begun),
        Act::Confirm | Act::Deny => Ok(Outcome::Trouble),
    }
}

fn record_details(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    begun: &Begun,
    payment: PaymentId,
) -> Result<Outcome, CallsError> {
    let call = begun.attempt.id;
    payments::details_played(tx, payment, call, ambient.now()).map_err(money("noting the details"))?;
    cases::note(
        tx,
        ambient,
        begun.case.id,
        Some(call),
        Happening::DetailsPlayed,
        "",
    )?;
    Ok(Outcome::Recorded)
}

fn keypad(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rules: &Rules<'_>,
    begun: &Begun,
    payment: PaymentId,
    forwarded: bool,
) -> Result<Outcome, CallsError> {
    let Some(evidence) = matter::keypad_evidence(tx, begun.case.customer, forwarded)? else {
        return Ok(Outcome::AppOnly);
    };
    let rule = payments::keypad_allowed(tx, ambient, rules.money, payment, &evidence);
    Ok(match rule.map_err(money("asking for the keypad rule"))? {
        KeypadRule::Allowed => Outcome::Allowed,
        KeypadRule::SignInApp(_) => Outcome::AppOnly,
    })
}

/// The rule is asked again in the transaction that moves the money.
fn release(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rules: &Rules<'_>,
    begun: &Begun,
    payment: PaymentId,
    forwarded: bool,
) -> Result<Outcome, CallsError> {
    let (case, call) = (begun.case.id, begun.attempt.id);
    if keypad(tx, ambient, rules, begun, payment, forwarded)? != Outcome::Allowed {
        return Ok(Outcome::AppOnly);
    }
    let by = ReleasedBy::CustomerKeypad(call);
    let released = payments::release(tx, ambient, payment, by).map_err(money("releasing a payment"))?;
    Ok(match released {
        ReleaseOutcome::Posted => {
            cases::note(tx, ambient, case, Some(call), Happening::Released, "")?;
            cases::conclude(tx, ambient, case, CaseOutcome::Confirmed)?;
            Outcome::Posted
        }
        // Our own commit, whose answer was lost, is repeated here.
        ReleaseOutcome::AlreadyPosted if concluded_as(tx, begun, CaseOutcome::Confirmed)? => Outcome::Posted,
        ReleaseOutcome::AlreadyPosted | ReleaseOutcome::AlreadyVoided | ReleaseOutcome::NotFound => {
            Outcome::NotWaiting
        }
        ReleaseOutcome::DeadlinePassed => Outcome::Expired,
        ReleaseOutcome::Frozen | ReleaseOutcome::PayeeCannotReceive => Outcome::Failed,
        ReleaseOutcome::DetailsNotPlayed => Outcome::AppOnly,
    })
}

/// Void, freeze, and a case for staff, in one commit.
fn stop(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    begun: &Begun,
    payment: PaymentId,
) -> Result<Outcome, CallsError> {
    let (case, call) = (&begun.case, begun.attempt.id);
    let by = VoidedBy::CustomerCall(call);
    match payments::void(tx, ambient, payment, by, STOPPED).map_err(money("voiding a payment"))? {
        VoidOutcome::Voided => {}
        VoidOutcome::AlreadyVoided if concluded_as(tx, begun, CaseOutcome::Stopped)? => {
            return Ok(Outcome::Stopped);
        }
        VoidOutcome::AlreadyVoided | VoidOutcome::AlreadyPosted | VoidOutcome::NotFound => {
            return Ok(Outcome::NotWaiting);
        }
    }
    let known = payments::get(tx, payment).map_err(money("reading a payment"))?;
    let wallet = known.and_then(|known| known.payer.wallet);
    let wallet = wallet.ok_or(CallsError::Missing { what: "payer" })?;
    let who = format!("call:{call}");
    money::wallets::freeze(tx, ambient, wallet.id, &who, STOPPED).map_err(money("freezing a wallet"))?;
    cases::note(tx, ambient, case.id, Some(call), Happening::Stopped, "")?;
    cases::conclude(tx, ambient, case.id, CaseOutcome::Stopped)?;
    cases::open_security(tx, ambient, case, payment)?;
    Ok(Outcome::Stopped)
}

fn concluded_as(tx: &mut Tx<'_>, begun: &Begun, outcome: CaseOutcome) -> Result<bool, CallsError> {
    Ok(cases::get(tx, begun.case.id)?.is_some_and(|case| case.outcome == Some(outcome)))
}
