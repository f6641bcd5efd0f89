use super::{OCTETS_PER_MS, context, file_name, path_of};
use base::CallId;
use phone::RecordingSink;
use security::sealing::{Keyring, SealedWriter};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What is known when a recording is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub key_id: i64,
    pub duration_ms: i64,
    pub sealed_bytes: i64,
    pub sha256: Vec<u8>,
    pub complete: bool,
}

/// A sink for the telephone, and a place where the result is found once the telephone has let
/// the sink go. The file is created with the first sound, on the telephone's own thread for
/// recordings: a call that nobody answers leaves none.
pub(crate) fn begin(keyring: &Keyring, folder: &Path, call: CallId) -> (RecordingSink, Outcome) {
    let (mut tape, outcome) = tape(keyring, folder, call);
    (RecordingSink::new(move |octets| tape.write(octets)), outcome)
}

fn tape(keyring: &Keyring, folder: &Path, call: CallId) -> (Tape, Outcome) {
    let outcome = Outcome::default();
    let tape = Tape {
        keyring: keyring.clone(),
        path: path_of(folder, &file_name(call)),
        context: context(call),
        sealed: None,
        octets: 0,
        failed: false,
        outcome: outcome.clone(),
    };
    (tape, outcome)
}

fn create(keyring: &Keyring, path: &Path, context: &str) -> io::Result<SealedWriter<Hashed>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let hashed = Hashed {
        inner: BufWriter::new(options.open(path)?),
        hash: Sha256::new(),
        head: Vec::new(),
        written: 0,
    };
    SealedWriter::new(keyring, context, hashed)
}

/// Where the result of a recording appears.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome(Arc<Mutex<Option<Finished>>>);

impl Outcome {
    pub fn take(&self) -> Option<Finished> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Seals until it is dropped, and then marks the end.
struct Tape {
    keyring: Keyring,
    path: PathBuf,
    context: String,
    sealed: Option<SealedWriter<Hashed>>,
    octets: u64,
    failed: bool,
    outcome: Outcome,
}

impl Tape {
    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.sealed.is_none() && !self.failed {
            let created = create(&self.keyring, &self.path, &self.context);
            self.failed = created.is_err();
            self.sealed = Some(created?);
        }
        let Some(sealed) = &mut self.sealed else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        self.octets += octets.len() as u64;
        let written = sealed.write_all(octets);
        self.failed |= written.is_err();
        written
    }

    fn broken(&self) -> Finished {
        Finished {
            key_id: 0,
            duration_ms: (self.octets / OCTETS_PER_MS) as i64,
            sealed_bytes: 0,
            sha256: Vec::new(),
            complete: false,
        }
    }

    fn end(&self, finished: Finished) {
        *self.outcome.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(finished);
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        let Some(sealed) = self.sealed.take() else {
            // Nobody answered, or the file could not even be made.
            if self.failed {
                self.end(self.broken());
            }
            return;
        };
        let ended = sealed.finish().and_then(|mut hashed| {
            hashed.flush()?;
            hashed.inner.get_ref().sync_all()?;
            Ok(hashed)
        });
        let finished = match ended {
            Ok(hashed) => Finished {
                key_id: hashed.key_id(),
                duration_ms: (self.octets / OCTETS_PER_MS) as i64,
                sealed_bytes: hashed.written as i64,
                sha256: hashed.hash.finalize().to_vec(),
                complete: !self.failed,
            },
            Err(error) => {
                tracing::error!(%error, "the end of a recording was not written");
                self.broken()
            }
        };
        self.end(finished);
    }
}

/// Hashes what reaches the file.
struct Hashed {
    inner: BufWriter<File>,
    hash: Sha256,
    /// The first octets: format and key id.
    head: Vec<u8>,
    written: u64,
}

impl Hashed {
    fn key_id(&self) -> i64 {
        let id = self.head.get(4..8).and_then(|id| id.try_into().ok());
        id.map_or(0, |id| i64::from(u32::from_be_bytes(id)))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.hash.update(&bytes[..taken]);
        self.written += taken as u64;
        let missing = 8usize.saturating_sub(self.head.len()).min(taken);
        self.head.extend_from_slice(&bytes[..missing]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Ambient;

    #[test]
    fn a_recording_whose_file_cannot_be_made_is_known_to_be_broken() {
        let (ambient, folder) = (
            Ambient::seeded(base::Timestamp(0), 1),
            tempfile::tempdir().unwrap(),
        );
        let (keyring, call) = (Keyring::ephemeral(&ambient), CallId::new(&ambient));
        // A file lies where the folder should be.
        let taken = folder.path().join("recordings");
        std::fs::write(&taken, "").unwrap();
        let (mut tape, outcome) = tape(&keyring, &taken, call);
        assert!(tape.write(&[0xff; 320]).is_err());
        assert!(tape.write(&[0xff; 320]).is_err());
        drop(tape);
        let finished = outcome.take().expect("how it went is told");
        assert_eq!((finished.complete, finished.sealed_bytes), (false, 0));
        let (silent, outcome) = super::tape(&keyring, folder.path(), call);
        drop(silent);
        assert_eq!(
            outcome.take(),
            None,
            "nobody answered: nothing was to be recorded"
        );
    }
}
