use super::{Fault, Kind};
use crate::approval::ApprovalError;
use std::error::Error;

/// The outcome is unknown or the house is broken: logged once, here, with every cause, and told
/// without detail.
fn broken(room: &str, problem: &(dyn Error + 'static), kind: Kind) -> Fault {
    tracing::error!(room, error = %store::causes(problem), "a request failed");
    Fault::new(kind)
}

/// With the cause at the root: an operator must tell a full disk from a dead host.
impl From<store::DbError> for Fault {
    fn from(problem: store::DbError) -> Self {
        match problem {
            // Load that is shed is no failure; the metrics count it.
            store::DbError::Busy => Self::new(Kind::Unavailable),
            store::DbError::Full(_) => broken("store", &problem, Kind::Full),
            _ => broken("store", &problem, Kind::Unavailable),
        }
    }
}

impl From<security::SecurityError> for Fault {
    fn from(problem: security::SecurityError) -> Self {
        match problem {
            security::SecurityError::Db(problem) => problem.into(),
            other => broken("security", &other, Kind::Internal),
        }
    }
}

impl From<people::PeopleError> for Fault {
    fn from(problem: people::PeopleError) -> Self {
        match problem {
            people::PeopleError::Db(problem) => problem.into(),
            other => broken("people", &other, Kind::Internal),
        }
    }
}

impl From<money::MoneyError> for Fault {
    fn from(problem: money::MoneyError) -> Self {
        match problem {
            money::MoneyError::Db(problem) => problem.into(),
            money::MoneyError::Security(problem) => problem.into(),
            damaged @ (money::MoneyError::Damaged { .. }
            | money::MoneyError::DamagedProfile { .. }
            | money::MoneyError::DamagedAssessment { .. }) => broken("money", &damaged, Kind::Unreadable),
            money::MoneyError::Busy | money::MoneyError::Stopped => Self::new(Kind::Unavailable),
            other => broken("money", &other, Kind::Internal),
        }
    }
}

impl From<calls::CallsError> for Fault {
    fn from(problem: calls::CallsError) -> Self {
        match problem {
            unreadable if unreadable.is_unreadable() => broken("calls", &unreadable, Kind::Unreadable),
            calls::CallsError::Db(problem) => problem.into(),
            calls::CallsError::NoRecording { .. } => Self::not_found(),
            other => broken("calls", &other, Kind::Internal),
        }
    }
}

impl From<support::SupportError> for Fault {
    fn from(problem: support::SupportError) -> Self {
        match problem {
            support::SupportError::Db(problem) => problem.into(),
            other => broken("support", &other, Kind::Internal),
        }
    }
}

impl From<ApprovalError> for Fault {
    fn from(problem: ApprovalError) -> Self {
        match problem {
            ApprovalError::Db(problem) => problem.into(),
            ApprovalError::Security(problem) => problem.into(),
            ApprovalError::People(problem) => problem.into(),
            ApprovalError::Money(problem) => problem.into(),
            ApprovalError::Calls(problem) => problem.into(),
            ApprovalError::NoSubject => Self::not_found(),
        }
    }
}

impl From<askama::Error> for Fault {
    fn from(problem: askama::Error) -> Self {
        broken("web", &problem, Kind::Internal)
    }
}
