//! What an operator does: run it, look after its data, add staff.

pub mod backup;
pub mod proofs;
pub mod serve;
#[cfg(test)]
mod tests;
pub mod user;
pub mod verify;
pub mod voice;

use crate::config::Config;
use crate::error::HuilingError;
use crate::wiring::rooms;
use base::Ambient;
use security::sealing::{Keyring, MasterKey};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Db, DbConfig, SqliteOptions};

/// The embedded database's file name in its folder.
pub const DATABASE_FILE: &str = "huiling.db";

pub fn migrate(config: &Config) -> Result<ExitCode, HuilingError> {
    open_database(config, &Ambient::system())?;
    println!("The schema is up to date.");
    Ok(ExitCode::SUCCESS)
}

/// Opens a database that must be there, for commands that look at it: nothing is made, nothing is
/// migrated, so that a mistyped folder is found out and not proved sound.
pub fn open_existing(config: &Config, ambient: &Ambient) -> Result<Db, HuilingError> {
    if config.store.postgres_url.is_empty() {
        let path = config.store.folder.join(DATABASE_FILE);
        if !path.is_file() {
            let hint = format!(
                "there is no database {}; set store.folder to the folder that holds it",
                path.display()
            );
            return Err(HuilingError::Unusable(hint));
        }
    }
    let db = Db::open(&database(config), ambient.clone())?;
    match db.pending(&rooms::migrations())? {
        0 => Ok(db),
        _ => Err(HuilingError::Unusable(
            "the database has another schema than this program wants; run `huiling migrate` on it first"
                .into(),
        )),
    }
}

/// Opens the configured database and brings its schema up to date; makes it where there is none.
pub fn open_database(config: &Config, ambient: &Ambient) -> Result<Db, HuilingError> {
    let db = Db::open(&database(config), ambient.clone())?;
    db.migrate(&rooms::migrations())?;
    Ok(db)
}

pub fn open_keyring(config: &Config, db: &Db, ambient: &Ambient) -> Result<Keyring, HuilingError> {
    let master = if config.keys.master_key.is_empty() {
        make_folder(config.keys.master_key_file.parent())?;
        MasterKey::from_file(&config.keys.master_key_file, ambient)
    } else {
        MasterKey::parse(&config.keys.master_key)
    };
    let master = master.map_err(|error| HuilingError::Unusable(format!("[keys] {error}")))?;
    Ok(Keyring::open(db, ambient, master)?)
}

/// Where sealed recordings lie.
pub fn recordings_folder(config: &Config) -> PathBuf {
    config.store.folder.join("recordings")
}

fn database(config: &Config) -> DbConfig {
    if config.store.postgres_url.is_empty() {
        let path = config.store.folder.join(DATABASE_FILE);
        DbConfig::Sqlite(SqliteOptions {
            cache_kib: config.store.cache_mib.saturating_mul(1_024),
            log_mib: config.store.log_mib,
            ..SqliteOptions::new(path)
        })
    } else {
        DbConfig::postgres(config.store.postgres_url.clone())
    }
}

fn make_folder(folder: Option<&Path>) -> Result<(), HuilingError> {
    match folder.filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|source| HuilingError::File {
            what: "cannot make the folder",
            path: folder.into(),
            source,
        }),
        None => Ok(()),
    }
}
