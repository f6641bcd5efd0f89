//! What `verify` proves besides the ledger: each decision on an application follows again from what
//! was known, and each recording is the file that was written.

use crate::error::HuilingError;
use base::{ApplicationId, CallId};
use calls::recordings::{self, Recording};
use people::applications;
use std::path::Path;
use store::Db;

/// Rows of a page; a page is one transaction.
const PAGE: usize = 200;
/// Problems that are listed; more are only counted.
const PROBLEMS_MAX: usize = 100;

#[derive(Debug, Default)]
pub struct Proved {
    pub count: u64,
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
                page.push((application.id, applications::replay(tx, application.id)?));
            }
            Ok::<_, people::PeopleError>(page)
        })?;
        for (id, replayed) in &page {
            for (decided, again) in replayed {
                proved.check(decided == again, || {
                    format!("application {id} was decided otherwise than its rules decide")
                });
            }
        }
        match page.last() {
            Some((last, _)) => before = Some(*last),
            None => return Ok(proved),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wiring::rooms;
    use store::{DbError, Sql};

    #[test]
    fn a_recording_that_was_changed_or_is_missing_is_found() {
        let db = store::harness::sqlite(&rooms::migrations()[1..]);
        let folder = tempfile::tempdir().unwrap();
        for (byte, file, hashed) in [
            (1u8, "a.sealed", "sound"),
            (2, "b.sealed", "sound"),
            (3, "c.sealed", "sound"),
        ] {
            std::fs::write(folder.path().join(file), hashed).unwrap();
            let hash = recordings::hash_of_file(folder.path(), &recording(byte, file)).unwrap();
            let row = Sql("INSERT INTO call_recording (call_id, case_id, file, state, started_at_us, ended_at_us, sha256)
                VALUES ($1, $1, $2, 'complete', 1, 2, $3)");
            let written = db.write(move |tx| {
                let id = [byte; 16];
                tx.execute(&row, &[(&id).into(), file.into(), (&hash).into()])
            });
            written.unwrap();
        }
        assert_eq!(recordings(&db, folder.path()).unwrap().problems_found, 0);
        std::fs::write(folder.path().join("b.sealed"), "other").unwrap();
        std::fs::remove_file(folder.path().join("c.sealed")).unwrap();
        let proved = recordings(&db, folder.path()).unwrap();
        assert_eq!(
            (proved.count, proved.problems_found),
            (3, 2),
            "{:?}",
            proved.problems
        );
        let none: Result<Proved, HuilingError> = decisions(&db);
        assert_eq!(none.unwrap().count, 0);
    }

    fn recording(byte: u8, file: &str) -> Recording {
        Recording {
            call: CallId([byte; 16]),
            case: base::CaseId([byte; 16]),
            file: file.into(),
            state: recordings::RecordingState::Complete,
            key_id: None,
            started_at: base::Timestamp::from_secs(1),
            consent_at: None,
            ended_at: None,
            duration_ms: None,
            sealed_bytes: None,
            sha256: None,
        }
    }
}
