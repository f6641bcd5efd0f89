//! The outcome of scoring one payment: a verdict, a score and the reasons a person can read.

mod codec;
#[cfg(test)]
mod tests;
mod text;

pub use codec::BadAssessment;

/// An assessment names at most this many reasons, the heaviest.
pub const MAX_REASONS: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Approve,
    /// Needs a second factor.
    Challenge,
    HoldAndCall,
    Refuse,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    pub verdict: Verdict,
    /// 0..=999; higher is riskier.
    pub score_permille: i64,
    /// Heaviest first. Never empty unless the verdict is [`Verdict::Approve`].
    pub reasons: Vec<Reason>,
    /// The version of the policy that decided.
    pub rule_version: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReasonCode {
    AboveHabit,
    NoHabitYet,
    NewPayee,
    FreshPayee,
    UnprovenPayee,
    ManyInTenMinutes,
    ManyInADay,
    MuchInADay,
    BusyLine,
    FailedSecondFactor,
    WrongKeys,
    Night,
    SecondFactorNeeded,
}

/// Why the score is what it is, with the figure of this payment beside the usual one; what the
/// figures are (minor units, counts, minutes) depends on the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reason {
    pub code: ReasonCode,
    /// What it adds to the score, in permille.
    pub points: i64,
    pub this: i64,
    pub usual: i64,
}
