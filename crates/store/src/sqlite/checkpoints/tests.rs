use super::*;
use crate::signal::Signals;
use crate::sqlite::Writer;
use crate::work::Work;
use crate::{Sql, Tx};
use std::path::Path;

const MAKE: Sql = Sql("CREATE TABLE pages (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
/// Some five pages.
const FILL: Sql = Sql("INSERT INTO pages (bytes) VALUES (zeroblob(20000))");
/// Of a thousand full logs.
const WRITES_MAX: i64 = 50_000;

fn options(folder: &Path) -> SqliteOptions {
    SqliteOptions {
        log_mib: 1,
        ..SqliteOptions::new(folder.join("huiling.db"))
    }
}

fn write(writer: &Writer, sql: &'static Sql) {
    let (work, answer) = Work::new(move |tx: &mut Tx<'_>| tx.execute(sql, &[]).map(drop));
    writer.send(work).unwrap();
    answer.blocking_recv().unwrap().unwrap();
}

/// How often the log began anew: the checkpoint sequence number of its header.
fn beginnings(options: &SqliteOptions) -> u32 {
    let log = std::fs::read(options.log()).unwrap();
    u32::from_be_bytes(log[12..16].try_into().unwrap())
}

/// Writes until the log has begun anew so often; returns how many rows that took.
fn write_until(writer: &Writer, options: &SqliteOptions, times: u32) -> i64 {
    let until = beginnings(options) + times;
    for written in 1..WRITES_MAX {
        write(writer, &FILL);
        if beginnings(options) >= until {
            return written;
        }
    }
    panic!(
        "the log grew on: {} bytes",
        options.log().metadata().unwrap().len()
    );
}

fn rows(connection: &Connection) -> i64 {
    let counted = connection.query_row("SELECT COUNT(*) FROM pages", [], |row| row.get(0));
    counted.unwrap()
}

#[test]
fn the_log_begins_anew_while_transactions_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
    let writer = Writer::start(&options, Signals::default()).unwrap();
    write(&writer, &MAKE);
    let written = write_until(&writer, &options, 3);
    let full = i64::from(options.log_pages());
    assert!(
        written >= 3 * full / 10,
        "the log was folded early, after {written} rows"
    );
    drop(writer);
    let connection = open_connection(&options, true).unwrap();
    assert_eq!(rows(&connection), written);
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

#[test]
fn a_long_read_sees_one_moment_and_only_puts_the_checkpoint_off() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
    let writer = Writer::start(&options, Signals::default()).unwrap();
    write(&writer, &MAKE);
    write(&writer, &FILL);
    let reader = open_connection(&options, true).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(rows(&reader), 1);
    let before = beginnings(&options);
    for _ in 0..options.log_pages() {
        write(&writer, &FILL);
    }
    assert_eq!((rows(&reader), beginnings(&options)), (1, before));
    reader.execute_batch("COMMIT").unwrap();
    write_until(&writer, &options, 1);
}

#[test]
fn nothing_is_written_behind_a_file_that_cannot_be_brought_to_the_disk() {
    let shared = Shared {
        full_pages: 256,
        state: Mutex::new(State {
            stage: Stage::Copying,
            log_pages: 300,
        }),
        flushed: Arc::default(),
    };
    let later = Stage::Growing { due_pages: 332 };
    let is_full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    assert_eq!(shared.failed(&DbError::Full(is_full.into())), later);
    assert!(!shared.flushed.is_broken());
    let is_lost = std::io::Error::other("the disk is gone");
    assert_eq!(shared.failed(&DbError::Unavailable(is_lost.into())), later);
    assert!(shared.flushed.is_broken());
}
