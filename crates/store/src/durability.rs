//! What is acknowledged is kept, and what is not kept is not acknowledged.

use crate::harness::{Cluster, TestDb, each_engine, postgres, sqlite};
use crate::{Db, DbConfig, DbError, Migration, Sql};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(30);

const ROOM: &[Migration] = &[Migration {
    room: "durability",
    number: 1,
    name: "notes",
    sql: "CREATE TABLE notes (
    id BIGINT PRIMARY KEY,
    text TEXT NOT NULL
);",
}];

const INSERT: Sql = Sql("INSERT INTO notes (id, text) VALUES ($1, $2)");
const IDS: Sql = Sql("SELECT id FROM notes ORDER BY id");
const SETTINGS: Sql = Sql("SELECT current_setting('fsync') || ' ' || current_setting('synchronous_commit')");
const FULL: Sql = Sql("PRAGMA max_page_count = 40");
const ROOMY: Sql = Sql("PRAGMA max_page_count = 100000");

fn ids(db: &TestDb) -> Vec<i64> {
    db.read(|tx| tx.query(&IDS, &[], |row| row.int(0))).unwrap()
}

async fn note(db: &Db, id: i64, length: usize) -> Result<u64, DbError> {
    let text = "x".repeat(length);
    db.write_async(move |tx| tx.execute(&INSERT, &[id.into(), text.as_str().into()]))
        .await
}

/// SQLite's log is flushed by us: see the tests beside it, and the trace of a payment's system calls.
#[test]
fn a_server_says_that_it_waits_for_the_disk() {
    let settings = postgres(&[ROOM]).write(|tx| tx.query_one(&SETTINGS, &[], |row| row.text(0)));
    assert_eq!(settings.unwrap(), "on on");
}

#[test]
fn a_server_that_would_lose_what_it_acknowledged_is_refused() {
    let hasty = Cluster::start_with(5432, "-c fsync=off", |_| ());
    let off = format!(
        "{} options='-c synchronous_commit=off'",
        Cluster::shared().url("postgres")
    );
    for (url, named) in [(hasty.url("postgres"), "fsync"), (off, "synchronous_commit")] {
        let opened = Db::open(&DbConfig::postgres(url), base::Ambient::system()).map(drop);
        assert!(
            matches!(opened, Err(DbError::NotDurable { setting }) if setting == named),
            "{named}: {opened:?}"
        );
    }
}

/// Some fit, one does not: what SQLite throws away with it was told to nobody as kept.
#[test]
fn a_full_disk_in_the_middle_of_a_group_leaves_exactly_what_was_acknowledged() {
    let db = sqlite(&[ROOM]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    db.write(|tx| tx.query(&FULL, &[], |_| Ok(()))).unwrap();
    let (gate, opened) = channel::<()>();
    let opened = std::sync::Mutex::new(opened);
    let (entered, inside) = channel();
    let held = std::thread::spawn({
        let db = Db::clone(&db);
        move || {
            db.write(move |_| -> Result<(), DbError> {
                let _ = entered.send(());
                let _ = opened.lock().unwrap().recv_timeout(LONG);
                Ok(())
            })
        }
    });
    inside.recv_timeout(LONG).unwrap();
    // While the writer is busy these line up for the next group, in this order.
    let (first, large, last, ()) = runtime.block_on(async {
        tokio::join!(note(&db, 1, 10), note(&db, 2, 400_000), note(&db, 3, 10), async {
            gate.send(()).unwrap();
        })
    });
    // It waits in the same group, or went before it.
    let _ = held.join().unwrap();
    assert!(matches!(large, Err(DbError::Full(_))), "{large:?}");
    let acknowledged = |answers: &[(i64, &Result<u64, DbError>)]| -> Vec<i64> {
        let kept = answers.iter().filter(|(_, answer)| answer.is_ok());
        kept.map(|(id, _)| *id).collect()
    };
    assert_eq!(ids(&db), acknowledged(&[(1, &first), (2, &large), (3, &last)]));
    db.write(|tx| tx.query(&ROOMY, &[], |_| Ok(()))).unwrap();
    // Whoever was told of nothing asks again.
    for (id, answer) in [(1, first), (2, large), (3, last)] {
        if answer.is_err() {
            runtime.block_on(note(&db, id, 400_000)).unwrap();
        }
    }
    assert_eq!(ids(&db), [1, 2, 3]);
}

#[test]
fn whoever_is_woken_finds_what_was_committed() {
    each_engine(&[ROOM], |db| {
        let mut listener = db.signal("noted").listen();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for id in 1..=20 {
                    let noted = db.write(move |tx| {
                        tx.wake("noted");
                        tx.execute(&INSERT, &[id.into(), "x".into()])
                    });
                    noted.unwrap();
                }
            });
            let (mut found, mut last) = (0, 0);
            while last < 20 {
                assert!(listener.wait(30_000), "it is told of each");
                found += 1;
                last = *ids(&db).last().unwrap_or(&0);
                assert!(last >= found, "woken {found} times, and {last} are there");
            }
        });
    });
}
