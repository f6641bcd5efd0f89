//! One attempt to call. It is committed before the INVITE leaves, so that after a crash we know
//! of every call that may have rung.

mod attempt;
mod begin;
mod bounds;
mod progress;
mod store;

pub use attempt::{Attempt, AttemptState, Words};
pub use begin::{Begun, begin_due};
pub use progress::{answered, finish, ringing, unfinished_of};
pub use store::ALL;
pub(crate) use store::{adopt, latest_of_case, latest_of_customer};

use crate::CallsError;
use ::store::Tx;
use base::{CallId, CaseId};

/// Attempts on one page.
pub(crate) const PAGE: usize = 50;

pub fn get(tx: &mut Tx<'_>, call: CallId) -> Result<Option<Attempt>, CallsError> {
    store::find(tx, call)
}

/// The attempts of a case, oldest first.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Attempt>, CallsError> {
    store::of_case(tx, case)
}

/// One page of attempts, newest first.
#[derive(Debug)]
pub struct AttemptPage {
    pub attempts: Vec<Attempt>,
    /// How many more there are that cannot be read: a newer version wrote them, or they are damaged.
    pub unreadable: usize,
    /// The last attempt of this page, where there may be another page.
    pub next: Option<CallId>,
}

/// All attempts; `before` is the last of the page before.
pub fn list(tx: &mut Tx<'_>, before: Option<CallId>) -> Result<AttemptPage, CallsError> {
    let found = store::list(tx, before, PAGE)?;
    let mut page = AttemptPage {
        attempts: Vec::new(),
        unreadable: 0,
        next: found.last().filter(|_| found.len() == PAGE).map(|(id, _)| *id),
    };
    for (_, attempt) in found {
        match attempt {
            Ok(attempt) => page.attempts.push(attempt),
            Err(error) if error.is_unreadable() => page.unreadable += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(page)
}

/// Says that the attempts of this node are alive until then.
pub(crate) fn renew(tx: &mut Tx<'_>, node: &str, until: base::Timestamp) -> Result<(), CallsError> {
    store::renew(tx, node, until)
}
