use super::decision::Outcome;
use super::draft::CallTime;
use super::reason::Reason;
use super::state::{ApplicationEvent, ApplicationState};
use base::{ApplicationId, CustomerId, Language, PhoneNumber, Timestamp};
use jiff::civil::Date;
use std::fmt;

/// A request for a wallet, as stored. The document's number is not among the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    pub id: ApplicationId,
    pub state: ApplicationState,
    /// Counted from 0: how often documents were supplied and the checks asked again.
    pub round: i64,
    pub name: String,
    pub phone: PhoneNumber,
    pub email: Option<String>,
    pub language: Language,
    pub zone: String,
    /// The time that the applicant booked for our call.
    pub call_time: Option<CallTime>,
    pub birth_date: Date,
    pub document_kind: String,
    pub document_issuer: String,
    pub document_masked: String,
    /// Income a month.
    pub income_minor: i64,
    /// The limit asked for, on payments a year.
    pub requested_limit_minor: i64,
    pub submitted_at: Timestamp,
    pub changed_at: Timestamp,
    pub grant: Option<Grant>,
    /// Of the latest decision, with its figures.
    pub reasons: Vec<Reason>,
    pub rule_version: Option<i64>,
    /// Calls did not get through: the number may be wrong.
    pub number_doubted: bool,
    pub unreachable_rounds: i64,
    /// Rounds of calls asked for so far; each is announced once.
    pub call_rounds: i64,
    pub phone_corrections: i64,
    pub documents_supplied: bool,
    /// An earlier application with this document was disowned on the telephone.
    pub security_mark: bool,
    /// The person we called had not applied.
    pub disowned: bool,
    pub appealed_at: Option<Timestamp>,
    /// Declined: not before this may the same person apply again.
    pub reapply_from: Option<Timestamp>,
    pub customer: Option<CustomerId>,
}

/// What an applicant gets once the call confirms it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub limit_minor: i64,
    /// 1 or 2: the class of the payment account.
    pub tier: i64,
}

/// How a verb on an application ended. All are final answers, none is a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    Done(ApplicationState),
    /// It had happened before; nothing changed.
    Already,
    /// It cannot happen in this state, or its bound is used up.
    NotNow(ApplicationState),
    NotFound,
}

/// One line of an application's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub event: ApplicationEvent,
    /// The state after it.
    pub state: ApplicationState,
    /// For staff: what the event itself does not say. No personal data.
    pub note: String,
    pub at: Timestamp,
}

/// One concluded check, for staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRecord {
    pub round: i64,
    pub opinion: crate::checks::Opinion,
    pub attempts: i64,
    pub error: Option<String>,
    pub at: Timestamp,
}

base::id_type!(
    /// One supplied file.
    FileId
);

/// A supplied file in a list; its content stays sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    pub id: FileId,
    pub kind: FileKind,
    /// What its first bytes were when it came.
    pub media_type: String,
    /// Octets, seal included.
    pub length: i64,
    pub at: Timestamp,
}

/// A file that the applicant supplied, in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct SuppliedFile {
    pub kind: FileKind,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    IdentityDocument,
    IncomeProof,
    Other,
    /// The grounds of an objection, as text.
    Objection,
}

/// Personal data never reaches a log by way of `{:?}`.
impl fmt::Debug for SuppliedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SuppliedFile({:?}, {}, {} octets)",
            self.kind,
            self.media_type,
            self.bytes.len()
        )
    }
}

impl FileKind {
    pub const ALL: [Self; 4] = [
        Self::IdentityDocument,
        Self::IncomeProof,
        Self::Other,
        Self::Objection,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::IdentityDocument => "identity_document",
            Self::IncomeProof => "income_proof",
            Self::Other => "other",
            Self::Objection => "objection",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Grant {
    pub fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Grant { limit_minor, tier } => Some(Self { limit_minor, tier }),
            Outcome::Refer | Outcome::Decline | Outcome::NeedDocuments => None,
        }
    }
}
