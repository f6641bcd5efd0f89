//! A payment as it is remembered, and the states it goes through.

use super::{Kind, Outcome, Refusal};
use crate::WalletNumber;
use base::{Amount, CallId, CustomerId, LoginId, PaymentId, StaffId, Timestamp, WalletId};
use risk::{Assessment, Channel};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentState {
    Held,
    Posted,
    Voided,
    /// Refused for its risk; it never held anything.
    Refused,
}

/// What can happen to a payment that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldEvent {
    Release,
    Void,
}

#[derive(Clone, Debug)]
pub struct Payment {
    pub id: PaymentId,
    pub kind: Kind,
    pub state: PaymentState,
    pub payer: Party,
    pub payee: Party,
    pub amount: Amount,
    pub note: String,
    pub channel: Channel,
    pub created_at: Timestamp,
    /// `None` for top-ups.
    pub assessment: Option<Assessment>,
    /// Of a payment that is or was held.
    pub hold: Option<Hold>,
}

/// One side of a payment. A bank's rail has no wallet.
#[derive(Clone, Debug)]
pub struct Party {
    pub account: i64,
    pub wallet: Option<PartyWallet>,
}

#[derive(Clone, Debug)]
pub struct PartyWallet {
    pub id: WalletId,
    pub number: WalletNumber,
    pub customer: CustomerId,
    /// In full: mask it before a stranger sees it.
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub deadline: Timestamp,
    /// The deadline was moved once, as it may be.
    pub extended: bool,
    /// The call that has spoken amount and payee in full, and when.
    pub details_played: Option<(CallId, Timestamp)>,
    pub ended: Option<HoldEnd>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldEnd {
    pub at: Timestamp,
    pub by: EndedBy,
    pub reason: Option<String>,
}

/// Who confirmed a held payment, and by what evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleasedBy {
    /// The single-use proof that binds payment, amount and payee.
    CustomerApp {
        proof: [u8; 16],
    },
    CustomerKeypad(CallId),
    /// Who asked, who agreed.
    Staff(StaffId, StaffId),
}

/// Who stopped a held payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidedBy {
    CustomerApp(LoginId),
    CustomerCall(CallId),
    Staff(StaffId, StaffId),
    /// The wallet was frozen.
    Freeze,
    Deadline,
}

/// How a hold ended, with the evidence of who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    Released(ReleasedBy),
    Voided(VoidedBy),
}

impl PaymentState {
    /// The state of a new payment; an order that is refused otherwise becomes none.
    pub fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Posted(_) => Some(Self::Posted),
            Outcome::Held { .. } => Some(Self::Held),
            Outcome::Refused(Refusal::RiskRefused { .. }) => Some(Self::Refused),
            Outcome::Refused(_) | Outcome::Challenged { .. } | Outcome::KeyReused => None,
        }
    }

    /// Whether the payee has it, or could have it yet when it was made.
    pub fn may_reach_payee(self) -> bool {
        match self {
            Self::Held | Self::Posted | Self::Voided => true,
            Self::Refused => false,
        }
    }

    /// The state after an event; `Err` is the state that the event came too late for.
    pub fn next(self, event: HoldEvent) -> Result<Self, Self> {
        match (self, event) {
            (Self::Held, HoldEvent::Release) => Ok(Self::Posted),
            (Self::Held, HoldEvent::Void) => Ok(Self::Voided),
            (Self::Posted | Self::Voided | Self::Refused, HoldEvent::Release | HoldEvent::Void) => Err(self),
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Posted => "posted",
            Self::Voided => "voided",
            Self::Refused => "refused",
        }
    }

    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Held => 0,
            Self::Posted => 1,
            Self::Voided => 2,
            Self::Refused => 3,
        }
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Held, Self::Posted, Self::Voided, Self::Refused]
            .into_iter()
            .find(|state| state.number() == number)
    }
}

impl Party {
    /// The wallet's name, or the bank for a rail.
    pub fn name(&self) -> &str {
        self.wallet.as_ref().map_or("BANK", |wallet| &wallet.name)
    }
}

/// As it is stored: `app:…`, `keypad:…`, `staff:…:…`, `stopped-app:…`, `stopped-call:…`,
/// `stopped-staff:…:…`, `freeze`, `deadline`.
impl fmt::Display for EndedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Released(ReleasedBy::CustomerApp { proof }) => write!(f, "app:{}", CallId(*proof)),
            Self::Released(ReleasedBy::CustomerKeypad(call)) => write!(f, "keypad:{call}"),
            Self::Released(ReleasedBy::Staff(asked, agreed)) => write!(f, "staff:{asked}:{agreed}"),
            Self::Voided(VoidedBy::CustomerApp(login)) => write!(f, "stopped-app:{login}"),
            Self::Voided(VoidedBy::CustomerCall(call)) => write!(f, "stopped-call:{call}"),
            Self::Voided(VoidedBy::Staff(asked, agreed)) => write!(f, "stopped-staff:{asked}:{agreed}"),
            Self::Voided(VoidedBy::Freeze) => f.write_str("freeze"),
            Self::Voided(VoidedBy::Deadline) => f.write_str("deadline"),
        }
    }
}

impl EndedBy {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let word = parts.next()?;
        let mut id = || Some(parts.next()?.parse::<CallId>().ok()?.0);
        Some(match word {
            "app" => Self::Released(ReleasedBy::CustomerApp { proof: id()? }),
            "keypad" => Self::Released(ReleasedBy::CustomerKeypad(CallId(id()?))),
            "staff" => Self::Released(ReleasedBy::Staff(StaffId(id()?), StaffId(id()?))),
            "stopped-app" => Self::Voided(VoidedBy::CustomerApp(LoginId(id()?))),
            "stopped-call" => Self::Voided(VoidedBy::CustomerCall(CallId(id()?))),
            "stopped-staff" => Self::Voided(VoidedBy::Staff(StaffId(id()?), StaffId(id()?))),
            "freeze" => Self::Voided(VoidedBy::Freeze),
            "deadline" => Self::Voided(VoidedBy::Deadline),
            _ => return None,
        })
    }
}
