//! What is old enough is forgotten: first the words and the row's hash, in one commit, then the file,
//! then the row. A crash in between leaves work for the next time, and nothing that is shown.

use super::{path_of, store};
use crate::CallsError;
use ::store::{Db, Tx};
use base::{CallId, Timestamp};
use std::io::ErrorKind;
use std::path::Path;

/// A node's files are its own. One that is gone for so much longer leaves its rows to the others.
const OTHERS_SECS: i64 = 30 * 86_400;

/// Forgets the recordings of calls before this moment, and what was said and heard on them; how
/// many, at most `limit`.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, CallsError> {
    store::forget(tx, before, limit)
}

/// Removes files of forgotten recordings from this node's folder, at most `limit`; how many were
/// dealt with. Blocks; not for async code.
pub fn remove_forgotten(
    db: &Db,
    folder: &Path,
    node: &str,
    before: Timestamp,
    limit: i64,
) -> Result<u64, CallsError> {
    let (node, anybodys) = (node.to_owned(), before.plus_secs(-OTHERS_SECS));
    let found = db.read(move |tx| store::forgotten(tx, &node, anybodys, limit))?;
    let count = found.len() as u64;
    for (call, file) in found {
        remove(folder, &file)?;
        db.write(move |tx| gone(tx, call))?;
    }
    Ok(count)
}

fn gone(tx: &mut Tx<'_>, call: CallId) -> Result<(), CallsError> {
    store::gone(tx, call)
}

fn remove(folder: &Path, file: &str) -> Result<(), CallsError> {
    match std::fs::remove_file(path_of(folder, file)) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(CallsError::Recording {
            file: file.to_owned(),
            what: "cannot be removed",
            source,
        }),
        _ => Ok(()),
    }
}
