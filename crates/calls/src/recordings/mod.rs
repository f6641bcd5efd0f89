//! What was said, sealed on the disk while it is said. The row names the file, its hash and its
//! key; the greeting, which says that the call is recorded, is part of every recording.

mod forget;
mod left;
mod sink;
mod store;

pub use forget::{forget, remove_forgotten};
pub use store::ALL;

use crate::CallsError;
use ::store::Tx;
use base::{CallId, CaseId, Timestamp};
use security::sealing::{Keyring, SealedReader};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

pub(crate) use left::{LeftOpen, left_open, salvage};
pub(crate) use sink::{Finished, begin};
pub(crate) use store::{finish, insert, note_consent};

/// The longest recording that is opened: an hour at 16 kB a second.
const MAX_PLAIN_BYTES: u64 = 3_600 * 16_000;
/// Two channels of 8,000 octets a second.
const OCTETS_PER_MS: u64 = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    pub call: CallId,
    pub case: CaseId,
    /// The file's name in the folder of recordings.
    pub file: String,
    pub state: RecordingState,
    /// The data key it is sealed with.
    pub key_id: Option<i64>,
    pub started_at: Timestamp,
    /// When the line that says that the call is recorded had been played.
    pub consent_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub duration_ms: Option<i64>,
    pub sealed_bytes: Option<i64>,
    /// Of the sealed file, so that anybody can check it without the key.
    pub sha256: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordingState {
    /// Being written.
    Open,
    Complete,
    /// The disk refused, or the writer died: what came before can be opened.
    Broken,
}

pub fn of_call(tx: &mut Tx<'_>, call: CallId) -> Result<Option<Recording>, CallsError> {
    store::find(tx, call)
}

/// Finished recordings in the order of their calls' ids, for whoever proves them all.
pub fn hashed_after(tx: &mut Tx<'_>, after: CallId, limit: usize) -> Result<Vec<Recording>, CallsError> {
    store::hashed_after(tx, after, limit)
}

/// The recordings of a case, oldest first.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Recording>, CallsError> {
    store::of_case(tx, case)
}

/// Opens a recording as a WAVE file: left is us, right is the customer. A recording whose writer
/// died is opened as far as it goes; a changed one is refused. Blocks; not for async code.
pub fn open_wav(keyring: &Keyring, folder: &Path, recording: &Recording) -> Result<Vec<u8>, CallsError> {
    let failed = |what| {
        let file = recording.file.clone();
        move |source| CallsError::Recording { file, what, source }
    };
    let file = File::open(path_of(folder, &recording.file)).map_err(|error| match error.kind() {
        ErrorKind::NotFound => CallsError::NoRecording {
            file: recording.file.clone(),
        },
        _ => failed("cannot be opened")(error),
    })?;
    let sealed = |source| CallsError::Sealed {
        file: recording.file.clone(),
        source,
    };
    let mut reader = SealedReader::new(keyring, &context(recording.call), file).map_err(sealed)?;
    if recording.state != RecordingState::Complete {
        reader = reader.accept_cut();
    }
    let mut octets = Vec::new();
    reader
        .take(MAX_PLAIN_BYTES)
        .read_to_end(&mut octets)
        .map_err(failed("was changed or cut"))?;
    Ok(phone::recording_to_wav(&octets))
}

/// The hash of the file as it lies on the disk now; compare it with the row's.
pub fn hash_of_file(folder: &Path, recording: &Recording) -> Result<Vec<u8>, CallsError> {
    use sha2::{Digest, Sha256};
    let failed = |source| CallsError::Recording {
        file: recording.file.clone(),
        what: "cannot be read",
        source,
    };
    let mut file = File::open(path_of(folder, &recording.file)).map_err(failed)?;
    let mut hash = Sha256::new();
    std::io::copy(&mut file, &mut hash).map_err(failed)?;
    Ok(hash.finalize().to_vec())
}

/// Binds the sealed bytes to their call: under another call's name they do not open.
fn context(call: CallId) -> String {
    format!("recording:{call}")
}

fn file_name(call: CallId) -> String {
    format!("{call}.sealed")
}

fn path_of(folder: &Path, file: &str) -> PathBuf {
    // Names come from `file_name`; a stored one cannot lead out of the folder.
    folder.join(Path::new(file).file_name().unwrap_or_default())
}
