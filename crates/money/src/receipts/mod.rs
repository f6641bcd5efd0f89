//! What a payer or payee can show of a posted payment.

use crate::payments::{self, EndedBy, Kind, Party, Payment, PaymentState, ReleasedBy};
use crate::wallets::masked_name;
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
    /// The reader's own name in full, the other's masked.
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
    let row = payments::get(tx, payment)?;
    Ok(row.and_then(|row| of(&row, reader_account)))
}

fn of(row: &Payment, reader_account: i64) -> Option<Receipt> {
    let reads = row.payer.account == reader_account || row.payee.account == reader_account;
    if row.state != PaymentState::Posted || !reads {
        return None;
    }
    let end = row.hold.as_ref().and_then(|hold| hold.ended.as_ref());
    let confirmed = match end.map(|end| end.by) {
        None | Some(EndedBy::Voided(_)) => Confirmed::AtOnce,
        Some(EndedBy::Released(ReleasedBy::CustomerApp { .. })) => Confirmed::App,
        Some(EndedBy::Released(ReleasedBy::CustomerKeypad(_))) => Confirmed::Keypad,
        Some(EndedBy::Released(ReleasedBy::Staff(..))) => Confirmed::Staff,
    };
    Some(Receipt {
        payment: row.id,
        kind: row.kind,
        amount: row.amount,
        ordered_at: row.created_at,
        posted_at: end.map_or(row.created_at, |end| end.at),
        payer: party(&row.payer, reader_account),
        payee: party(&row.payee, reader_account),
        note: row.note.clone(),
        confirmed,
    })
}

fn party(party: &Party, reader_account: i64) -> ReceiptParty {
    let own = party.account == reader_account || party.wallet.is_none();
    ReceiptParty {
        name: if own {
            party.name().into()
        } else {
            masked_name(party.name())
        },
        number: party.wallet.as_ref().map(|wallet| wallet.number.clone()),
    }
}
