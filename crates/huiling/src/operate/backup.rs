//! Backup and restore of an embedded database with its recordings. The master key is not part of
//! it: it belongs elsewhere.

use super::{DATABASE_FILE, open_existing, recordings_folder};
use crate::config::Config;
use crate::error::HuilingError;
use base::Ambient;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A copy's name until it is complete.
const UNFINISHED: &str = "huiling.db.unfinished";

/// Copies while the program runs: first the database, then the recordings that it names. A
/// recording that comes later is not in the copied database, so nothing is missing.
pub fn backup(config: &Config, target: &Path) -> Result<ExitCode, HuilingError> {
    if !config.store.postgres_url.is_empty() {
        let hint = "this database is PostgreSQL: use pg_dump, and copy the recordings folder";
        return Err(HuilingError::Unusable(hint.into()));
    }
    must_be_empty(target)?;
    let db = open_existing(config, &Ambient::system())?;
    fs::create_dir_all(target).map_err(file("cannot make the folder", target))?;
    // Under its own name only when it is complete.
    let unfinished = target.join(UNFINISHED);
    db.backup_to(&unfinished)?;
    let copied = copy_folder(&recordings_folder(config), &target.join("recordings"))?;
    finish(&unfinished, &target.join(DATABASE_FILE))?;
    println!(
        "Copied and checked the database and {copied} recordings to {}. Keep the master key elsewhere.",
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
    must_hold_no_database(target)?;
    fs::create_dir_all(target).map_err(file("cannot make the folder", target))?;
    let copied = copy_folder(&source.join("recordings"), &recordings_folder(config))?;
    // The database comes last and whole: it is what makes the folder look complete.
    let unfinished = target.join(UNFINISHED);
    copy_synced(&database, &unfinished)?;
    let log = beside(&database, "-wal");
    if log.exists() {
        copy_synced(&log, &beside(&unfinished, "-wal"))?;
    }
    store::check_file(&unfinished)?;
    finish(&unfinished, &target.join(DATABASE_FILE))?;
    println!("Restored the database and {copied} recordings; the file is sound. Now run `huiling verify`.");
    Ok(ExitCode::SUCCESS)
}

/// A file of an earlier database would be laid over the restored one at the first start.
fn must_hold_no_database(folder: &Path) -> Result<(), HuilingError> {
    let database = folder.join(DATABASE_FILE);
    let mut files = vec![database.clone()];
    files.extend(["-wal", "-shm", "-journal"].map(|end| beside(&database, end)));
    match files.into_iter().find(|file| file.exists()) {
        Some(file) => Err(HuilingError::Unusable(format!(
            "{} belongs to a database that is here already; move {DATABASE_FILE} and all files whose names \
             begin so away first",
            file.display()
        ))),
        None => Ok(()),
    }
}

fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Gives a complete file its name, and puts both on the disk.
fn finish(unfinished: &Path, finished: &Path) -> Result<(), HuilingError> {
    sync(unfinished)?;
    fs::rename(unfinished, finished).map_err(file("cannot name", finished))?;
    finished.parent().map_or(Ok(()), sync)
}

fn copy_synced(from: &Path, to: &Path) -> Result<(), HuilingError> {
    fs::copy(from, to).map_err(file("cannot copy", from))?;
    sync(to)
}

fn sync(path: &Path) -> Result<(), HuilingError> {
    let opened = fs::File::open(path);
    let synced = opened.and_then(|opened| opened.sync_all());
    synced.map_err(file("cannot flush", path))
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
            copy_synced(&path, &to.join(name))?;
            copied += 1;
        }
    }
    sync(to)?;
    Ok(copied)
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HuilingError {
    let path = path.to_owned();
    move |source| HuilingError::File { what, path, source }
}
