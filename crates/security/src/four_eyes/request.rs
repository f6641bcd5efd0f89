use crate::staff::Permission;
use base::{StaffId, Timestamp};
use std::str::FromStr;

base::id_type!(
    /// One member's request for a second person.
    RequestId
);

/// What needs two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    ReleasePayment,
    VoidPayment,
    UnfreezeWallet,
    ActivateReferred,
    DeclineReferred,
    ChangePhone,
    /// Give a member of staff a first password and take their authenticator away.
    ResetStaff,
}

impl Action {
    pub const ALL: [Self; 7] = [
        Self::ReleasePayment,
        Self::VoidPayment,
        Self::UnfreezeWallet,
        Self::ActivateReferred,
        Self::DeclineReferred,
        Self::ChangePhone,
        Self::ResetStaff,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::ReleasePayment => "release_payment",
            Self::VoidPayment => "void_payment",
            Self::UnfreezeWallet => "unfreeze_wallet",
            Self::ActivateReferred => "activate_referred",
            Self::DeclineReferred => "decline_referred",
            Self::ChangePhone => "change_phone",
            Self::ResetStaff => "reset_staff",
        }
    }

    /// What whoever asks for it must be allowed. It is shown to them alone.
    pub fn asked_with(self) -> Permission {
        match self {
            Self::ResetStaff => Permission::ManageStaff,
            _ => Permission::RequestActions,
        }
    }

    /// What the second person must be allowed.
    pub fn decided_with(self) -> Permission {
        match self {
            Self::ResetStaff => Permission::ManageStaff,
            _ => Permission::ApproveActions,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown action {0:?}")]
pub struct UnknownAction(pub String);

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        Self::ALL
            .into_iter()
            .find(|action| action.code() == text)
            .ok_or_else(|| UnknownAction(text.into()))
    }
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub action: Action,
    /// The id of what is acted upon.
    pub subject: &'a str,
    /// Comes back with the approval.
    pub payload: &'a str,
    pub reason: &'a str,
    /// When its subject has an end of its own: a request does not outlive it.
    pub ends_by: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub id: RequestId,
    pub action: Action,
    /// The id of what is acted upon.
    pub subject: String,
    /// What the caller needs to act, in the caller's own format.
    pub payload: String,
    pub reason: String,
    pub requested_by: StaffId,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A request that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    pub request: Request,
    pub ended: Ended,
    /// Nobody, when it expired or was overtaken.
    pub by: Option<StaffId>,
    pub at: Timestamp,
    /// Why it was refused; empty otherwise.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Approved,
    Refused,
    Withdrawn,
    Expired,
    /// Its subject ended without it.
    Overtaken,
}

impl Ended {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Overtaken => "overtaken",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        [
            Self::Approved,
            Self::Refused,
            Self::Withdrawn,
            Self::Expired,
            Self::Overtaken,
        ]
        .into_iter()
        .find(|ended| ended.code() == code)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    Requested(RequestId),
    /// The same action on the same subject waits already.
    AlreadyOpen,
    ReasonMissing,
    /// Its subject has ended.
    TooLate,
    /// The role may not ask for this.
    NotAllowed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    Approved(Request),
    Refused(Request),
    /// A refusal says why.
    ReasonMissing,
    /// Who asked cannot decide.
    SamePerson,
    /// Who asked has left or may no longer ask for it: it has ended, as withdrawn.
    AskerGone(Request),
    NotAllowed,
    AlreadyDone,
    Expired,
    NotFound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    Withdrawn,
    NotYours,
    AlreadyDone,
    NotFound,
}
