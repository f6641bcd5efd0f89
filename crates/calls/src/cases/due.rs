//! Cases whose time has come. One that cannot be read, because a newer version wrote it or it is
//! damaged, keeps nobody else from being called.

use super::case::Case;
use super::list::Unreadable;
use super::store;
use crate::CallsError;
use crate::matter::{self, Matter};
use ::store::Tx;
use base::Timestamp;

/// Cases looked at in one go.
const PAGE: usize = 32;
/// So many that cannot be read are passed over.
const PAGES_MAX: usize = 32;
/// Cases looked through for those that cannot be read.
const LOOKED_THROUGH: usize = 256;

#[derive(Default)]
pub(crate) struct Due {
    /// With what they are about, where it is still there.
    pub ready: Vec<(Case, Option<Matter>)>,
    pub unreadable: Vec<Unreadable>,
}

/// The most urgent cases that are due, at most `limit`, and what was passed over on the way.
pub(crate) fn due(tx: &mut Tx<'_>, now: Timestamp, limit: usize) -> Result<Due, CallsError> {
    let mut due = Due::default();
    for page in 0..PAGES_MAX {
        let found = store::due(tx, now, PAGE, page * PAGE)?;
        let is_last = found.len() < PAGE;
        for case in found {
            if due.ready.len() == limit {
                return Ok(due);
            }
            match case.and_then(|case| with_matter(tx, case)) {
                Ok(ready) => due.ready.push(ready),
                Err(one) if one.why.is_unreadable() => due.unreadable.push(one),
                Err(one) => return Err(one.why),
            }
        }
        if is_last {
            break;
        }
    }
    Ok(due)
}

/// Whether anybody can be called; a look that writes nothing.
pub(crate) fn any_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, CallsError> {
    Ok(!due(tx, now, 1)?.ready.is_empty())
}

/// What is due and cannot be read, or what it is about cannot, so that nobody is called: for whoever
/// runs the program. Others are called and leave, so these come to be the longest due, and are found
/// however many are more urgent.
pub fn unreadable(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Unreadable>, CallsError> {
    let mut unreadable = Vec::new();
    for case in store::longest_due(tx, now, LOOKED_THROUGH)? {
        match case.and_then(|case| with_matter(tx, case)) {
            Ok(_) => {}
            Err(one) if one.why.is_unreadable() => unreadable.push(one),
            Err(one) => return Err(one.why),
        }
    }
    Ok(unreadable)
}

fn with_matter(tx: &mut Tx<'_>, case: Case) -> Result<(Case, Option<Matter>), Unreadable> {
    match matter::load(tx, case.kind) {
        Ok(matter) => Ok((case, matter)),
        Err(why) => Err(Unreadable { case: case.id, why }),
    }
}
