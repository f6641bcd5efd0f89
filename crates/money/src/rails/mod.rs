//! Money from and to banks. The only rail so far is simulated: the bank has already said yes.

use crate::accounts::{self, Account, AccountKind, rail_account};
use crate::limits::Limits;
use crate::payments::{self, Answer, Channel, IdempotencyKey, Kind, Order};
use crate::{MoneyError, Policy};
use ::store::Tx;
use base::{Ambient, Amount, Currency};
use sha2::{Digest, Sha256};

/// Keys of the rail's own orders are scoped to it.
const RAIL_CALLER: [u8; 16] = *b"rail simulated 1";

/// Puts money into a wallet. The same `reference` of the rail never does it twice: a repeat gets the
/// first answer, and another amount under it is refused.
pub fn top_up(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &Policy,
    reference: &IdempotencyKey,
    account: i64,
    amount: Amount,
) -> Result<Answer, MoneyError> {
    ensure_rail(tx, amount.currency)?;
    let order = top_up_order(reference, account, amount);
    let mut answers = payments::pay_all(tx, ambient, policy, std::slice::from_ref(&order))?;
    answers.pop().ok_or(MoneyError::NoAccount { account })
}

/// The order that [`top_up`] pays, for those who put it through the gatherer; the rail's account
/// must be there already, see [`ensure_rail`].
pub fn top_up_order(reference: &IdempotencyKey, account: i64, amount: Amount) -> Order {
    let mut request = Sha256::new();
    request.update(account.to_be_bytes());
    request.update(amount.minor.to_be_bytes());
    request.update(amount.currency.code());
    Order {
        caller: RAIL_CALLER,
        key: reference.clone(),
        request_hash: request.finalize().into(),
        payer_account: rail_account(amount.currency),
        payee_account: account,
        amount,
        note: String::new(),
        channel: Channel::Api,
        second_factor: true,
        kind: Kind::TopUp,
    }
}

/// Opens the currency's rail account if it is not there.
pub fn ensure_rail(tx: &mut Tx<'_>, currency: Currency) -> Result<(), MoneyError> {
    let id = rail_account(currency);
    if accounts::load(tx, &[id])?.is_empty() {
        accounts::insert(tx, &[rail(currency)])?;
    }
    Ok(())
}

pub(crate) fn rail(currency: Currency) -> Account {
    let none = Limits {
        payment_minor: 0,
        day_minor: 0,
        year_minor: 0,
        balance_minor: 0,
    };
    Account::new(rail_account(currency), AccountKind::Rail, currency, none, 0)
}
