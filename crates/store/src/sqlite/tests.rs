//! That nobody hears of a commit, and nobody is shown one, which is not on the disk.

use super::flusher::{Flushed, Flusher, Group};
use super::{SqliteOptions, Writer};
use crate::harness::sqlite;
use crate::signal::Signals;
use crate::work::Work;
use crate::{DbError, Tx};
use std::fs::OpenOptions;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

/// A group that has been committed, and where its end is heard.
fn committed(number: u64) -> (Group, Receiver<Result<(), DbError>>) {
    let (told, hears) = channel();
    let group = Group {
        number,
        end: Ok(()),
        answers: vec![(Box::new(move |end| drop(told.send(end))), false)],
        wakes: vec!["committed"],
    };
    (group, hears)
}

fn flusher(log: &Path) -> (Flusher, Arc<Flushed>, Signals) {
    let (flushed, signals) = (Arc::new(Flushed::default()), Signals::default());
    let flusher = Flusher::start(log.to_owned(), flushed.clone(), signals.clone()).unwrap();
    (flusher, flushed, signals)
}

#[test]
fn a_group_is_told_of_its_commit_once_the_log_is_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    std::fs::write(&log, "pages").unwrap();
    let (mut flusher, flushed, signals) = flusher(&log);
    let mut listener = signals.get("committed").listen();
    let (group, hears) = committed(flushed.begin());
    flusher.groups().unwrap().send(group).unwrap();
    assert!(matches!(hears.recv_timeout(LONG), Ok(Ok(()))));
    assert!(listener.wait(60_000));
    flushed.wait(1).unwrap();
    flusher.end();
}

#[test]
fn while_the_disk_takes_its_time_nobody_is_told_and_nobody_is_shown_anything() {
    let folder = tempfile::tempdir().unwrap();
    // To open a pipe takes until somebody opens its other end.
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let (mut flusher, flushed, signals) = flusher(&pipe);
    let mut listener = signals.get("committed").listen();
    let (group, hears) = committed(flushed.begin());
    flusher.groups().unwrap().send(group).unwrap();
    let (shown, sees) = channel();
    let reader = {
        let flushed = flushed.clone();
        std::thread::spawn(move || drop(shown.send(flushed.wait(flushed.seen()))))
    };
    assert!(hears.recv_timeout(Duration::from_millis(50)).is_err());
    assert!(sees.try_recv().is_err() && !listener.wait(0));
    drop(OpenOptions::new().write(true).open(&pipe).unwrap());
    // A pipe cannot be flushed.
    assert!(matches!(
        hears.recv_timeout(LONG),
        Ok(Err(DbError::Unavailable(_)))
    ));
    assert!(matches!(
        sees.recv_timeout(LONG),
        Ok(Err(DbError::Unavailable(_)))
    ));
    assert!(!listener.wait(0), "a signal was raised for what may be lost");
    reader.join().unwrap();
    flusher.end();
}

#[test]
fn after_a_flush_failed_none_is_believed_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let (mut flusher, flushed, _) = flusher(&log);
    for _ in 0..2 {
        let (group, hears) = committed(flushed.begin());
        flusher.groups().unwrap().send(group).unwrap();
        assert!(matches!(
            hears.recv_timeout(LONG),
            Ok(Err(DbError::Unavailable(_)))
        ));
        // A second flush would succeed now.
        std::fs::write(&log, "pages").unwrap();
    }
    assert!(flushed.is_broken() && flushed.wait(1).is_err());
    flusher.end();
}

#[test]
fn the_writer_begins_nothing_behind_a_log_that_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        path: folder.path().join("huiling.db"),
        cache_kib: 2_048,
    };
    let writer = Writer::start(&options, Signals::default()).unwrap();
    writer.flushed().set_broken();
    let (work, answer) = Work::new(|_: &mut Tx<'_>| -> Result<(), DbError> { panic!("it was run") });
    writer.send(work).unwrap();
    assert!(matches!(
        answer.blocking_recv().unwrap(),
        Err(DbError::Unavailable(_))
    ));
}

#[test]
fn the_last_handle_may_be_dropped_by_an_answer() {
    let db = sqlite(&[]);
    let last = crate::Db::open(db.config(), db.ambient().clone()).unwrap();
    let held = last.clone();
    let (told, hears) = channel();
    let run = |_: &mut Tx<'_>| Ok::<(), DbError>(());
    let sent = last.write_then(run, move |end| {
        drop(held);
        let _ = told.send(end);
    });
    sent.unwrap();
    drop(last);
    assert!(matches!(hears.recv_timeout(LONG), Ok(Ok(()))));
}
