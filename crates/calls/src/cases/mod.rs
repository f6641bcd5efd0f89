//! Why we must talk to a customer, how far we got, and what came of it.

mod case;
mod due;
mod list;
mod open;
mod progress;
mod store;
#[cfg(test)]
mod tests;
mod timeline;

pub use case::{Case, CaseEvent, CaseKind, CaseOutcome, CaseState, NotThisWay};
pub use due::unreadable;
pub(crate) use due::{any_due, due};
pub use list::{CasePage, Unreadable, for_customer, list};
pub(crate) use open::{adopt, lock, open_again_for_payment, open_for_number, open_security};
pub use open::{close, handled, open_for_application, open_for_payment};
pub use progress::{conclude, plan_after};
pub use store::ALL;
pub(crate) use store::{extend, update};
pub use timeline::{Happening, TimelineItem, note, note_at, timeline};

use crate::CallsError;
use ::store::Tx;
use base::CaseId;

/// Cases on one page.
pub const PAGE: usize = 50;

pub fn get(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Case>, CallsError> {
    store::find(tx, case)
}

/// The same, of a page that says less where it cannot be read.
pub fn get_readable(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Case>, CallsError> {
    match get(tx, case) {
        Err(error) if error.is_unreadable() => Ok(None),
        found => found,
    }
}

/// The case about this payment or application.
pub fn by_kind(tx: &mut Tx<'_>, kind: CaseKind) -> Result<Option<Case>, CallsError> {
    store::find_by_kind(tx, kind)
}

/// How many cases are in a state, counted up to a page of them.
pub fn count(tx: &mut Tx<'_>, state: CaseState) -> Result<usize, CallsError> {
    store::count(tx, state, PAGE)
}
