//! The calls that ask whether something was the person who answers: their application, their
//! number. Whoever hears of the answer hears it by an event, in the commit that concludes the case.

use super::{Rules, later};
use crate::CallsError;
use crate::attempts::Begun;
use crate::cases::{self, CaseOutcome, Happening};
use crate::scripts::{Act, Outcome};
use base::Ambient;
use store::Tx;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
}

/// `answer` says who hears of it and what is decided by it.
pub(super) fn perform(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rules: &Rules<'_>,
    begun: &Begun,
    act: Act,
    answer: impl Fn(&mut Tx<'_>, Answer) -> Result<Outcome, CallsError>,
) -> Result<Outcome, CallsError> {
    match act {
        Act::RecordDetails => {
            let (case, call) = (begun.case.id, begun.attempt.id);
            cases::note(tx, ambient, case, Some(call), Happening::DetailsPlayed, "")?;
            Ok(Outcome::Recorded)
        }
        Act::Confirm => answer(tx, Answer::Yes),
        Act::Deny => answer(tx, Answer::No),
        Act::Later => later(tx, ambient, rules, begun),
        Act::KeypadRule | Act::Release | Act::Stop => Ok(Outcome::Trouble),
    }
}

/// Writes the answer down and ends the case with it.
pub(super) fn conclude(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    begun: &Begun,
    answer: Answer,
) -> Result<Outcome, CallsError> {
    let (case, call) = (begun.case.id, begun.attempt.id);
    let happening = match answer {
        Answer::Yes => Happening::Confirmed,
        Answer::No => Happening::Denied,
    };
    cases::note(tx, ambient, case, Some(call), happening, "")?;
    cases::conclude(tx, ambient, case, answer.case_outcome())?;
    Ok(answer.outcome())
}

impl Answer {
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Yes => Outcome::Confirmed,
            Self::No => Outcome::Denied,
        }
    }

    pub fn case_outcome(self) -> CaseOutcome {
        match self {
            Self::Yes => CaseOutcome::Confirmed,
            Self::No => CaseOutcome::Stopped,
        }
    }
}
