//! Applications that people decide about, or only look at.

mod ask;
mod documents;
mod list;
mod page;

use crate::words::money;
use base::{Amount, Currency};

pub use ask::{ask_activate, ask_approve, ask_decline};
pub use documents::ask_documents;
pub use list::applications;
pub use page::application;

/// How the payload of a request begins that approves subject to the call.
const WITH_CALL: &str = "call ";

/// Whether an approved request goes on to the call that verifies the number.
pub(crate) fn is_with_call(payload: &str) -> bool {
    payload.starts_with(WITH_CALL)
}

/// The limit a year that an approved request grants.
pub(crate) fn limit_of(payload: &str) -> Option<i64> {
    payload.strip_prefix(WITH_CALL).unwrap_or(payload).parse().ok()
}

pub(super) fn yuan(minor: i64) -> String {
    money(Amount::new(minor, Currency::Cny))
}
