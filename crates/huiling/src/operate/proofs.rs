//! What `verify` proves besides the ledger: each decision on an application follows again from what
//! was known, and each recording is the file that was written.

use crate::error::HuilingError;
use base::{ApplicationId, CallId};
use calls::recordings::{self, Recording};
use people::PeopleError;
use people::applications;
use people::applications::Decision;
use std::collections::BTreeMap;
use std::path::Path;
use store::{Db, Tx};

/// Rows of a page; a page is one transaction.
const PAGE: usize = 200;
/// Problems that are listed; more are only counted.
const PROBLEMS_MAX: usize = 100;

#[derive(Debug, Default)]
pub struct Proved {
    pub count: u64,
    /// How many were made by a version of the rules that this program does not have.
    pub not_judged: BTreeMap<i64, u64>,
    pub problems_found: u64,
    pub problems: Vec<String>,
}

impl Proved {
    fn check(&mut self, sound: bool, problem: impl FnOnce() -> String) {
        self.count += 1;
        if !sound {
            self.problems_found += 1;
            if self.problems.len() < PROBLEMS_MAX {
                self.problems.push(problem());
            }
        }
    }
}

/// Decides every application again, by the rules of then.
pub fn decisions(db: &Db) -> Result<Proved, HuilingError> {
    let mut proved = Proved::default();
    let mut before: Option<ApplicationId> = None;
    loop {
        let page = db.read(move |tx| {
            let mut page = Vec::new();
            for application in applications::list(tx, None, before, PAGE)? {
                page.push((application.id, replayed(tx, application.id)?));
            }
            Ok::<_, PeopleError>(page)
        })?;
        for (id, replayed) in &page {
            match replayed {
                Replayed::Pairs(pairs) => {
                    for (decided, again) in pairs {
                        proved.check(decided == again, || {
                            format!("application {id} was decided otherwise than its rules decide")
                        });
                    }
                }
                Replayed::OtherRules(version) => *proved.not_judged.entry(*version).or_default() += 1,
                Replayed::Damaged(problem) => proved.check(false, || problem.clone()),
            }
        }
        match page.last() {
            Some((last, _)) => before = Some(*last),
            None => return Ok(proved),
        }
    }
}

enum Replayed {
    /// What was decided, and what is decided now.
    Pairs(Vec<(Decision, Decision)>),
    OtherRules(i64),
    Damaged(String),
}

fn replayed(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Replayed, PeopleError> {
    match applications::replay(tx, id) {
        Ok(pairs) => Ok(Replayed::Pairs(pairs)),
        Err(PeopleError::OtherRules { version, .. }) => Ok(Replayed::OtherRules(version)),
        Err(error @ (PeopleError::Stored { .. } | PeopleError::OtherInputs { .. })) => {
            Ok(Replayed::Damaged(error.to_string()))
        }
        Err(error) => Err(error),
    }
}

/// Hashes every finished recording again.
pub fn recordings(db: &Db, folder: &Path) -> Result<Proved, HuilingError> {
    let mut proved = Proved::default();
    let mut after = CallId([0; 16]);
    loop {
        let page = db.read(move |tx| recordings::hashed_after(tx, after, PAGE))?;
        for recording in &page {
            let problem = problem(folder, recording);
            proved.check(problem.is_none(), || problem.unwrap_or_default());
        }
        match page.last() {
            Some(last) => after = last.call,
            None => return Ok(proved),
        }
    }
}

fn problem(folder: &Path, recording: &Recording) -> Option<String> {
    let call = recording.call;
    match recordings::hash_of_file(folder, recording) {
        Ok(hash) if recording.sha256.as_ref() == Some(&hash) => None,
        Ok(_) => Some(format!(
            "the recording of call {call} is not the one that was written"
        )),
        Err(error) => Some(format!(
            "the recording of call {call} cannot be checked: {}",
            store::causes(&error)
        )),
    }
}
