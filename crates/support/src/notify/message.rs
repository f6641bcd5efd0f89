use base::{Amount, Currency, Timestamp};
use serde::{Deserialize, Serialize};

/// What happened, with what must be said about it. Stored sealed and put into words when shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    PaymentHeld {
        #[serde(with = "amount")]
        amount: Amount,
        payee: String,
        #[serde(with = "moment")]
        until: Timestamp,
    },
    /// The same where there is no telephone line: two members of staff decide.
    PaymentHeldForStaff {
        #[serde(with = "amount")]
        amount: Amount,
        payee: String,
        #[serde(with = "moment")]
        until: Timestamp,
    },
    /// It is on hold, and nobody calls about it any more.
    NoCallComes {
        #[serde(with = "amount")]
        amount: Amount,
        payee: String,
        #[serde(with = "moment")]
        until: Timestamp,
    },
    PaymentPosted {
        #[serde(with = "amount")]
        amount: Amount,
        payee: String,
    },
    PaymentVoided {
        #[serde(with = "amount")]
        amount: Amount,
        payee: String,
        by: VoidedBy,
    },
    MoneyReceived {
        #[serde(with = "amount")]
        amount: Amount,
        payer: String,
    },
    /// We are about to call. The page behind the link says from which number, to anybody.
    CallComing {
        notice_link: String,
    },
    /// We could not reach the customer.
    MissedCall {
        notice_link: String,
    },
    ApplicationReceived {
        progress_link: String,
    },
    MoreDocuments {
        progress_link: String,
    },
    /// The link signs in once and is this message's secret.
    ApplicationApproved {
        welcome_link: String,
    },
    ApplicationDeclined {
        progress_link: String,
    },
    WalletFrozen {
        /// By the switch, which the customer lifts alone.
        by_customer: bool,
    },
    /// With a payment that the customer stopped, in the app or on a call.
    WalletFrozenByStop,
    WalletUnfrozen,
    NewSignIn {
        device: String,
        #[serde(with = "moment")]
        at: Timestamp,
    },
    PasswordChanged,
    SecondFactorChanged,
    /// The network says that the number on file does not exist.
    NumberFailed {
        /// Masked.
        number: String,
        /// It said so again: nobody calls there any more.
        wrong: bool,
    },
    NumberChanged {
        /// The new one, masked.
        number: String,
    },
}

/// Who or what stopped a held payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoidedBy {
    Customer,
    /// Nobody confirmed it in time.
    Deadline,
    Staff,
    /// The wallet was frozen.
    Freeze,
}

impl Message {
    /// A stable name, for rows and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PaymentHeld { .. } => "payment_held",
            Self::PaymentHeldForStaff { .. } => "payment_held_for_staff",
            Self::NoCallComes { .. } => "no_call_comes",
            Self::PaymentPosted { .. } => "payment_posted",
            Self::PaymentVoided { .. } => "payment_voided",
            Self::MoneyReceived { .. } => "money_received",
            Self::CallComing { .. } => "call_coming",
            Self::MissedCall { .. } => "missed_call",
            Self::ApplicationReceived { .. } => "application_received",
            Self::MoreDocuments { .. } => "more_documents",
            Self::ApplicationApproved { .. } => "application_approved",
            Self::ApplicationDeclined { .. } => "application_declined",
            Self::WalletFrozen { .. } => "wallet_frozen",
            Self::WalletFrozenByStop => "wallet_frozen_by_stop",
            Self::WalletUnfrozen => "wallet_unfrozen",
            Self::NewSignIn { .. } => "new_sign_in",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorChanged => "second_factor_changed",
            Self::NumberFailed { .. } => "number_failed",
            Self::NumberChanged { .. } => "number_changed",
        }
    }

    /// Whether it leaves the app whatever the customer prefers: somebody may be acting in their
    /// name, or waits for them.
    pub fn is_vital(&self) -> bool {
        match self {
            Self::PaymentPosted { .. } | Self::MoneyReceived { .. } | Self::WalletUnfrozen => false,
            Self::PaymentHeld { .. }
            | Self::PaymentHeldForStaff { .. }
            | Self::NoCallComes { .. }
            | Self::PaymentVoided { .. }
            | Self::CallComing { .. }
            | Self::MissedCall { .. }
            | Self::ApplicationReceived { .. }
            | Self::MoreDocuments { .. }
            | Self::ApplicationApproved { .. }
            | Self::ApplicationDeclined { .. }
            | Self::WalletFrozen { .. }
            | Self::WalletFrozenByStop
            | Self::NewSignIn { .. }
            | Self::PasswordChanged
            | Self::SecondFactorChanged
            | Self::NumberFailed { .. }
            | Self::NumberChanged { .. } => true,
        }
    }
}

mod amount {
    use super::{Amount, Currency};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(amount: &Amount, to: S) -> Result<S::Ok, S::Error> {
        (amount.minor, amount.currency).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Amount, D::Error> {
        let (minor, currency): (i64, Currency) = Deserialize::deserialize(from)?;
        Ok(Amount::new(minor, currency))
    }
}

mod moment {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        at.as_us().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp)
    }
}
