use crate::postgres::{NO_TIMEOUT, Session};
use crate::sql::sqlite_schema;
use crate::{DbError, Sql, Value};
use rusqlite::Connection;

/// A numbered change of the schema that only creates, adds or renames, and runs on both engines.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    pub room: &'static str,
    pub number: u32,
    pub name: &'static str,
    pub sql: &'static str,
}

crate::statements! {
    FIND = "SELECT fingerprint FROM migrations WHERE room = $1 AND number = $2";
    REMEMBER = "INSERT INTO migrations (room, number, name, fingerprint) VALUES ($1, $2, $3, $4)";
}

/// Whether there is a table of migrations: each engine is asked in its own words.
const TABLES_ON_SQLITE: Sql =
    Sql("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'migrations'");
const TABLES_ON_POSTGRES: Sql = Sql("SELECT COUNT(to_regclass('migrations'))");

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (
    room TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    fingerprint BIGINT NOT NULL,
    PRIMARY KEY (room, number)
);";
/// Two programs that start together migrate one after the other.
const LOCK: i64 = 0x6875_696c_696e_6701;

pub(crate) fn on_sqlite(connection: &Connection, rooms: &[&[Migration]]) -> Result<(), DbError> {
    let failed = |error| DbError::from_sqlite("migrating", error);
    connection.execute_batch(&sqlite_schema(TABLE)).map_err(failed)?;
    let statements = crate::sqlite::Statements::default();
    for migration in rooms.concat() {
        connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        let known = statements.query(connection, &FIND, &key(&migration), |row| row.int(0))?;
        let done = match is_done(&migration, known.first().copied()) {
            Ok(true) => Ok(()),
            Ok(false) => connection
                .execute_batch(&sqlite_schema(migration.sql))
                .map_err(failed)
                .and_then(|()| {
                    statements
                        .execute(connection, &REMEMBER, &record(&migration))
                        .map(|_| ())
                }),
            Err(error) => Err(error),
        };
        connection
            .execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })
            .map_err(failed)?;
        done?;
    }
    Ok(())
}

pub(crate) fn on_postgres(session: &mut Session, migrations: &[Migration]) -> Result<(), DbError> {
    session.control("BEGIN")?;
    // An index over a large table takes its time.
    session.control(NO_TIMEOUT)?;
    session.advisory_lock(LOCK)?;
    session.script("migrating", TABLE)?;
    for migration in migrations {
        let known = session.query(&FIND, &key(migration), |row| row.int(0))?;
        if !is_done(migration, known.first().copied())? {
            session.script("migrating", migration.sql)?;
            session.execute(&REMEMBER, &record(migration))?;
        }
    }
    session.control("COMMIT")
}

/// Migrations that the file has not seen; it is only read.
pub(crate) fn pending_on_sqlite(connection: &Connection, rooms: &[&[Migration]]) -> Result<usize, DbError> {
    let statements = crate::sqlite::Statements::default();
    let table = statements.query(connection, &TABLES_ON_SQLITE, &[], |row| row.int(0))?;
    if table == [0] {
        return Ok(rooms.concat().len());
    }
    count_pending(&rooms.concat(), |migration| {
        statements.query(connection, &FIND, &key(migration), |row| row.int(0))
    })
}

pub(crate) fn pending_on_postgres(session: &mut Session, migrations: &[Migration]) -> Result<usize, DbError> {
    let table = session.query(&TABLES_ON_POSTGRES, &[], |row| row.int(0))?;
    if table == [0] {
        return Ok(migrations.len());
    }
    count_pending(migrations, |migration| {
        session.query(&FIND, &key(migration), |row| row.int(0))
    })
}

fn count_pending(
    migrations: &[Migration],
    mut find: impl FnMut(&Migration) -> Result<Vec<i64>, DbError>,
) -> Result<usize, DbError> {
    let mut pending = 0;
    for migration in migrations {
        let known = find(migration)?;
        pending += usize::from(!is_done(migration, known.first().copied())?);
    }
    Ok(pending)
}

fn is_done(migration: &Migration, known: Option<i64>) -> Result<bool, DbError> {
    match known {
        None => Ok(false),
        Some(fingerprint) if fingerprint == fingerprint_of(migration.sql) => Ok(true),
        Some(_) => Err(DbError::MigrationChanged {
            room: migration.room,
            number: migration.number,
        }),
    }
}

fn key(migration: &Migration) -> [Value<'static>; 2] {
    [migration.room.into(), i64::from(migration.number).into()]
}

fn record(migration: &Migration) -> [Value<'static>; 4] {
    let [room, number] = key(migration);
    [
        room,
        number,
        migration.name.into(),
        fingerprint_of(migration.sql).into(),
    ]
}

/// FNV-1a: it finds an edited file, it does not resist an attacker.
fn fingerprint_of(text: &str) -> i64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash as i64
}
