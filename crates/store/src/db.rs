use crate::postgres::{Address, Hints, Pool, Session};
use crate::signal::Signals;
use crate::sqlite::{Faults, Inline, Readers, SqliteOptions, Writer, check_writable, open_connection};
use crate::work::Work;
use crate::{DbError, Migration, Shape, Signal, Sql, Tx, migrate, sqlite};
use base::Ambient;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which database, and how many threads serve it.
#[derive(Clone)]
pub enum DbConfig {
    /// A file.
    Sqlite(SqliteOptions),
    /// `postgres://user:password@host/database`.
    Postgres {
        url: String,
        writers: usize,
        readers: usize,
    },
}

impl DbConfig {
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(SqliteOptions::new(path))
    }

    pub fn postgres(url: impl Into<String>) -> Self {
        Self::Postgres {
            url: url.into(),
            writers: 8,
            readers: 4,
        }
    }
}

impl std::fmt::Debug for DbConfig {
    /// The address of a server may hold its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(options) => write!(f, "Sqlite({})", options.path.display()),
            Self::Postgres { .. } => f.write_str("Postgres"),
        }
    }
}

/// A database; clones share it.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    signals: Signals,
    ambient: Ambient,
    config: DbConfig,
    /// How the last write ended.
    keeps: Arc<AtomicBool>,
}

enum Engine {
    /// The readers are closed before the writer.
    Sqlite {
        readers: Readers,
        writer: Writer,
    },
    Inline(Mutex<Inline>),
    Postgres {
        writers: Pool,
        readers: Pool,
        _hints: Hints,
    },
}

impl Db {
    pub fn open(config: &DbConfig, ambient: Ambient) -> Result<Self, DbError> {
        let mut signals = Signals::default();
        let engine = match config {
            DbConfig::Sqlite(options) => {
                check_writable(options)?;
                if options.inline {
                    Engine::Inline(Mutex::new(Inline::open(options)?))
                } else {
                    let writer = Writer::start(options, signals.clone())?;
                    let reading = SqliteOptions {
                        cache_kib: (options.cache_kib / 2).max(2_048),
                        ..options.clone()
                    };
                    Engine::Sqlite {
                        readers: Readers::start(&reading, 3, &writer)?,
                        writer,
                    }
                }
            }
            DbConfig::Postgres {
                url,
                writers,
                readers,
            } => {
                // Found out at once, with the reason, not by the first customer.
                drop(Session::connect(url)?);
                if let Some(weakness) = Address::parse(url)?.weakness() {
                    tracing::warn!("{weakness}: say sslmode=verify-full");
                }
                let rng = ambient.rng.clone();
                let hints = Hints::new(url);
                signals = Signals::with_wire(hints.wire());
                Engine::Postgres {
                    writers: Pool::start(url, *writers, false, signals.clone(), rng.clone())?,
                    readers: Pool::start(url, *readers, true, signals.clone(), rng)?,
                    _hints: hints,
                }
            }
        };
        Ok(Self(Arc::new(Inner {
            engine,
            signals,
            ambient,
            config: config.clone(),
            keeps: Arc::new(AtomicBool::new(true)),
        })))
    }

    pub fn ambient(&self) -> &Ambient {
        &self.0.ambient
    }

    /// Whether the last write was kept: not while the disk is full or the server away. Somebody's worker
    /// writes every few seconds, so that it does not stay false.
    pub fn keeps(&self) -> bool {
        self.0.keeps.load(Ordering::Relaxed)
    }

