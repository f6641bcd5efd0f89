//! What other rooms may hear about. Bodies are JSON.

/// Subject: the payment. Body: [`PaymentHeld`].
pub const PAYMENT_HELD: &str = "money.payment_held";
/// Its deadline was moved. Subject: the payment. Body: an empty object.
pub const PAYMENT_EXTENDED: &str = "money.payment_extended";
/// Subject: the payment. Body: [`PaymentEnded`].
pub const PAYMENT_POSTED_AFTER_HOLD: &str = "money.payment_posted_after_hold";
/// Subject: the payment. Body: [`PaymentEnded`].
pub const PAYMENT_VOIDED: &str = "money.payment_voided";
/// Subject: the wallet. Body: [`WalletChanged`]; likewise below.
pub const WALLET_OPENED: &str = "money.wallet_opened";
pub const WALLET_FROZEN: &str = "money.wallet_frozen";
pub const WALLET_UNFROZEN: &str = "money.wallet_unfrozen";

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentHeld {
    pub payer_account: i64,
    pub deadline_us: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEnded {
    pub payer_account: i64,
    pub payee_account: i64,
    /// As [`crate::payments::EndedBy`] writes itself.
    pub by: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletChanged {
    /// Hexadecimal.
    pub customer: String,
    /// Who froze it, as [`crate::wallets::Freezer::of`] reads it; empty for other changes.
    #[serde(default)]
    pub by: String,
    pub reason: String,
}

pub(crate) fn body<T: Serialize>(event: &T) -> String {
    serde_json::to_string(event).expect("an event is plain data")
}
