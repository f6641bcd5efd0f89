//! Applications that people decide about, or only look at.

mod ask;
mod documents;
mod list;
mod page;

use crate::words::money;
use base::{Amount, Currency};
use people::applications::{Application, Grant};

pub use ask::{ask_activate, ask_approve, ask_decline};
pub use documents::ask_documents;
pub use list::applications;
pub use page::application;

/// What a second-class account may pay a year; staff grant no more than this by one click.
const MOST_GRANTED_MINOR: i64 = 10_000_000;
/// How the payload of a request begins that approves subject to the call.
const WITH_CALL: &str = "call ";

/// Whether an approved request goes on to the call that verifies the number.
pub(super) fn is_with_call(payload: &str) -> bool {
    payload.starts_with(WITH_CALL)
}

/// The grant of an approved request.
pub(super) fn grant_of(payload: &str) -> Option<Grant> {
    let limit_minor = payload
        .strip_prefix(WITH_CALL)
        .unwrap_or(payload)
        .parse()
        .ok()
        .filter(|limit| (1..=MOST_GRANTED_MINOR).contains(limit))?;
    Some(Grant { limit_minor, tier: 2 })
}

/// What the decision granted, else what was asked for, within the second class.
fn suggested(application: &Application) -> Grant {
    application.grant.unwrap_or(Grant {
        limit_minor: application.requested_limit_minor.min(MOST_GRANTED_MINOR),
        tier: 2,
    })
}

fn yuan(minor: i64) -> String {
    money(Amount::new(minor, Currency::Cny))
}
