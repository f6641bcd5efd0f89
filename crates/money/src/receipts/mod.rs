//! What a payer or payee can show of a posted payment.

use crate::payments::{self, EndedBy, Kind, Party, Payment, PaymentState, ReleasedBy};
use crate::wallets::other_name;
use crate::{MoneyError, WalletNumber};
use ::store::Tx;
use base::{Amount, PaymentId, Timestamp};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub payment: PaymentId,
    pub kind: Kind,
    pub amount: Amount,
    pub ordered_at: Timestamp,
    pub posted_at: Timestamp,
    pub payer: ReceiptParty,
    pub payee: ReceiptParty,
    pub note: String,
    pub confirmed: Confirmed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptParty {
    /// The reader's own in full, the other's as [`other_name`] has it.
    pub name: String,
    /// `None` for a bank.
    pub number: Option<WalletNumber>,
}

/// How the payer's will was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    AtOnce,
    /// On a call, then signed in the app.
    App,
    /// On a call, by its keypad.
    Keypad,
    Staff,
}

/// The receipt of a posted payment for one of its two sides; `None` for anyone else and for a
/// payment that is not posted.
pub fn receipt(
    tx: &mut Tx<'_>,
    payment: PaymentId,
    reader_account: i64,
) -> Result<Option<Receipt>, MoneyError> {
    let reads = |row: &Payment| row.payer.account == reader_account || row.payee.account == reader_account;
    let posted = |row: &Payment| row.state == PaymentState::Posted && reads(row);
    let Some(row) = payments::get(tx, payment)?.filter(posted) else {
        return Ok(None);
    };
    let other = other_name(tx, &row, reader_account)?;
    Ok(Some(of(&row, reader_account, &other)))
}

fn of(row: &Payment, reader_account: i64, other: &str) -> Receipt {
    let end = row.hold.as_ref().and_then(|hold| hold.ended.as_ref());
    let confirmed = match end.map(|end| end.by) {
        None | Some(EndedBy::Voided(_)) => Confirmed::AtOnce,
        Some(EndedBy::Released(ReleasedBy::CustomerApp { .. })) => Confirmed::App,
        Some(EndedBy::Released(ReleasedBy::CustomerKeypad(_))) => Confirmed::Keypad,
        Some(EndedBy::Released(ReleasedBy::Staff(..))) => Confirmed::Staff,
    };
    Receipt {
        payment: row.id,
        kind: row.kind,
        amount: row.amount,
        ordered_at: row.created_at,
        posted_at: end.map_or(row.created_at, |end| end.at),
        payer: party(&row.payer, reader_account, other),
        payee: party(&row.payee, reader_account, other),
        note: row.note.clone(),
        confirmed,
    }
}

fn party(party: &Party, reader_account: i64, other: &str) -> ReceiptParty {
    let own = party.account == reader_account;
    ReceiptParty {
        name: if own { party.name() } else { other }.to_owned(),
        number: party.wallet.as_ref().map(|wallet| wallet.number.clone()),
    }
}
