use crate::fault::Fault;
use crate::staff::applications::{is_with_call, limit_of};
use crate::staff::numbers;
use base::{Ambient, StaffId};
use calls::CallPolicy;
use money::payments::{self, ReleaseOutcome, ReleasedBy, VoidOutcome, VoidedBy};
use money::wallets;
use people::applications::{self, Moved};
use security::four_eyes::{Action, Request};
use security::sealing::Keyring;
use security::staff;
use store::Tx;

/// What carrying out needs beside the request.
pub struct House<'a> {
    pub keyring: &'a Keyring,
    pub policy: &'a CallPolicy,
    /// The hash of a first password that was made for this approval.
    pub first_password: Option<&'a str>,
}

/// Does what two have agreed on. Whether it was done, now or before.
pub fn carry_out(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    house: &House<'_>,
    by: StaffId,
    request: &Request,
) -> Result<bool, Fault> {
    let asked = request.requested_by;
    let subject = request.subject.as_str();
    let moved = |moved: Moved| matches!(moved, Moved::Done(_) | Moved::Already);
    Ok(match request.action {
        Action::ReleasePayment => {
            let payment = subject.parse().map_err(|_| Fault::not_found())?;
            let outcome = payments::release(tx, ambient, payment, ReleasedBy::Staff(asked, by))?;
            matches!(outcome, ReleaseOutcome::Posted | ReleaseOutcome::AlreadyPosted)
        }
        Action::VoidPayment => {
            let payment = subject.parse().map_err(|_| Fault::not_found())?;
            let outcome = payments::void(tx, ambient, payment, VoidedBy::Staff(asked, by), &request.reason)?;
            matches!(outcome, VoidOutcome::Voided | VoidOutcome::AlreadyVoided)
        }
        Action::UnfreezeWallet => {
            let wallet = subject.parse().map_err(|_| Fault::not_found())?;
            wallets::unfreeze(tx, ambient, wallet, &request.reason)?
        }
        Action::ActivateReferred => {
            let application = subject.parse().map_err(|_| Fault::not_found())?;
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
            let application = subject.parse().map_err(|_| Fault::not_found())?;
            moved(applications::refer_decline(tx, ambient, application)?)
        }
        Action::ChangePhone => numbers::change(tx, ambient, house.keyring, house.policy, request)?,
        Action::ResetStaff => {
            let member = subject.parse().map_err(|_| Fault::not_found())?;
            match house.first_password {
                Some(hash) => staff::reset(tx, ambient, member, hash)?,
                None => false,
            }
        }
    })
}
