//! That nobody hears of a commit, and nobody is shown one, which is not on the disk.

use super::flusher::{Flushed, Flusher, Group};
use super::{Readers, SqliteOptions, Writer};
use crate::harness::sqlite;
use crate::signal::Signals;
use crate::work::Work;
use crate::{DbError, Tx};
use std::fs::OpenOptions;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel};
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

/// Until this group is on the disk.
fn wait(flushed: &Flushed, number: u64) -> Result<(), DbError> {
    let (answer, hears) = channel();
    flushed.then(number, Box::new(move |end| drop(answer.send(end))));
    hears.recv().unwrap()
}

/// A flusher of this log and what goes into it.
struct Started {
    flusher: Flusher,
    groups: SyncSender<Group>,
    flushed: Arc<Flushed>,
    signals: Signals,
}

fn start(log: &Path) -> Started {
    let (flushed, signals) = (Arc::new(Flushed::default()), Signals::default());
    let (flusher, groups) = Flusher::start(log.to_owned(), flushed.clone(), signals.clone()).unwrap();
    Started {
        flusher,
        groups,
        flushed,
        signals,
    }
}

impl Started {
    fn end(mut self) {
        drop(self.groups);
        self.flusher.end();
    }
}

fn options(folder: &Path) -> SqliteOptions {
    SqliteOptions {
        cache_kib: 2_048,
        ..SqliteOptions::new(folder.join("huiling.db"))
    }
}

#[test]
fn a_group_is_told_of_its_commit_once_the_log_is_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    std::fs::write(&log, "pages").unwrap();
    let started = start(&log);
    let mut listener = started.signals.get("committed").listen();
    let (group, hears) = committed(started.flushed.begin());
    started.groups.send(group).unwrap();
    assert!(matches!(hears.recv_timeout(LONG), Ok(Ok(()))));
    assert!(listener.wait(60_000));
    wait(&started.flushed, 1).unwrap();
    started.end();
}

#[test]
fn while_the_disk_takes_its_time_nobody_is_told_and_nobody_is_shown_anything() {
    let folder = tempfile::tempdir().unwrap();
    // To open a pipe takes until somebody opens its other end.
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let started = start(&pipe);
    let mut listener = started.signals.get("committed").listen();
    let (group, hears) = committed(started.flushed.begin());
    started.groups.send(group).unwrap();
    let (shown, sees) = channel();
    let reader = {
        let flushed = started.flushed.clone();
        std::thread::spawn(move || drop(shown.send(wait(&flushed, flushed.seen()))))
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
    started.end();
}

#[test]
fn after_a_flush_failed_none_is_believed_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let started = start(&log);
    for _ in 0..2 {
        let (group, hears) = committed(started.flushed.begin());
        started.groups.send(group).unwrap();
        assert!(matches!(
            hears.recv_timeout(LONG),
            Ok(Err(DbError::Unavailable(_)))
        ));
        // A second flush would succeed now.
        std::fs::write(&log, "pages").unwrap();
    }
    assert!(started.flushed.is_broken() && wait(&started.flushed, 1).is_err());
    started.end();
}

#[test]
fn what_was_read_is_kept_back_until_it_is_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
    let writer = Writer::start(&options, Signals::default()).unwrap();
    let readers = Readers::start(&options, 1, &writer).unwrap();
    let read = || {
        let (work, answer) = Work::new(|_: &mut Tx<'_>| Ok::<(), DbError>(()));
        readers.send(work).unwrap();
        answer
    };
    read().blocking_recv().unwrap().unwrap();
    // A commit has begun, and its flush has not ended.
    let flushed = writer.flushed();
    let number = flushed.begin();
    let (told, hears) = channel();
    let answer = read();
    let waiting = std::thread::spawn(move || drop(told.send(answer.blocking_recv().unwrap())));
    assert!(hears.recv_timeout(Duration::from_millis(50)).is_err());
    // The one reader reads for others meanwhile.
    let (runs, ran) = channel();
    let (work, next) = Work::new(move |_: &mut Tx<'_>| {
        let _ = runs.send(());
        Ok::<(), DbError>(())
    });
    readers.send(work).unwrap();
    ran.recv_timeout(LONG).unwrap();
    flushed.reach(number);
    next.blocking_recv().unwrap().unwrap();
    assert!(matches!(hears.recv_timeout(LONG), Ok(Ok(()))));
    waiting.join().unwrap();
    flushed.begin();
    flushed.set_broken();
    assert!(matches!(
        read().blocking_recv().unwrap(),
        Err(DbError::Unavailable(_))
    ));
}

#[test]
fn what_begins_a_group_joins_none() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Writer::start(&options(folder.path()), Signals::default()).unwrap();
    for (begins_group, commits) in [(false, 1), (true, 2)] {
        let before = writer.flushed().seen();
        let (open_gate, gate) = channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        let (first, first_answer) = Work::new(move |_: &mut Tx<'_>| {
            let _ = gate.lock().unwrap().recv();
            Ok::<(), DbError>(())
        });
        let (second, second_answer) = Work::new(|_: &mut Tx<'_>| Ok::<(), DbError>(()));
        writer.send(first).unwrap();
        writer
            .send(Work {
                begins_group,
                ..second
            })
            .unwrap();
        open_gate.send(()).unwrap();
        first_answer.blocking_recv().unwrap().unwrap();
        second_answer.blocking_recv().unwrap().unwrap();
        assert_eq!(writer.flushed().seen() - before, commits);
    }
}

#[test]
fn the_writer_begins_nothing_behind_a_log_that_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
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
