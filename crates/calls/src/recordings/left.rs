//! Recordings whose writer died with its process: they are closed with what is on the disk.

use super::sink::Finished;
use super::{MAX_PLAIN_BYTES, OCTETS_PER_MS, context, file_name, path_of, store};
use crate::CallsError;
use ::store::Tx;
use base::{CallId, Timestamp};
use security::sealing::{Keyring, SealedReader};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Closed in one go; what is left comes next time.
const AT_ONCE: usize = 50;
/// After this long nobody waits any more for the node whose disk has the file.
const NODE_GONE_SECS: i64 = 86_400;

/// A recording that is open although its call has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftOpen {
    pub call: CallId,
    /// Whose disk has the file.
    pub node: String,
    pub ended_at: Timestamp,
}

/// Recordings still open although their calls ended before that moment.
pub(crate) fn left_open(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<LeftOpen>, CallsError> {
    store::left_open(tx, before, AT_ONCE)
}

/// What the disk has of a recording that nobody writes any more. `None` when it may lie on the disk
/// of another node, which will close it. Reads the file: not for async code, nor a transaction.
pub(crate) fn salvage(
    keyring: &Keyring,
    folder: &Path,
    left: &LeftOpen,
    node: &str,
    now: Timestamp,
) -> Option<Finished> {
    let gone = left.ended_at.plus_secs(NODE_GONE_SECS) < now;
    match File::open(path_of(folder, &file_name(left.call))) {
        Ok(file) => Some(measured(keyring, left.call, file)),
        Err(_) if left.node == node || gone => Some(Finished {
            key_id: 0,
            duration_ms: 0,
            sealed_bytes: 0,
            sha256: Vec::new(),
            complete: false,
        }),
        Err(_) => None,
    }
}

/// Length, hash and key of a file, and how much of it can be heard.
fn measured(keyring: &Keyring, call: CallId, file: File) -> Finished {
    let mut seen = Seen {
        file,
        hash: Sha256::new(),
        head: Vec::new(),
        bytes: 0,
    };
    let (mut octets, mut whole) = (0, false);
    if let Ok(reader) = SealedReader::new(keyring, &context(call), &mut seen) {
        let mut reader = reader.accept_cut();
        let heard = io::copy(&mut (&mut reader).take(MAX_PLAIN_BYTES), &mut io::sink());
        octets = heard.as_ref().copied().unwrap_or(0);
        whole = heard.is_ok() && octets < MAX_PLAIN_BYTES && !reader.was_cut();
    }
    // The rest, if the sound could not be read to its end.
    let _ = io::copy(&mut seen, &mut io::sink());
    let key_id = seen.head.get(4..8).and_then(|id| id.try_into().ok());
    Finished {
        key_id: key_id.map_or(0, |id| i64::from(u32::from_be_bytes(id))),
        duration_ms: (octets / OCTETS_PER_MS) as i64,
        sealed_bytes: seen.bytes as i64,
        sha256: seen.hash.finalize().to_vec(),
        complete: whole,
    }
}

/// Hashes what is read of a file.
struct Seen {
    file: File,
    hash: Sha256,
    /// The first octets: format and key id.
    head: Vec<u8>,
    bytes: u64,
}

impl Read for Seen {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        let missing = 8usize.saturating_sub(self.head.len()).min(read);
        self.head.extend_from_slice(&buffer[..missing]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Ambient;
    use security::sealing::SealedWriter;
    use std::io::Write;

    const TEN_SECONDS: usize = 160_000;

    fn left(call: CallId, ended_at: Timestamp) -> LeftOpen {
        LeftOpen {
            call,
            node: "main".into(),
            ended_at,
        }
    }

    #[test]
    fn a_recording_whose_writer_died_is_measured_by_what_is_on_the_disk() {
        let ambient = Ambient::seeded(Timestamp::from_secs(1_793_592_000), 3);
        let (keyring, folder) = (Keyring::ephemeral(&ambient), tempfile::tempdir().unwrap());
        let (call, now) = (CallId::new(&ambient), ambient.now());
        let file = File::create(folder.path().join(file_name(call))).unwrap();
        let mut tape = SealedWriter::new(&keyring, &context(call), file).unwrap();
        tape.write_all(&vec![0xd5; TEN_SECONDS]).unwrap();
        // The process dies here: the end is never marked, what is buffered is lost.
        let cut = salvage(&keyring, folder.path(), &left(call, now), "main", now).unwrap();
        assert!(!cut.complete);
        assert!((4_000..10_000).contains(&cut.duration_ms), "{cut:?}");
        let on_disk = std::fs::read(folder.path().join(file_name(call))).unwrap();
        assert_eq!(cut.sealed_bytes as usize, on_disk.len());
        assert_eq!(cut.sha256, Sha256::digest(&on_disk).to_vec());
        tape.finish().unwrap();
        let whole = salvage(&keyring, folder.path(), &left(call, now), "main", now).unwrap();
        assert!(
            whole.complete,
            "marked at its end, though the row was not written"
        );
        assert_eq!(whole.duration_ms, 10_000);
    }

    #[test]
    fn a_missing_file_is_its_own_nodes_business_for_a_day() {
        let ambient = Ambient::seeded(Timestamp::from_secs(1_793_592_000), 3);
        let (keyring, folder) = (Keyring::ephemeral(&ambient), tempfile::tempdir().unwrap());
        let (left, now) = (left(CallId::new(&ambient), ambient.now()), ambient.now());
        let found = |node: &str, at| salvage(&keyring, folder.path(), &left, node, at).map(|f| f.duration_ms);
        assert_eq!(found("main", now), Some(0));
        assert_eq!(found("other", now), None);
        assert_eq!(found("other", now.plus_secs(NODE_GONE_SECS + 1)), Some(0));
    }
}
