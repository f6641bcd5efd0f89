//! What a customer holds: a number, a tier, an account, and a freeze.

mod freezer;
mod name;
mod number;
mod store;

pub use freezer::Freezer;
pub use name::{masked_name, other_name};
pub use number::{BadWalletNumber, WalletNumber};
pub use store::{ALL, SHAPES};

pub(crate) use store::insert_bare;

use crate::accounts::{self, Account, AccountKind};
use crate::limits::{Limits, Tier, Usage};
use crate::payments::{holds, paid_before};
use crate::{MoneyError, Policy, events};
use ::store::{Tx, outbox};
use base::{Ambient, Amount, Currency, CustomerId, PhoneNumber, Timestamp, WalletId};

/// Numbers drawn before giving up: with a tenth of all taken, 20 draws fail once in 10^20.
const NUMBER_TRIES: u32 = 20;

#[derive(Clone, Debug)]
pub struct Wallet {
    pub id: WalletId,
    pub number: WalletNumber,
    pub customer: CustomerId,
    pub account: i64,
    pub name: String,
    pub phone: PhoneNumber,
    pub tier: Tier,
    pub currency: Currency,
    pub opened_at: Timestamp,
    pub posted_minor: i64,
    /// Set aside by open holds.
    pub held_minor: i64,
    pub limits: Limits,
    /// As of the account's last payment: see [`Wallet::used`].
    pub usage: Usage,
    pub frozen: Option<Frozen>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    pub at: Timestamp,
    pub by: String,
    pub reason: String,
}

/// Who would be paid, as the payer may see it before sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payee {
    pub wallet: WalletId,
    pub account: i64,
    pub number: WalletNumber,
    pub customer: CustomerId,
    /// In full for whom the payer has paid before, masked for strangers.
    pub display_name: String,
    /// For our own call, never for a stranger's screen.
    pub full_name: String,
    pub known: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    Payee(Payee),
    NotFound,
    /// The telephone number belongs to several wallets: ask for the wallet's number.
    Ambiguous,
    NotYourself,
}

/// A wallet to be opened.
#[derive(Clone, Debug)]
pub struct NewWallet<'a> {
    pub customer: CustomerId,
    pub name: &'a str,
    pub phone: &'a PhoneNumber,
    pub tier: Tier,
    /// What the decision granted for a year's payments; the tier's own limits may be lower.
    pub granted_minor: i64,
    pub currency: Currency,
}

impl Wallet {
    pub fn available(&self) -> Amount {
        Amount::new(self.posted_minor - self.held_minor, self.currency)
    }

    /// What was used of the limits, as it counts at a moment.
    pub fn used(&self, now: Timestamp, policy: &Policy) -> Usage {
        let year = i64::from(policy.zone.civil(now).year());
        self.usage.on(policy.zone.day(now), year)
    }

    pub fn day_left_minor(&self, now: Timestamp, policy: &Policy) -> i64 {
        (self.limits.day_minor - self.used(now, policy).day_used_minor).max(0)
    }
}

/// Opens the customer's wallet; if there is one already, returns that.
pub fn open(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &Policy,
    new: &NewWallet<'_>,
) -> Result<Wallet, MoneyError> {
    // Two handlers of one event come one after the other.
    let account = accounts::reserve_account(tx)?;
    if let Some(wallet) = by_customer(tx, new.customer)? {
        return Ok(wallet);
    }
    let now = ambient.now();
    let year = i64::from(policy.zone.civil(now).year());
    let limits = policy.limits.of(new.tier, new.granted_minor);
    let first_year = policy.limits.first_year(new.tier, year);
    let row = Account::new(account, AccountKind::Customer, new.currency, limits, first_year);
    accounts::insert(tx, &[row])?;
    let id = WalletId::new(ambient);
    let number = insert_under_free_number(tx, ambient, id, account, new)?;
    let event = changed(new.customer, "", "");
    publish(tx, ambient, events::WALLET_OPENED, id, &event)?;
    by_number(tx, &number)?.ok_or(MoneyError::NoAccount { account })
}

