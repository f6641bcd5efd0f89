use crate::sqlite::open_connection;
use crate::{Db, DbConfig, DbError};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A hash of every row of each table of an embedded database: two runs of a simulation with one
/// seed end with the same. Empty for a PostgreSQL server.
pub fn digest(db: &Db) -> Result<BTreeMap<String, String>, DbError> {
    let DbConfig::Sqlite(options) = db.config() else {
        return Ok(BTreeMap::new());
    };
    let connection = open_connection(options, true)?;
    let failed = |error| DbError::from_sqlite("hashing the tables", error);
    let names = names(&connection).map_err(failed)?;
    names
        .into_iter()
        .map(|name| {
            let hash = of_table(&connection, &name).map_err(failed)?;
            Ok((name, hash))
        })
        .collect()
}

/// All tables in one figure.
pub fn digest_of(tables: &BTreeMap<String, String>) -> String {
    let mut all = Sha256::new();
    tables
        .iter()
        .for_each(|(name, hash)| all.update(format!("{name} {hash}\n")));
    hex(&all.finalize())
}

fn names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let text = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut found = connection.prepare(text)?;
    let names = found.query_map([], |row| row.get(0))?;
    names.collect()
}

/// Rows are put in order by their hashes: the order on the disk is nobody's business.
fn of_table(connection: &Connection, name: &str) -> rusqlite::Result<String> {
    let mut found = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
    let columns = found.column_count();
    let mut hashes: Vec<[u8; 32]> = found
        .query_map([], |row| {
            let mut hash = Sha256::new();
            for column in 0..columns {
                match row.get_ref(column)? {
                    ValueRef::Null => hash.update(b"n"),
                    ValueRef::Integer(value) => hash.update([b"i".as_slice(), &value.to_be_bytes()].concat()),
                    ValueRef::Real(value) => hash.update([b"r".as_slice(), &value.to_be_bytes()].concat()),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        hash.update([b"b".as_slice(), &bytes.len().to_be_bytes()].concat());
                        hash.update(bytes);
                    }
                }
            }
            Ok(hash.finalize().into())
        })?
        .collect::<rusqlite::Result<_>>()?;
    hashes.sort_unstable();
    let mut all = Sha256::new();
    hashes.iter().for_each(|hash| all.update(hash));
    Ok(hex(&all.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