    /// Runs a transaction and waits for its commit. For threads of one's own, never inside async.
    pub fn write<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (work, answer) = Work::new(run);
        self.send_write(work)?;
        answer
            .blocking_recv()
            .unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    /// Runs a transaction that changes nothing, on a snapshot.
    pub fn read<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (work, answer) = Work::new(run);
        self.send_read(work)?;
        answer
            .blocking_recv()
            .unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    pub async fn write_async<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (work, answer) = Work::new(run);
        self.send_write(work)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    pub async fn read_async<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (work, answer) = Work::new(run);
        self.send_read(work)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
    }

    /// Hands a transaction over without waiting for it. It joins no commit that has begun, so that its
    /// answer does not wait for those before it; others may join it. `then` hears its end on a thread of
    /// the database, so it must be short and wait for nothing.
    ///
    /// # Errors
    /// Too many wait, or the database is closed: neither closure is called.
    pub fn write_then<T, E, F>(
        &self,
        run: F,
        then: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), DbError>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.send_write(Work {
            begins_group: true,
            ..Work::then(run, then)
        })
    }

    /// Whether one transaction that writes begins after the other has committed, in the order in which
    /// they were handed over.
    pub fn writes_in_turn(&self) -> bool {
        matches!(self.0.engine, Engine::Sqlite { .. })
    }

    /// The signal of this name, raised by [`Tx::wake`] after a commit in this process, and soon after a
    /// commit of another node on the same PostgreSQL.
    pub fn signal(&self, name: &'static str) -> Signal {
        self.0.signals.get(name)
    }

    /// Brings the schema up to date. Migrations run once, in the order given.
    pub fn migrate(&self, rooms: &[&[Migration]]) -> Result<(), DbError> {
        match &self.0.config {
            DbConfig::Sqlite(options) => match &self.0.engine {
                Engine::Inline(inline) => migrate::on_sqlite(locked(inline).connection(), rooms),
                _ => {
                    let connection = open_connection(options, false)?;
                    migrate::on_sqlite(&connection, rooms)
                }
            },
            DbConfig::Postgres { url, .. } => {
                let (url, rooms) = (url.clone(), rooms.concat());
                on_own_thread(move || migrate::on_postgres(&mut Session::connect(&url)?, &rooms))
            }
        }
    }

    /// Prepares every statement and shape, so that a mistake in one is found before it runs.
    pub fn prepare_all(&self, statements: &[&'static Sql], shapes: &[Shape]) -> Result<(), DbError> {
        match &self.0.config {
            DbConfig::Sqlite(options) => {
                let connection = open_connection(options, true)?;
                let texts = statements.iter().map(|sql| crate::sql::sqlite_text(sql.0));
                for text in texts.chain(shapes.iter().map(|shape| shape.sqlite())) {
                    connection
                        .prepare(&text)
                        .map_err(|error| DbError::from_sqlite("preparing", error))?;
                }
                Ok(())
            }
            DbConfig::Postgres { url, .. } => {
                let texts = statements.iter().map(|sql| sql.0.to_owned());
                let texts: Vec<String> = texts.chain(shapes.iter().map(|shape| shape.postgres())).collect();
                let url = url.clone();
                on_own_thread(move || {
                    let mut session = Session::connect(&url)?;
                    texts.iter().try_for_each(|text| session.prepare(text))
                })
            }
        }
    }

    /// Writes a consistent copy of an embedded database while it is in use. A PostgreSQL server is
    /// backed up with its own tools.
    pub fn backup_to(&self, target: &Path) -> Result<(), DbError> {
        let DbConfig::Sqlite(options) = &self.0.config else {
            let source = "use pg_dump for a PostgreSQL database";
            return Err(DbError::Backend {
                at: "backing up",
                source: source.into(),
            });
        };
        let small = SqliteOptions {
            cache_kib: 8_192,
            ..options.clone()
        };
        let source = open_connection(&small, true)?;
        sqlite::copy_whole(&source, target)
    }

    /// How many of these migrations the database has not seen; a database without any schema lacks
    /// all. Nothing is changed.
    pub fn pending(&self, rooms: &[&[Migration]]) -> Result<usize, DbError> {
        match &self.0.config {
            DbConfig::Sqlite(options) => {
                let connection = open_connection(options, true)?;
                migrate::pending_on_sqlite(&connection, rooms)
            }
            DbConfig::Postgres { url, .. } => {
                let (url, rooms) = (url.clone(), rooms.concat());
                on_own_thread(move || migrate::pending_on_postgres(&mut Session::connect(&url)?, &rooms))
            }
        }
    }

    fn send_write(
        &self,
        Work {
            run,
            answer,
            begins_group,
        }: Work,
    ) -> Result<(), DbError> {
        let keeps = self.0.keeps.clone();
        let answer = Box::new(move |end: Result<(), DbError>| {
            let lost = matches!(end, Err(DbError::Full(_) | DbError::Unavailable(_)));
            keeps.store(!lost, Ordering::Relaxed);
            answer(end);
        });
        let work = Work {
            run,
            answer,
            begins_group,
        };
        match &self.0.engine {
            Engine::Sqlite { writer, .. } => writer.send(work),
            Engine::Postgres { writers, .. } => writers.send(work),
            Engine::Inline(inline) => {
                locked(inline).write(&self.0.signals, work);
                Ok(())
            }
        }
    }

    fn send_read(&self, work: Work) -> Result<(), DbError> {
        match &self.0.engine {
            Engine::Sqlite { readers, .. } => readers.send(work),
            Engine::Postgres { readers, .. } => readers.send(work),
            Engine::Inline(inline) => {
                locked(inline).read(&self.0.signals, work);
                Ok(())
            }
        }
    }

    /// For a simulation: whoever is given here decides how each commit of an inline database fails.
    /// Other databases know only the faults that the world has for them.
    pub fn inject(&self, faults: Option<Faults>) {
        if let Engine::Inline(inline) = &self.0.engine {
            locked(inline).inject(faults);
        }
    }

    /// Whether an injected fault was the death of the process: then open the file again.
    pub fn is_dead(&self) -> bool {
        matches!(&self.0.engine, Engine::Inline(inline) if locked(inline).is_dead())
    }

    /// For a simulation: an inline database's file may not grow, as on a full disk.
    pub fn fill_disk(&self, full: bool) -> Result<(), DbError> {
        match &self.0.engine {
            Engine::Inline(inline) => locked(inline).fill(full),
            _ => Ok(()),
        }
    }

    #[cfg(feature = "harness")]
    pub(crate) fn config(&self) -> &DbConfig {
        &self.0.config
    }
}

fn locked(inline: &Mutex<Inline>) -> MutexGuard<'_, Inline> {
    inline.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The synchronous client panics inside an async runtime, also on drop.
fn on_own_thread<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    std::thread::spawn(run).join().unwrap_or(Err(DbError::Panicked))
}
