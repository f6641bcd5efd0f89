mod reading;
mod speaking;
mod synthesis;

use super::*;
use base::{Amount, Currency};

pub(crate) fn cny(fen: i64) -> Amount {
    Amount::new(fen, Currency::Cny)
}

pub(crate) fn details(fen: i64, name: &str) -> SpokenLine {
    SpokenLine::PaymentDetails {
        amount: cny(fen),
        payee_name: name.into(),
        payee_wallet_last4: "1204".into(),
    }
}
