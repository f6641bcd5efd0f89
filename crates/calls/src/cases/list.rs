//! Lists of cases. One that cannot be read, because a newer version wrote it or it is damaged, hides
//! no other.

use super::case::{Case, CaseState};
use super::{PAGE, store};
use crate::CallsError;
use ::store::Tx;
use base::{CaseId, CustomerId};

/// A case of which a stored value cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    pub case: CaseId,
    pub why: CallsError,
}

/// One page of cases, newest first.
#[derive(Debug, Default)]
pub struct CasePage {
    pub cases: Vec<Case>,
    pub unreadable: Vec<Unreadable>,
    /// The last case of this page, where there may be another page.
    pub next: Option<CaseId>,
}

/// Newest first; `before` is the last case of the page before.
pub fn list(
    tx: &mut Tx<'_>,
    state: Option<CaseState>,
    before: Option<CaseId>,
) -> Result<CasePage, CallsError> {
    let found = store::list(tx, state, before, PAGE)?;
    let last = found
        .last()
        .map(|one| one.as_ref().map_or_else(|one| one.case, |case| case.id));
    let next = last.filter(|_| found.len() == PAGE);
    let (cases, unreadable) = parted(found)?;
    Ok(CasePage {
        cases,
        unreadable,
        next,
    })
}

/// The customer's cases that can be read, newest first.
pub fn for_customer(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Vec<Case>, CallsError> {
    let (cases, _) = parted(store::of_customer(tx, customer, PAGE)?)?;
    Ok(cases)
}

fn parted(found: Vec<Result<Case, Unreadable>>) -> Result<(Vec<Case>, Vec<Unreadable>), CallsError> {
    let (mut cases, mut unreadable) = (Vec::new(), Vec::new());
    for one in found {
        match one {
            Ok(case) => cases.push(case),
            Err(one) if one.why.is_unreadable() => unreadable.push(one),
            Err(one) => return Err(one.why),
        }
    }
    Ok((cases, unreadable))
}
