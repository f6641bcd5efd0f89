//! Backup and restore of an embedded database with its recordings. The master key is not part of
//! it: it belongs elsewhere.

use super::{DATABASE_FILE, open_database, recordings_folder};
use crate::config::Config;
use crate::error::HuilingError;
use base::Ambient;
use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Copies while the program runs: first the database, then the recordings that it names. A
/// recording that comes later is not in the copied database, so nothing is missing.
pub fn backup(config: &Config, target: &Path) -> Result<ExitCode, HuilingError> {
    if !config.store.postgres_url.is_empty() {
        let hint = "this database is PostgreSQL: use pg_dump, and copy the recordings folder";
        return Err(HuilingError::Unusable(hint.into()));
    }
    must_be_empty(target)?;
    let db = open_database(config, &Ambient::system())?;
    fs::create_dir_all(target).map_err(file("cannot make the folder", target))?;
    db.backup_to(&target.join(DATABASE_FILE))?;
    let copied = copy_folder(&recordings_folder(config), &target.join("recordings"))?;
    println!(
        "Copied the database and {copied} recordings to {}. Keep the master key elsewhere.",
        target.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Puts a backup into an empty data folder; the program must not be running.
pub fn restore(config: &Config, source: &Path) -> Result<ExitCode, HuilingError> {
    let database = source.join(DATABASE_FILE);
    if !database.is_file() {
        let hint = format!("{} holds no backup: {DATABASE_FILE} is missing", source.display());
        return Err(HuilingError::Unusable(hint));
    }
    let target = &config.store.folder;
    if target.join(DATABASE_FILE).exists() {
        let hint = format!(
            "{} holds a database already; move it away first",
            target.display()
        );
        return Err(HuilingError::Unusable(hint));
    }
    fs::create_dir_all(target).map_err(file("cannot make the folder", target))?;
    let copied = copy_folder(&source.join("recordings"), &recordings_folder(config))?;
    // The database comes last: it is what makes the folder look complete.
    let placed = target.join(DATABASE_FILE);
    fs::copy(&database, &placed).map_err(file("cannot write", &placed))?;
    println!("Restored the database and {copied} recordings. Now run `huiling verify`.");
    Ok(ExitCode::SUCCESS)
}

fn must_be_empty(folder: &Path) -> Result<(), HuilingError> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(HuilingError::Unusable(format!(
            "{} is not empty; choose a new folder",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<usize, HuilingError> {
    fs::create_dir_all(to).map_err(file("cannot make the folder", to))?;
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(file("cannot read", from)(error)),
    };
    let mut copied = 0;
    for entry in entries {
        let path = entry.map_err(file("cannot read", from))?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copied += copy_folder(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(file("cannot copy", &path))?;
            copied += 1;
        }
    }
    Ok(copied)
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HuilingError {
    let path = path.to_owned();
    move |source| HuilingError::File { what, path, source }
}
