//! The states of an application and what may happen in each: the whole table is one function.

use base::Language;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApplicationState {
    /// Being filled in; lives in the applicant's browser, never in the database.
    Draft,
    /// Received; the checks wait for a worker.
    Submitted,
    /// The outside checks are under way.
    Screening,
    /// The applicant is asked for documents or a corrected name.
    MoreDocuments,
    /// Granted, if the person at the number says that they applied.
    Callback,
    /// A person decides.
    Referred,
    /// The customer exists; `money` opens the wallet.
    Activated,
    Declined,
    Withdrawn,
}

/// What can happen to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApplicationEvent {
    Submit,
    ChecksBegan,
    Granted,
    DocumentsWanted,
    DocumentsSupplied,
    ReferredToStaff,
    Refused,
    CallConfirmed,
    CallDenied,
    /// Attempts ran out without reaching the applicant.
    CallUnreachable,
    /// The applicant corrected the number or asked for another round of calls.
    CallAgain,
    /// Staff let the application go on to its call.
    StaffApproved,
    /// Staff verified the person themselves, without a call.
    StaffActivated,
    StaffDeclined,
    /// Staff ask the applicant for a document before they decide.
    StaffWantsDocuments,
    /// What staff asked for has come: it goes back to them, not to the machine.
    SuppliedToStaff,
    Withdraw,
    /// Nobody acted for too long.
    Lapsed,
    Appeal,
}

use ApplicationEvent as E;
use ApplicationState as S;

impl ApplicationState {
    pub const ALL: [Self; 9] = [
        S::Draft,
        S::Submitted,
        S::Screening,
        S::MoreDocuments,
        S::Callback,
        S::Referred,
        S::Activated,
        S::Declined,
        S::Withdrawn,
    ];

    /// The state after an event; `None` where the event cannot happen.
    pub fn next(self, event: ApplicationEvent) -> Option<Self> {
        match (self, event) {
            (S::Draft, E::Submit) => Some(S::Submitted),
            (S::Submitted, E::ChecksBegan) => Some(S::Screening),
            (S::Screening, E::Granted) => Some(S::Callback),
            (S::Screening, E::DocumentsWanted) => Some(S::MoreDocuments),
            (S::Screening, E::Refused) => Some(S::Declined),
            (S::Screening, E::ReferredToStaff) => Some(S::Referred),
            (S::MoreDocuments, E::DocumentsSupplied) => Some(S::Submitted),
            (S::Callback, E::CallConfirmed) => Some(S::Activated),
            (S::Callback, E::CallDenied) => Some(S::Withdrawn),
            (S::Callback, E::CallUnreachable | E::CallAgain) => Some(S::Callback),
            (S::Callback, E::ReferredToStaff) => Some(S::Referred),
            (S::Referred, E::StaffApproved) => Some(S::Callback),
            (S::Referred, E::StaffActivated) => Some(S::Activated),
            (S::Referred, E::StaffDeclined) => Some(S::Declined),
            (S::Referred, E::StaffWantsDocuments) => Some(S::MoreDocuments),
            (S::MoreDocuments, E::SuppliedToStaff) => Some(S::Referred),
            (S::Submitted | S::Screening | S::MoreDocuments | S::Callback | S::Referred, E::Withdraw) => {
                Some(S::Withdrawn)
            }
            (S::MoreDocuments | S::Callback, E::Lapsed) => Some(S::Withdrawn),
            // The one way out of a refusal: a person looks again, once.
            (S::Declined, E::Appeal) => Some(S::Referred),
            (
                S::Draft
                | S::Submitted
                | S::Screening
                | S::MoreDocuments
                | S::Callback
                | S::Referred
                | S::Activated
                | S::Declined
                | S::Withdrawn,
                _,
            ) => None,
        }
    }

    /// Nothing is pending: no check, no call, no person.
    pub fn is_ended(self) -> bool {
        matches!(self, S::Activated | S::Declined | S::Withdrawn)
    }

    /// The word in the database and in the API.
    pub fn word(self) -> &'static str {
        match self {
            S::Draft => "draft",
            S::Submitted => "submitted",
            S::Screening => "screening",
            S::MoreDocuments => "more_documents",
            S::Callback => "callback",
            S::Referred => "referred",
            S::Activated => "activated",
            S::Declined => "declined",
            S::Withdrawn => "withdrawn",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The heading of the progress page.
    pub fn text(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            S::Draft => ("填写中", "Not sent yet"),
            S::Submitted => ("已收到", "Received"),
            S::Screening => ("核验中", "Being checked"),
            S::MoreDocuments => ("需要补充资料", "We need something more"),
            S::Callback => ("等待我们来电", "Expect our call"),
            S::Referred => ("人工审核中", "With our staff"),
            S::Activated => ("已开通", "Opened"),
            S::Declined => ("未通过", "Declined"),
            S::Withdrawn => ("已撤回", "Withdrawn"),
        };
        match language {
            Language::ZhHans => chinese,
            Language::En => english,
        }
    }
}

impl ApplicationEvent {
    pub const ALL: [Self; 19] = [
        E::Submit,
        E::ChecksBegan,
        E::Granted,
        E::DocumentsWanted,
        E::DocumentsSupplied,
        E::ReferredToStaff,
        E::Refused,
        E::CallConfirmed,
        E::CallDenied,
        E::CallUnreachable,
        E::CallAgain,
        E::StaffApproved,
        E::StaffActivated,
        E::StaffDeclined,
        E::StaffWantsDocuments,
        E::SuppliedToStaff,
        E::Withdraw,
        E::Lapsed,
        E::Appeal,
    ];

    /// The word in the application's history.
    pub fn word(self) -> &'static str {
        match self {
            E::Submit => "submit",
            E::ChecksBegan => "checks_began",
            E::Granted => "granted",
            E::DocumentsWanted => "documents_wanted",
            E::DocumentsSupplied => "documents_supplied",
            E::ReferredToStaff => "referred_to_staff",
            E::Refused => "refused",
            E::CallConfirmed => "call_confirmed",
            E::CallDenied => "call_denied",
            E::CallUnreachable => "call_unreachable",
            E::CallAgain => "call_again",
            E::StaffApproved => "staff_approved",
            E::StaffActivated => "staff_activated",
            E::StaffDeclined => "staff_declined",
            E::StaffWantsDocuments => "staff_wants_documents",
            E::SuppliedToStaff => "supplied_to_staff",
            E::Withdraw => "withdraw",
            E::Lapsed => "lapsed",
            E::Appeal => "appeal",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.word() == word)
    }
}
