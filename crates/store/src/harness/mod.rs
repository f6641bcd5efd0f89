//! Databases for tests: a file of SQLite, or a database of a private PostgreSQL cluster that is
//! started on first use and ends with the test program. A test has a database of its own.

mod cluster;
mod digest;

use crate::{Db, DbConfig, Migration, SqliteOptions};
use base::{Ambient, Timestamp};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

pub use cluster::Cluster;
pub use digest::{digest, digest_of};

/// A migrated database, removed when the test ends. Its clock stands still until advanced.
pub struct TestDb {
    db: Option<Db>,
    config: DbConfig,
    ambient: Ambient,
    _folder: Option<TempDir>,
}

/// When tests begin: 2026-11-02 04:00 UTC, noon in Shanghai, a Monday.
pub const START: Timestamp = Timestamp::from_secs(1_793_592_000);

pub fn sqlite(rooms: &[&[Migration]]) -> TestDb {
    sqlite_with(rooms, Ambient::seeded(START, 42))
}

pub fn sqlite_with(rooms: &[&[Migration]], ambient: Ambient) -> TestDb {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join("test.db");
    TestDb::open(
        DbConfig::Sqlite(SqliteOptions {
            cache_kib: 16_384,
            ..SqliteOptions::new(path)
        }),
        Some(folder),
        ambient,
        rooms,
    )
}

pub fn postgres(rooms: &[&[Migration]]) -> TestDb {
    postgres_with(rooms, Ambient::seeded(START, 42))
}

pub fn postgres_with(rooms: &[&[Migration]], ambient: Ambient) -> TestDb {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let cluster = Cluster::shared();
    let url = cluster.create_database(&format!("test_{}", NEXT.fetch_add(1, Ordering::SeqCst)));
    TestDb::open(
        DbConfig::Postgres {
            url,
            writers: 4,
            readers: 2,
        },
        None,
        ambient,
        rooms,
    )
}

/// Runs a test on SQLite, then on PostgreSQL. This room's own tables are always there.
pub fn each_engine(rooms: &[&[Migration]], test: impl Fn(TestDb)) {
    test(sqlite(rooms));
    test(postgres(rooms));
}

impl TestDb {
    /// Closes the database and opens it again, as a restart of the program would.
    pub fn restart(&mut self) {
        self.db = None;
        self.db = Some(Db::open(&self.config, self.ambient.clone()).expect("it opens again"));
    }

    pub fn config(&self) -> &DbConfig {
        &self.config
    }

    fn open(config: DbConfig, folder: Option<TempDir>, ambient: Ambient, rooms: &[&[Migration]]) -> Self {
        let db = Db::open(&config, ambient.clone()).expect("the database opens");
        db.migrate(&[&[crate::MIGRATIONS], rooms].concat())
            .expect("the migrations run");
        Self {
            db: Some(db),
            config,
            ambient,
            _folder: folder,
        }
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.db.as_ref().expect("open between restarts")
    }
}