pub fn by_customer(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Option<Wallet>, MoneyError> {
    store::by_customer(tx, customer)
}

pub fn by_number(tx: &mut Tx<'_>, number: &WalletNumber) -> Result<Option<Wallet>, MoneyError> {
    store::by_number(tx, number)
}

pub fn by_id(tx: &mut Tx<'_>, wallet: WalletId) -> Result<Option<Wallet>, MoneyError> {
    store::by_id(tx, wallet)
}

pub fn by_account(tx: &mut Tx<'_>, account: i64) -> Result<Option<Wallet>, MoneyError> {
    store::by_account(tx, account)
}

/// Wallets in the order they were opened, after `after`; for staff and the demo.
pub fn list(tx: &mut Tx<'_>, after: Option<WalletId>, limit: usize) -> Result<Vec<Wallet>, MoneyError> {
    store::list(tx, after, limit.min(1_000))
}

/// Keeps the wallet's telephone number the same as the customer's.
pub fn set_phone(tx: &mut Tx<'_>, customer: CustomerId, phone: &PhoneNumber) -> Result<(), MoneyError> {
    Ok(store::set_phone(tx, customer, phone)?)
}

/// Finds whom a payer means by a telephone number or a wallet's number. What is neither, and a
/// wallet that nobody has, is [`Resolved::NotFound`] alike.
pub fn resolve_payee(tx: &mut Tx<'_>, payer_account: i64, text: &str) -> Result<Resolved, MoneyError> {
    let mut found = Vec::new();
    if let Ok(number) = WalletNumber::parse(text) {
        found.extend(store::by_number(tx, &number)?);
    } else if let Ok(phone) = PhoneNumber::parse(text) {
        found = store::by_phone(tx, &phone)?;
    }
    let wallet = match found.len() {
        0 => return Ok(Resolved::NotFound),
        1 => found.remove(0),
        _ => return Ok(Resolved::Ambiguous),
    };
    if wallet.account == payer_account {
        return Ok(Resolved::NotYourself);
    }
    payee(tx, payer_account, wallet).map(Resolved::Payee)
}

/// Freezes a wallet at once: nothing leaves or enters it, and its open holds are voided in this
/// transaction. Returns how many holds; `None` if it does not exist or was frozen before as gravely.
/// A graver freeze takes a lighter one's place, so that staff's or a stop's is never the customer's
/// alone to lift.
pub fn freeze(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    wallet: WalletId,
    by: &str,
    reason: &str,
) -> Result<Option<usize>, MoneyError> {
    let Some(found) = locked(tx, wallet)? else {
        return Ok(None);
    };
    let before = found.frozen.as_ref().map(|frozen| Freezer::of(&frozen.by));
    if before.is_some_and(|before| before >= Freezer::of(by)) {
        return Ok(None);
    }
    accounts::set_frozen(tx, found.account, Some(ambient.now()))?;
    store::set_frozen_by(tx, wallet, Some((by, reason)))?;
    let voided = holds::void_all_of(tx, ambient, found.account, reason)?;
    let event = changed(found.customer, by, reason);
    publish(tx, ambient, events::WALLET_FROZEN, wallet, &event)?;
    Ok(Some(voided))
}

/// Lifts a freeze. Who may, and after which proof, is for the caller to check. `false` if the
/// wallet was not frozen.
pub fn unfreeze(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    wallet: WalletId,
    reason: &str,
) -> Result<bool, MoneyError> {
    let Some(found) = locked(tx, wallet)?.filter(|found| found.frozen.is_some()) else {
        return Ok(false);
    };
    accounts::set_frozen(tx, found.account, None)?;
    store::set_frozen_by(tx, wallet, None)?;
    let event = changed(found.customer, "", reason);
    publish(tx, ambient, events::WALLET_UNFROZEN, wallet, &event)?;
    Ok(true)
}

/// Gives a wallet another tier or another granted limit.
pub fn set_tier(
    tx: &mut Tx<'_>,
    policy: &Policy,
    wallet: WalletId,
    tier: Tier,
    granted_minor: i64,
) -> Result<(), MoneyError> {
    if let Some(found) = locked(tx, wallet)? {
        let limits = policy.limits.of(tier, granted_minor);
        accounts::set_limits(tx, found.account, &limits)?;
        store::set_tier(tx, wallet, tier)?;
    }
    Ok(())
}

/// A wallet that nobody else changes until this transaction ends: for whoever looks before a change.
pub fn locked(tx: &mut Tx<'_>, wallet: WalletId) -> Result<Option<Wallet>, MoneyError> {
    let Some(found) = store::by_id(tx, wallet)? else {
        return Ok(None);
    };
    accounts::lock_ledger(tx)?;
    accounts::load_locked(tx, &[found.account])?;
    store::by_id(tx, wallet)
}

fn payee(tx: &mut Tx<'_>, payer_account: i64, wallet: Wallet) -> Result<Payee, MoneyError> {
    let known = paid_before(tx, payer_account, wallet.account)?;
    Ok(Payee {
        wallet: wallet.id,
        account: wallet.account,
        number: wallet.number,
        customer: wallet.customer,
        display_name: if known {
            wallet.name.clone()
        } else {
            masked_name(&wallet.name)
        },
        full_name: wallet.name,
        known,
    })
}

fn insert_under_free_number(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: WalletId,
    account: i64,
    new: &NewWallet<'_>,
) -> Result<WalletNumber, MoneyError> {
    for _ in 0..NUMBER_TRIES {
        let number = WalletNumber::draw(&ambient.rng);
        if store::insert(tx, id, &number, account, new, ambient.now())? {
            return Ok(number);
        }
    }
    Err(MoneyError::NoFreeNumber { tries: NUMBER_TRIES })
}

fn changed(customer: CustomerId, by: &str, reason: &str) -> events::WalletChanged {
    events::WalletChanged {
        customer: customer.to_string(),
        by: by.into(),
        reason: reason.into(),
    }
}

fn publish(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    topic: &'static str,
    wallet: WalletId,
    event: &events::WalletChanged,
) -> Result<(), MoneyError> {
    Ok(outbox::publish(
        tx,
        ambient,
        topic,
        &wallet.0,
        &events::body(event),
    )?)
}
