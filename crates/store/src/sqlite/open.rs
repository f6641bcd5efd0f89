use super::held::Held;
use crate::DbError;
use rusqlite::{Connection, OpenFlags};
use std::ops::Deref;
use std::path::PathBuf;

/// An embedded database.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    pub path: PathBuf,
    /// Every transaction runs on the caller's thread: for the simulation.
    pub inline: bool,
    /// Memory for its pages. More is seldom better: the operating system keeps the file's pages too, and
    /// after a commit in which a tree was balanced SQLite looks through all that it keeps itself, as long
    /// as the file is smaller than a gibibyte.
    pub cache_kib: u32,
    /// When the write-ahead log has grown to this, it is folded into the file and begun anew. Folding
    /// writes pages at random, so a larger log costs less.
    pub log_mib: u32,
}

impl SqliteOptions {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            inline: false,
            cache_kib: 8_192,
            log_mib: 256,
        }
    }

    /// The write-ahead log beside the file.
    pub(super) fn log(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        name.into()
    }

    /// How many pages make the log full.
    pub(super) fn log_pages(&self) -> u32 {
        self.log_mib.saturating_mul(PAGES_A_MIB)
    }
}

/// Pages of 4 KiB in a mebibyte.
const PAGES_A_MIB: u32 = 256;

/// A connection, and after it the file's handle.
#[derive(Debug)]
pub(crate) struct Opened {
    connection: Connection,
    /// `None` where it cannot be had.
    file: Option<Held>,
}

impl Opened {
    /// Brings to the disk what checkpoints wrote into the file.
    pub(super) fn flush(&self) -> Result<(), DbError> {
        let flushed = self.file.as_ref().map_or(Ok(()), Held::flush);
        flushed.map_err(|error| DbError::Unavailable(error.into()))
    }
}

impl Deref for Opened {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

/// Opens a connection of the settings that durability and speed need: every commit is flushed
/// (`synchronous=FULL`).
pub(crate) fn open_connection(options: &SqliteOptions, read_only: bool) -> Result<Opened, DbError> {
    // Before the connection takes its locks; what hinders it is told by SQLite in a moment.
    let file = Held::of(&options.path).ok();
    let failed = |error| DbError::from_sqlite("opening the database file", error);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&options.path, flags).map_err(failed)?;
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .map_err(failed)?;
    let pragmas = format!(
        "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-{};
         PRAGMA wal_autocheckpoint={}; PRAGMA journal_size_limit=1073741824; PRAGMA temp_store=MEMORY;
         PRAGMA foreign_keys=ON; PRAGMA query_only={};",
        options.cache_kib,
        options.log_pages(),
        u8::from(read_only)
    );
    connection.execute_batch(&pragmas).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(Opened { connection, file })
}

/// Fails early, with the reason, when the folder cannot be written.
pub(crate) fn check_writable(options: &SqliteOptions) -> Result<(), DbError> {
    let folder = options
        .path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder.map(std::fs::create_dir_all) {
        Some(Err(error)) => Err(DbError::Unavailable(error.into())),
        _ => Ok(()),
    }
}
