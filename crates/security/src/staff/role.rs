use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Talks to customers on the telephone.
    Agent,
    /// Opens applications at a branch counter.
    Teller,
    /// Decides about held payments and referred applications.
    RiskOfficer,
    /// Leads agents; the second pair of eyes.
    Supervisor,
    /// Manages staff and reads the audit log; touches no customer.
    Administrator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    ViewCases,
    TakeCalls,
    ListenToRecordings,
    ViewCustomers,
    EnterApplications,
    FreezeWallets,
    VoidPayments,
    /// Ask for an action that needs a second person.
    RequestActions,
    /// Be that second person.
    ApproveActions,
    ManageStaff,
    ReadAuditLog,
}

impl Permission {
    pub const ALL: [Self; 11] = [
        Self::ViewCases,
        Self::TakeCalls,
        Self::ListenToRecordings,
        Self::ViewCustomers,
        Self::EnterApplications,
        Self::FreezeWallets,
        Self::VoidPayments,
        Self::RequestActions,
        Self::ApproveActions,
        Self::ManageStaff,
        Self::ReadAuditLog,
    ];
}

impl Role {
    pub const ALL: [Self; 5] = [
        Self::Agent,
        Self::Teller,
        Self::RiskOfficer,
        Self::Supervisor,
        Self::Administrator,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Teller => "teller",
            Self::RiskOfficer => "risk_officer",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }

    /// What the role may do; everything else is refused.
    pub fn permissions(self) -> &'static [Permission] {
        use Permission::{
            ApproveActions, EnterApplications, FreezeWallets, ListenToRecordings, ManageStaff, ReadAuditLog,
            RequestActions, TakeCalls, ViewCases, ViewCustomers, VoidPayments,
        };
        match self {
            Self::Agent => &[ViewCases, TakeCalls, ViewCustomers, FreezeWallets, RequestActions],
            Self::Teller => &[ViewCustomers, EnterApplications, FreezeWallets],
            Self::RiskOfficer => &[
                ViewCases,
                ListenToRecordings,
                ViewCustomers,
                FreezeWallets,
                VoidPayments,
                RequestActions,
                ApproveActions,
            ],
            Self::Supervisor => &[
                ViewCases,
                TakeCalls,
                ListenToRecordings,
                ViewCustomers,
                FreezeWallets,
                VoidPayments,
                RequestActions,
                ApproveActions,
                ReadAuditLog,
            ],
            Self::Administrator => &[ManageStaff, ReadAuditLog],
        }
    }

    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown role {0:?}; one of agent, teller, risk_officer, supervisor, administrator")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.code() == text)
            .ok_or_else(|| UnknownRole(text.into()))
    }
}
