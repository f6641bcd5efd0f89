use super::{Assessment, MAX_REASONS, Reason, ReasonCode, Verdict};
use std::fmt::Write;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an assessment: {0:?}")]
pub struct BadAssessment(pub String);

impl Assessment {
    /// `1 hold 660 habit:410:125000:27000 new_payee:250:0:0`: policy version, verdict, score,
    /// then each reason with its points, this payment's figure and the usual one.
    pub fn encode(&self) -> String {
        let mut text = String::with_capacity(16 + 32 * self.reasons.len());
        let verdict = self.verdict.code();
        // Writing to a String cannot fail.
        let _ = write!(text, "{} {verdict} {}", self.rule_version, self.score_permille);
        for reason in &self.reasons {
            let code = reason.code.code();
            let _ = write!(text, " {code}:{}:{}:{}", reason.points, reason.this, reason.usual);
        }
        text
    }

    pub fn decode(text: &str) -> Result<Self, BadAssessment> {
        parse(text).ok_or_else(|| BadAssessment(text.into()))
    }
}

fn parse(text: &str) -> Option<Assessment> {
    let mut words = text.split(' ');
    let rule_version = words.next()?.parse().ok()?;
    let verdict = Verdict::from_code(words.next()?)?;
    let score_permille = words.next()?.parse().ok()?;
    let reasons: Vec<Reason> = words.map(parse_reason).collect::<Option<_>>()?;
    (reasons.len() <= MAX_REASONS).then_some(Assessment {
        verdict,
        score_permille,
        reasons,
        rule_version,
    })
}

fn parse_reason(word: &str) -> Option<Reason> {
    let mut parts = word.split(':');
    let code = ReasonCode::from_code(parts.next()?)?;
    let mut figure = || parts.next()?.parse().ok();
    Some(Reason {
        code,
        points: figure()?,
        this: figure()?,
        usual: figure()?,
    })
}

impl Verdict {
    pub const ALL: [Self; 4] = [Self::Approve, Self::Challenge, Self::HoldAndCall, Self::Refuse];

    pub fn code(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Challenge => "challenge",
            Self::HoldAndCall => "hold",
            Self::Refuse => "refuse",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }
}

impl ReasonCode {
    pub const ALL: [Self; 13] = [
        Self::AboveHabit,
        Self::NoHabitYet,
        Self::NewPayee,
        Self::FreshPayee,
        Self::UnprovenPayee,
        Self::ManyInTenMinutes,
        Self::ManyInADay,
        Self::MuchInADay,
        Self::BusyLine,
        Self::FailedSecondFactor,
        Self::WrongKeys,
        Self::Night,
        Self::SecondFactorNeeded,
    ];

    /// What storage and the API call it.
    pub fn code(self) -> &'static str {
        match self {
            Self::AboveHabit => "above_habit",
            Self::NoHabitYet => "no_habit_yet",
            Self::NewPayee => "new_payee",
            Self::FreshPayee => "fresh_payee",
            Self::UnprovenPayee => "unproven_payee",
            Self::ManyInTenMinutes => "many_in_ten_minutes",
            Self::ManyInADay => "many_in_a_day",
            Self::MuchInADay => "much_in_a_day",
            Self::BusyLine => "busy_line",
            Self::FailedSecondFactor => "failed_second_factor",
            Self::WrongKeys => "wrong_keys",
            Self::Night => "night",
            Self::SecondFactorNeeded => "second_factor_needed",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}
