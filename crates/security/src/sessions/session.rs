use super::REPEAT_SECS;
use crate::Token;
use crate::logins::Who;
use base::{LoginId, Timestamp};
use subtle::ConstantTimeEq;

base::id_type!(
    /// One sign-in on one device.
    SessionId
);
base::id_type!(
    /// A browser or app that keeps its own token.
    DeviceId
);

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    pub idle_secs: i64,
    pub absolute_secs: i64,
}

impl Default for SessionPolicy {
    /// 30 minutes idle, 12 hours in all.
    fn default() -> Self {
        Self {
            idle_secs: 30 * 60,
            absolute_secs: 12 * 3600,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub login: LoginId,
    pub who: Who,
    pub device: DeviceId,
    /// When this device first proved the second factor.
    pub device_enrolled_at: Option<Timestamp>,
    /// When this session last proved it.
    pub second_factor_at: Option<Timestamp>,
    /// What every form of this session carries.
    pub csrf: String,
    pub last_seen_at: Timestamp,
    /// Whether this is a long-lived token of the JSON API.
    pub api: bool,
}

impl Session {
    /// Whether a minute has passed since the database last heard of it.
    pub fn wants_touch(&self, now: Timestamp) -> bool {
        !self.api && now.since(self.last_seen_at).as_secs() >= 60
    }

    /// Whether the second factor was proven so lately that the form which did it may come again.
    pub fn raised_just_now(&self, now: Timestamp) -> bool {
        let since = now.plus_secs(-REPEAT_SECS);
        self.second_factor_at.is_some_and(|at| at > since)
    }

    /// Compares a form's token in constant time.
    pub fn csrf_matches(&self, given: &str) -> bool {
        !self.csrf.is_empty() && bool::from(self.csrf.as_bytes().ct_eq(given.as_bytes()))
    }
}

/// What [`super::open`] made.
#[derive(Clone, Debug)]
pub struct Opened {
    pub token: Token,
    pub session: Session,
    /// The token that a new device keeps; `None` when the device was known. A sign-in on a new
    /// device is told to the customer.
    pub device_token: Option<Token>,
}

/// A running session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    pub id: SessionId,
    pub device: DeviceId,
    pub device_label: String,
    pub opened_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub second_factor: bool,
}

/// Whether a session may do what needs the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    Proven,
    /// Never proven in this session, or proven too long ago: ask for a code.
    Wanted,
}

/// Whether the second factor was proven in the last `max_age_secs`. Unfreezing a wallet, a new
/// recovery code or a new number need it; freezing does not.
pub fn require_second_factor(session: &Session, now: Timestamp, max_age_secs: i64) -> SecondFactor {
    match session.second_factor_at {
        Some(at) if at <= now && now.since(at).as_secs() as i64 <= max_age_secs => SecondFactor::Proven,
        _ => SecondFactor::Wanted,
    }
}
