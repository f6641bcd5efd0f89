//! The second of two agrees, and what was asked is done: one transaction, whoever starts it.

use crate::staff::applications::{is_with_call, limit_of};
use base::{Ambient, PhoneNumber, StaffId};
use calls::cases;
use calls::numbers::{self, NumberChange};
use calls::{CallPolicy, CallsError};
use money::payments::{self, ReleaseOutcome, ReleasedBy, VoidOutcome, VoidedBy};
use money::{MoneyError, wallets};
use people::PeopleError;
use people::applications::{self, Moved};
use security::SecurityError;
use security::audit::{self, Actor};
use security::four_eyes::{self, Action, Decided, Request, RequestId};
use security::sealing::Keyring;
use security::staff::{self, Role};
use store::{DbError, Tx};

/// What carrying out needs beside the request.
pub struct House<'a> {
    pub keyring: &'a Keyring,
    pub policy: &'a CallPolicy,
    /// The hash of a first password that was made for this approval.
    pub first_password: Option<&'a str>,
}

/// What became of an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// Agreed, and done now or before.
    Done,
    /// Agreed, but its subject has moved on: nothing was done.
    NotDone,
    /// Not agreed: why.
    Undecided(Decided),
}

/// Why the outcome of an approval is unknown.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Security(#[from] SecurityError),
    #[error(transparent)]
    People(#[from] PeopleError),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Calls(#[from] CallsError),
    #[error("what was asked is about nothing that exists")]
    NoSubject,
}

/// Approves as the second person, carries it out, and writes the entry in the audit log.
pub fn approve(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    house: &House<'_>,
    by: (StaffId, Role),
    id: RequestId,
) -> Result<Approval, ApprovalError> {
    let request = match four_eyes::approve(tx, ambient, by, id)? {
        Decided::Approved(request) => request,
        Decided::AskerGone(request) => {
            let detail = format!("asked by staff:{}, who may no longer ask", request.requested_by);
            let (actor, subject) = (Actor::Staff(by.0), id.to_string());
            audit::record(tx, ambient, &actor, "request.withdraw", &subject, &detail)?;
            return Ok(Approval::Undecided(Decided::AskerGone(request)));
        }
        other => return Ok(Approval::Undecided(other)),
    };
    let done = carry_out(tx, ambient, house, by.0, &request)?;
    let outcome = if done { "done" } else { "not done" };
    let mut detail = format!("asked by staff:{}; {outcome}", request.requested_by);
    if request.action == Action::ActivateReferred {
        detail = format!("{detail}; limit {}", request.payload);
    }
    let action = format!("approve.{}", request.action.code());
    let actor = Actor::Staff(by.0);
    audit::record(tx, ambient, &actor, &action, &request.subject, &detail)?;
    Ok(if done { Approval::Done } else { Approval::NotDone })
}

/// Does what two have agreed on. Whether it was done, now or before.
fn carry_out(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    house: &House<'_>,
    by: StaffId,
    request: &Request,
) -> Result<bool, ApprovalError> {
    let asked = request.requested_by;
    let subject = request.subject.as_str();
    let moved = |moved: Moved| matches!(moved, Moved::Done(_) | Moved::Already);
    Ok(match request.action {
        Action::ReleasePayment => {
            let payment = subject.parse().map_err(|_| ApprovalError::NoSubject)?;
            let outcome = payments::release(tx, ambient, payment, ReleasedBy::Staff(asked, by))?;
            matches!(outcome, ReleaseOutcome::Posted | ReleaseOutcome::AlreadyPosted)
        }
        Action::VoidPayment => {
            let payment = subject.parse().map_err(|_| ApprovalError::NoSubject)?;
            let outcome = payments::void(tx, ambient, payment, VoidedBy::Staff(asked, by), &request.reason)?;
            matches!(outcome, VoidOutcome::Voided | VoidOutcome::AlreadyVoided)
        }
        Action::UnfreezeWallet => {
            let wallet = subject.parse().map_err(|_| ApprovalError::NoSubject)?;
            let done = wallets::unfreeze(tx, ambient, wallet, &request.reason)?;
            if let Some(wallet) = wallets::by_id(tx, wallet)?.filter(|_| done) {
                cases::handled(tx, ambient, wallet.customer)?;
            }
            done
        }
        Action::ActivateReferred => {
            let application = subject.parse().map_err(|_| ApprovalError::NoSubject)?;
            match limit_of(&request.payload) {
                Some(limit_minor) if is_with_call(&request.payload) => moved(applications::refer_approve(
                    tx,
                    ambient,
                    application,
                    limit_minor,
                )?),
                Some(limit_minor) => moved(applications::refer_activate(
                    tx,
                    ambient,
                    application,
                    limit_minor,
                )?),
                None => false,
            }
        }
        Action::DeclineReferred => {
            let application = subject.parse().map_err(|_| ApprovalError::NoSubject)?;
            moved(applications::refer_decline(tx, ambient, application)?)
        }
        Action::ChangePhone => change_phone(tx, ambient, house, request)?,
        Action::ResetStaff => {
            let member = subject.parse().map_err(|_| ApprovalError::NoSubject)?;
            match house.first_password {
                Some(hash) => staff::reset(tx, ambient, member, hash)?,
                None => false,
            }
        }
    })
}

/// `false` when the number is another customer's.
fn change_phone(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    house: &House<'_>,
    request: &Request,
) -> Result<bool, ApprovalError> {
    let wallet = request.subject.parse().map_err(|_| ApprovalError::NoSubject)?;
    let wallet = wallets::by_id(tx, wallet)?.ok_or(ApprovalError::NoSubject)?;
    let phone = PhoneNumber::parse(&request.payload).map_err(|_| ApprovalError::NoSubject)?;
    let done = numbers::change(tx, ambient, house.keyring, house.policy, wallet.customer, &phone)?;
    Ok(matches!(done, NumberChange::Changed | NumberChange::Confirmed))
}
