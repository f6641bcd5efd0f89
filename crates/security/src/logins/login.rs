use crate::lockouts::Subject;
use crate::staff::Role;
use base::{CustomerId, Language, LoginId, StaffId, Timestamp};

/// A login as it is read; its second factor's secret stays in the database, sealed.
#[derive(Clone, Debug)]
pub struct Login {
    pub id: LoginId,
    pub who: Who,
    /// What failed attempts are counted against.
    pub subject: Subject,
    pub password_hash: String,
    pub password_changed_at: Timestamp,
    pub must_change_password: bool,
    /// Whether an authenticator is enrolled.
    pub has_totp: bool,
    pub second_factor_changed_at: Option<Timestamp>,
    pub language: Language,
}

/// Who is behind a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Customer(CustomerId),
    Staff(StaffId, Role),
}

impl Who {
    pub fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Customer(customer) => Some(customer),
            Self::Staff(..) => None,
        }
    }

    pub fn staff(self) -> Option<(StaffId, Role)> {
        match self {
            Self::Customer(_) => None,
            Self::Staff(staff, role) => Some((staff, role)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    Created(LoginId),
    /// The number or the customer has a login already.
    Exists,
}

/// The latest changes of a customer's login and devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastChanges {
    pub password_changed_at: Timestamp,
    /// `None` while no authenticator is enrolled.
    pub second_factor_changed_at: Option<Timestamp>,
    /// When the newest device in use proved the second factor for the first time.
    pub device_enrolled_at: Option<Timestamp>,
}

impl LastChanges {
    /// Since when neither a device nor the authenticator nor the password is new. `None` while no
    /// device has proved a second factor.
    pub fn unchanged_since(&self) -> Option<Timestamp> {
        let device = self.device_enrolled_at?;
        let latest = device.max(self.password_changed_at);
        Some(self.second_factor_changed_at.map_or(latest, |at| latest.max(at)))
    }
}
