use crate::DbError;
use base::Ticker;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How often a copy is tried while somebody else holds the file, and the pause between.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Copies a database that is in use into a new file, as of one moment, and checks the copy. What
/// cannot be copied in full is an error, never a part.
pub(crate) fn copy_whole(source: &Connection, target: &Path) -> Result<(), DbError> {
    let failed = |error| DbError::from_sqlite("backing up", error);
    let mut copy = Connection::open(target).map_err(failed)?;
    let backup = Backup::new(source, &mut copy).map_err(failed)?;
    let mut ticker = Ticker::new(PAUSE);
    let mut done = false;
    for _ in 0..TRIES {
        done = backup.step(-1).map_err(failed)? == StepResult::Done;
        if done {
            break;
        }
        ticker.wait();
    }
    drop(backup);
    if !done {
        return Err(DbError::Busy);
    }
    check(&copy)
}

/// Reads every page of a closed database file and folds its write-ahead log into it, so that the
/// one file is all there is.
pub fn check_file(path: &Path) -> Result<(), DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    check(&opened.map_err(|error| DbError::from_sqlite("opening the copy", error))?)
}

fn check(copy: &Connection) -> Result<(), DbError> {
    let failed = |error| DbError::from_sqlite("checking the copy", error);
    let mode: String = copy
        .query_row("PRAGMA journal_mode=DELETE", [], |row| row.get(0))
        .map_err(failed)?;
    let verdict: String = copy
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    let source = match (mode.as_str(), verdict.as_str()) {
        ("delete", "ok") => return Ok(()),
        ("delete", _) => format!("the file is damaged: {verdict}"),
        _ => "somebody else has the file open".to_owned(),
    };
    Err(DbError::Backend {
        at: "checking the copy",
        source: source.into(),
    })
}
