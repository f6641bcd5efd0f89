//! Who froze a wallet, and whether the customer alone may lift it. A freeze beside a stopped
//! payment, in the app or on a call, and one by staff take two members of staff.

use crate::fault::Fault;
use base::{Ambient, LoginId, StaffId, WalletId};
use money::wallets;
use security::lockouts::Verdict;
use security::logins;
use security::sealing::Keyring;
use store::Tx;

/// The freeze switch.
pub const BY_CUSTOMER: &str = "customer";
/// "Stop it and freeze my wallet".
pub const WITH_STOP: &str = "customer-stop";

/// Staff froze it, for a reason that is recorded.
pub fn by_staff(member: StaffId) -> String {
    format!("staff:{member}")
}

pub fn customer_may_lift(by: &str) -> bool {
    by == BY_CUSTOMER
}

/// The key of how the customer reads it.
pub fn text_key(by: &str) -> &'static str {
    match by {
        BY_CUSTOMER => "frozen-own",
        by if by.starts_with("staff") => "frozen-staff",
        _ => "frozen-call",
    }
}

/// What became of a customer's wish to lift a freeze.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifting {
    /// Now, or nothing was frozen any more: a repeat uses up no code.
    Done,
    /// It is not theirs alone to lift.
    NotAlone,
    Refused(Verdict),
}

/// Lifts the customer's own freeze with a code of their authenticator.
pub fn lift(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    login: LoginId,
    wallet: WalletId,
    (code, reason): (&str, &str),
) -> Result<Lifting, Fault> {
    let obstacle = |found: Option<money::Wallet>| match found.and_then(|wallet| wallet.frozen) {
        None => Some(Lifting::Done),
        Some(frozen) if !customer_may_lift(&frozen.by) => Some(Lifting::NotAlone),
        Some(_) => None,
    };
    let now = ambient.now();
    logins::wait_for_codes(tx, now, keyring, login)?;
    if let Some(obstacle) = obstacle(wallets::by_id(tx, wallet)?) {
        return Ok(obstacle);
    }
    let verdict = logins::check_totp(tx, now, keyring, login, code)?;
    if verdict != Verdict::Passed {
        return Ok(Lifting::Refused(verdict));
    }
    // Looked at again under its lock: a stop may have frozen it meanwhile.
    if let Some(obstacle) = obstacle(wallets::locked(tx, wallet)?) {
        return Ok(obstacle);
    }
    wallets::unfreeze(tx, ambient, wallet, reason)?;
    Ok(Lifting::Done)
}
