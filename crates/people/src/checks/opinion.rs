//! What an outside check can say. Stored as JSON beside the application, so that a decision can be
//! replayed; a service that does not answer is an opinion of its own, never a silent gap.

use serde::{Deserialize, Serialize};

/// The outside checks that an application needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    Identity,
    Credit,
}

/// Whether the register knows this document, and for this person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "opinion", rename_all = "snake_case")]
pub enum IdentityOpinion {
    Matches,
    NameDiffers,
    BirthDateDiffers,
    Unknown,
    /// Reported lost, stolen or withdrawn.
    Revoked,
    Unavailable,
}

/// What the credit register keeps on this person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "opinion", rename_all = "snake_case")]
pub enum CreditOpinion {
    Report {
        /// 300 to 950; higher is better.
        score: i64,
        overdue_loans: i64,
        overdue_minor: i64,
        worst_days_overdue: i64,
        /// False where the register's birth date differs from the document's.
        birth_date_agrees: bool,
    },
    NoFile,
    Unavailable,
}

/// One concluded check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    Identity(IdentityOpinion),
    Credit(CreditOpinion),
}

impl CheckKind {
    pub const ALL: [Self; 2] = [Self::Identity, Self::Credit];

    pub fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Credit => "credit",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What is recorded when the service could not be asked.
    pub fn unavailable(self) -> Opinion {
        match self {
            Self::Identity => Opinion::Identity(IdentityOpinion::Unavailable),
            Self::Credit => Opinion::Credit(CreditOpinion::Unavailable),
        }
    }
}

impl Opinion {
    pub fn kind(&self) -> CheckKind {
        match self {
            Self::Identity(_) => CheckKind::Identity,
            Self::Credit(_) => CheckKind::Credit,
        }
    }

    pub fn to_json(&self) -> String {
        let json = match self {
            Self::Identity(opinion) => serde_json::to_string(opinion),
            Self::Credit(opinion) => serde_json::to_string(opinion),
        };
        json.expect("an opinion has only strings, integers and booleans")
    }

    pub fn from_json(kind: CheckKind, json: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            CheckKind::Identity => Self::Identity(serde_json::from_str(json)?),
            CheckKind::Credit => Self::Credit(serde_json::from_str(json)?),
        })
    }
}
