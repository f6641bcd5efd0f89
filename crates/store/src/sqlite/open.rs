use crate::DbError;
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;

/// Where the file is, and how much of it is kept in memory.
#[derive(Clone, Debug)]
pub(crate) struct SqliteOptions {
    pub path: PathBuf,
    pub cache_kib: u32,
}

impl SqliteOptions {
    /// The write-ahead log beside the file.
    pub fn log(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        name.into()
    }
}

/// Opens a connection of the settings that durability and speed need: every commit is flushed
/// (`synchronous=FULL`), checkpoints are rare because they write pages at random.
pub(crate) fn open_connection(options: &SqliteOptions, read_only: bool) -> Result<Connection, DbError> {
    let failed = |error| DbError::from_sqlite("opening the database file", error);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&options.path, flags).map_err(failed)?;
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .map_err(failed)?;
    let pragmas = format!(
        "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-{};
         PRAGMA wal_autocheckpoint=65536; PRAGMA journal_size_limit=1073741824; PRAGMA temp_store=MEMORY;
         PRAGMA foreign_keys=ON; PRAGMA query_only={};",
        options.cache_kib,
        u8::from(read_only)
    );
    connection.execute_batch(&pragmas).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
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
