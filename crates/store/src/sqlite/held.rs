use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// As SQLite makes its files.
const FILE_MODE: u32 = 0o644;

/// A file is known by its device and number: it may be reached by several paths.
type Identity = (u64, u64);

static HELD: Mutex<BTreeMap<Identity, Weak<File>>> = Mutex::new(BTreeMap::new());

/// A handle of a database's file beside SQLite's own, to flush it with.
///
/// A process that closes any handle of a file gives up all its locks on it (POSIX; "How To Corrupt An
/// SQLite Database File", 2.2). So a file has one such handle, however often it is opened here, and each
/// connection keeps it until after its own end.
#[derive(Debug)]
pub(super) struct Held {
    identity: Identity,
    file: Option<Arc<File>>,
}

impl Held {
    /// The file is made if there is none.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut held = lock();
        let found = std::fs::metadata(path).ok().and_then(|found| {
            let identity = identity(&found);
            let file = held.get(&identity)?.upgrade()?;
            Some((identity, file))
        });
        let (identity, file) = match found {
            Some(found) => found,
            None => {
                let file = OpenOptions::new()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .mode(FILE_MODE)
                    .open(path)?;
                (identity(&file.metadata()?), Arc::new(file))
            }
        };
        held.insert(identity, Arc::downgrade(&file));
        Ok(Self {
            identity,
            file: Some(file),
        })
    }

    pub fn flush(&self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.sync_data())
    }
}

impl Drop for Held {
    /// Nobody opens the file while its last handle is closed.
    fn drop(&mut self) {
        let mut held = lock();
        self.file = None;
        if held
            .get(&self.identity)
            .is_some_and(|file| file.strong_count() == 0)
        {
            held.remove(&self.identity);
        }
    }
}

fn identity(found: &std::fs::Metadata) -> Identity {
    (found.dev(), found.ino())
}

fn lock() -> MutexGuard<'static, BTreeMap<Identity, Weak<File>>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::{SqliteOptions, open_connection};
    use super::*;

    /// How many locks this process has on a file.
    fn locks(path: &Path) -> usize {
        let found = std::fs::metadata(path).unwrap();
        let (process, file) = (format!(" {} ", std::process::id()), format!(":{} ", found.ino()));
        let all = std::fs::read_to_string("/proc/locks").unwrap();
        all.lines()
            .filter(|lock| lock.contains(&process) && lock.contains(&file))
            .count()
    }

    #[test]
    fn a_connection_that_ends_takes_no_other_connections_locks_along() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huiling.db");
        let options = SqliteOptions::new(&path);
        let first = open_connection(&options, false).unwrap();
        first.execute_batch("CREATE TABLE one (id INTEGER)").unwrap();
        let held = locks(&path);
        assert!(held > 0, "SQLite holds none");
        let linked = folder.path().join("linked.db");
        std::os::unix::fs::symlink(&path, &linked).unwrap();
        drop(open_connection(&SqliteOptions::new(&linked), false).unwrap());
        drop(Held::of(&linked).unwrap());
        assert_eq!(locks(&path), held);
        drop(first);
        assert_eq!(locks(&path), 0);
        // What this guards against.
        let second = open_connection(&options, false).unwrap();
        second.execute_batch("SELECT * FROM one").unwrap();
        drop(File::open(&path).unwrap());
        assert_eq!(locks(&path), 0);
    }

    #[test]
    fn a_file_is_made_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huiling.db");
        let first = Held::of(&path).unwrap();
        let second = Held::of(&path).unwrap();
        assert!(Arc::ptr_eq(
            first.file.as_ref().unwrap(),
            second.file.as_ref().unwrap()
        ));
        first.flush().unwrap();
        let identity = first.identity;
        drop(first);
        assert!(lock().contains_key(&identity));
        drop(second);
        assert!(!lock().contains_key(&identity));
        assert!(Held::of(&folder.path().join("missing/huiling.db")).is_err());
    }
}
