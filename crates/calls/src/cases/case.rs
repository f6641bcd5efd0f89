use crate::CallPolicy;
use crate::numbers::NumberCheckId;
use base::{ApplicationId, CaseId, CustomerId, PaymentId, Timestamp};

/// Why we must talk to somebody. One payment or application has one case of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseKind {
    ApplicationCallback(ApplicationId),
    PaymentConfirmation(PaymentId),
    /// The customer stopped this payment: staff look into it, no machine calls.
    Security(PaymentId),
    /// The customer asks to be called at a number, which the call verifies.
    NumberCheck(NumberCheckId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseState {
    /// For its next call.
    Waiting,
    /// An attempt is under way.
    Calling,
    /// For a person.
    ForStaff,
    Concluded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseOutcome {
    Confirmed,
    /// Stopped or denied by the customer on the telephone.
    Stopped,
    DecidedElsewhere,
    Unreachable,
    WrongNumber,
    Expired,
    /// The time is over, and our own line never carried a call: nobody was called.
    LineDown,
    /// No call may come before the deadline: the night is too long, or the number was called as
    /// often as it may be.
    NoCallInTime,
    /// The customer agreed each time, but the payee could not receive the payment.
    NotPossible,
    /// A person has dealt with it.
    Handled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub kind: CaseKind,
    /// An application that was not reached may ask for another round of calls: a case of its own.
    pub round: u32,
    /// Absent while a person only applies.
    pub customer: Option<CustomerId>,
    pub state: CaseState,
    /// Higher is called first.
    pub priority: i64,
    pub due: Timestamp,
    /// The next call may come in quiet hours.
    pub any_hour: bool,
    pub deadline: Timestamp,
    /// Attempts that counted.
    pub attempts: u32,
    pub max_attempts: u32,
    pub line_failures: u32,
    pub outcome: Option<CaseOutcome>,
    pub created_at: Timestamp,
    pub concluded_at: Option<Timestamp>,
}

/// What happens to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseEvent {
    AttemptBegun,
    /// The attempt ended, another is planned.
    Planned,
    Concluded,
}

/// The case is in a state in which this cannot happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotThisWay;

impl CaseState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Calling, Self::ForStaff, Self::Concluded];

    pub fn next(self, event: CaseEvent) -> Result<Self, NotThisWay> {
        match (self, event) {
            (Self::Waiting, CaseEvent::AttemptBegun) => Ok(Self::Calling),
            (Self::Calling, CaseEvent::Planned) => Ok(Self::Waiting),
            (Self::Waiting | Self::Calling | Self::ForStaff, CaseEvent::Concluded) => Ok(Self::Concluded),
            (Self::Waiting, CaseEvent::Planned)
            | (Self::Calling | Self::ForStaff, CaseEvent::AttemptBegun)
            | (Self::ForStaff, CaseEvent::Planned)
            | (Self::Concluded, _) => Err(NotThisWay),
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Calling => "calling",
            Self::ForStaff => "for_staff",
            Self::Concluded => "concluded",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl CaseOutcome {
    pub const ALL: [Self; 10] = [
        Self::Confirmed,
        Self::Stopped,
        Self::DecidedElsewhere,
        Self::Unreachable,
        Self::WrongNumber,
        Self::Expired,
        Self::LineDown,
        Self::NoCallInTime,
        Self::NotPossible,
        Self::Handled,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Stopped => "stopped",
            Self::DecidedElsewhere => "decided_elsewhere",
            Self::Unreachable => "unreachable",
            Self::WrongNumber => "wrong_number",
            Self::Expired => "expired",
            Self::LineDown => "line_down",
            Self::NoCallInTime => "no_call_in_time",
            Self::NotPossible => "not_possible",
            Self::Handled => "handled",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

impl CaseKind {
    pub fn code(self) -> &'static str {
        match self {
            Self::ApplicationCallback(_) => "application",
            Self::PaymentConfirmation(_) => "payment",
            Self::Security(_) => "security",
            Self::NumberCheck(_) => "number",
        }
    }

    /// The id of what the case is about.
    pub fn subject(self) -> [u8; 16] {
        match self {
            Self::ApplicationCallback(application) => application.0,
            Self::PaymentConfirmation(payment) | Self::Security(payment) => payment.0,
            Self::NumberCheck(check) => check.0,
        }
    }

    pub(super) fn read(code: &str, subject: [u8; 16]) -> Option<Self> {
        match code {
            "application" => Some(Self::ApplicationCallback(ApplicationId(subject))),
            "payment" => Some(Self::PaymentConfirmation(PaymentId(subject))),
            "security" => Some(Self::Security(PaymentId(subject))),
            "number" => Some(Self::NumberCheck(NumberCheckId(subject))),
            _ => None,
        }
    }
}

impl Case {
    /// What it comes to when its time is over.
    pub fn at_deadline(&self) -> CaseOutcome {
        let nothing_rang = self.attempts == 0 && self.line_failures > 0;
        if nothing_rang && self.state != CaseState::Calling {
            CaseOutcome::LineDown
        } else {
            CaseOutcome::Expired
        }
    }

    /// The time is over, and nobody was called about an application, so nobody was not reached: it
    /// waits on, until it lapses.
    pub(crate) fn wait_on(&mut self, policy: &CallPolicy, now: Timestamp) {
        let nobody_called = self.at_deadline() == CaseOutcome::LineDown;
        if now >= self.deadline && nobody_called && matches!(self.kind, CaseKind::ApplicationCallback(_)) {
            self.deadline = now.plus_ms(policy.application_window_ms);
        }
    }

    /// Until when the customer is known to be awake: they ordered this themselves a moment ago, or
    /// chose the time of the call.
    pub(crate) fn awake_until(
        &self,
        policy: &CallPolicy,
        ordered_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let kept = self.any_hour.then_some(self.due);
        let latest = ordered_at.max(kept);
        latest.map(|at| at.plus_ms(policy.own_payment_ms))
    }

    /// What the schedule wants to know.
    pub fn standing(&self) -> crate::schedule::Standing {
        crate::schedule::Standing {
            attempts: self.attempts,
            max_attempts: self.max_attempts,
            line_failures: self.line_failures,
            deadline: self.deadline,
            awake_until: None,
        }
    }
}
