//! What both engines must do alike, checked on both.

use crate::harness::{TestDb, each_engine, sqlite};
use crate::{Column, ColumnKind, DbError, InsertShape, Migration, SelectShape, Shape, Sql, UpdateShape};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

const ROOM: &[Migration] = &[Migration {
    room: "conformance",
    number: 1,
    name: "purses",
    sql: "CREATE TABLE purses (
    id BIGINT PRIMARY KEY,
    owner TEXT NOT NULL,
    seal BYTEA,
    coins BIGINT NOT NULL,
    CONSTRAINT purses_owner_unique UNIQUE (owner),
    CONSTRAINT purses_never_negative CHECK (coins >= 0)
);",
}];

crate::statements! {
    INSERT = "INSERT INTO purses (id, owner, seal, coins) VALUES ($1, $2, $4, $3)";
    ADD = "UPDATE purses SET coins = coins + $1 WHERE id = $2";
    UPSERT = "INSERT INTO purses (id, owner, coins) VALUES ($1, $2, 1)
        ON CONFLICT (id) DO UPDATE SET coins = purses.coins + 1 RETURNING coins";
    SUM = "SELECT CAST(SUM(coins) AS BIGINT), COUNT(*) FROM purses";
    SEAL = "SELECT owner, seal, coins FROM purses WHERE id = $1";
    RUNNING = "SELECT id, CAST(SUM(coins) OVER (ORDER BY id) AS BIGINT) FROM purses ORDER BY id LIMIT $1";
}

static INSERT_MANY: InsertShape = InsertShape {
    table: "purses",
    columns: &[
        ("id", ColumnKind::Bigint),
        ("owner", ColumnKind::Text),
        ("seal", ColumnKind::Bytea),
        ("coins", ColumnKind::Bigint),
    ],
    conflict: "ON CONFLICT (id) DO NOTHING",
};
static UPDATE_MANY: UpdateShape = UpdateShape {
    table: "purses",
    key: ("id", ColumnKind::Bigint),
    columns: &[("coins", ColumnKind::Bigint)],
};
static SELECT_MANY: SelectShape = SelectShape {
    columns: "id, coins",
    table: "purses",
    key: ("id", ColumnKind::Bigint),
    for_update: true,
};

fn check(test: impl Fn(TestDb)) {
    each_engine(&[ROOM], test);
}

fn insert(db: &TestDb, id: i64, coins: i64) -> Result<u64, DbError> {
    db.write(move |tx| {
        tx.execute(
            &INSERT,
            &[
                id.into(),
                format!("owner {id}").into(),
                coins.into(),
                None::<i64>.into(),
            ],
        )
    })
}

fn total(db: &TestDb) -> i64 {
    db.read(|tx| tx.query_one(&SUM, &[], |row| Ok(row.opt_int(0)?.unwrap_or(0))))
        .unwrap()
}

#[test]
fn every_statement_of_the_room_prepares() {
    check(|db| {
        let shapes = [
            Shape::Insert(&INSERT_MANY),
            Shape::Update(&UPDATE_MANY),
            Shape::Select(&SELECT_MANY),
        ];
        db.prepare_all(&[crate::statements(), ALL.to_vec()].concat(), &shapes)
            .unwrap();
        assert!(
            db.prepare_all(&[&Sql("SELECT nothing FROM nowhere")], &[])
                .is_err()
        );
    });
}

#[test]
fn values_come_back_as_they_went_in() {
    check(|db| {
        db.write(|tx| {
            tx.execute(
                &INSERT,
                &[7.into(), "林晓雯".into(), i64::MAX.into(), (&[0u8, 255]).into()],
            )
        })
        .unwrap();
        let row = db.read(|tx| {
            tx.query_one(&SEAL, &[7.into()], |r| {
                Ok((r.text(0)?, r.opt_bytes(1)?, r.int(2)?))
            })
        });
        assert_eq!(row.unwrap(), ("林晓雯".to_owned(), Some(vec![0, 255]), i64::MAX));
        assert!(matches!(
            db.read(|tx| tx.query_one(&SEAL, &[8.into()], |r| r.text(0))),
            Err(DbError::NoRow { .. })
        ));
    });
}

#[test]
fn a_closure_that_fails_leaves_nothing() {
    check(|db| {
        let failed: Result<(), DbError> = db.write(|tx| {
            tx.execute(&INSERT, &[1.into(), "a".into(), 5.into(), None::<i64>.into()])?;
            Err(DbError::Busy)
        });
        assert!(matches!(failed, Err(DbError::Busy)));
        assert_eq!(total(&db), 0);
    });
}

#[test]
fn a_panic_is_rolled_back_and_the_next_transaction_runs() {
    check(|db| {
        let panicked: Result<(), DbError> = db.write(|tx| {
            tx.execute(&INSERT, &[1.into(), "a".into(), 5.into(), None::<i64>.into()])?;
            panic!("a bug");
        });
        assert!(matches!(panicked, Err(DbError::Panicked)));
        insert(&db, 2, 3).unwrap();
        assert_eq!(total(&db), 3);
    });
}

#[test]
fn constraints_are_named() {
    check(|db| {
        insert(&db, 1, 5).unwrap();
        let broken = db.write(|tx| tx.execute(&ADD, &[(-6).into(), 1.into()]));
        assert!(matches!(broken, Err(DbError::Constraint { name, .. }) if name == "purses_never_negative"));
        let twice = db.write(|tx| {
            tx.execute(
                &INSERT,
                &[2.into(), "owner 1".into(), 0.into(), None::<i64>.into()],
            )
        });
        let names = ["purses_owner_unique", "purses.owner"];
        assert!(matches!(twice, Err(DbError::Constraint { name, .. }) if names.contains(&name.as_str())));
        assert_eq!(total(&db), 5);
    });
}

#[test]
fn upserts_and_windows_speak_one_dialect() {
    check(|db| {
        for expected in 1..=3 {
            let coins = db
                .write(|tx| tx.query_one(&UPSERT, &[1.into(), "x".into()], |row| row.int(0)))
                .unwrap();
            assert_eq!(coins, expected);
        }
        insert(&db, 2, 10).unwrap();
        let running = db
            .read(|tx| tx.query(&RUNNING, &[9.into()], |row| Ok((row.int(0)?, row.int(1)?))))
            .unwrap();
        assert_eq!(running, [(1, 3), (2, 13)]);
    });
}

#[test]
fn rows_in_bulk_are_written_and_read_by_key() {
    check(|db| {
        let inserted = db.write(|tx| {
            let columns = [
                Column::Int(vec![1, 2, 2]),
                Column::Text(vec!["a", "b", "c"]),
                Column::OptBytes(vec![None, Some(b"s"), None]),
                Column::Int(vec![10, 20, 30]),
            ];
            tx.insert_rows(&INSERT_MANY, &columns)
        });
        assert_eq!(inserted.unwrap(), 2, "the second row with key 2 meets the first");
        let updated = db.write(|tx| {
            tx.update_rows(
                &UPDATE_MANY,
                &Column::Int(vec![1, 2, 9]),
                &[Column::Int(vec![11, 22, 99])],
            )
        });
        assert_eq!(updated.unwrap(), 2);
        let rows = db.write(|tx| {
            tx.select_by_keys(&SELECT_MANY, &Column::Int(vec![1, 2, 9]), |row| {
                Ok((row.int(0)?, row.int(1)?))
            })
        });
        assert_eq!(rows.unwrap(), [(1, 11), (2, 22)]);
    });
}

#[test]
fn transactions_that_wait_together_are_all_answered_and_all_kept() {
    check(|db| {
        insert(&db, 1, 0).unwrap();
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (db, start) = (&db, &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 0..25 {
                        let fails = (thread + round) % 5 == 0;
                        let done: Result<(), DbError> = db.write(move |tx| {
                            tx.execute(&ADD, &[1.into(), 1.into()])?;
                            if fails { Err(DbError::Busy) } else { Ok(()) }
                        });
                        assert_eq!(done.is_err(), fails);
                    }
                });
            }
        });
        assert_eq!(total(&db), 8 * 20);
    });
}

#[test]
fn two_orders_of_locking_end_without_an_error() {
    check(|db| {
        insert(&db, 1, 1_000).unwrap();
        insert(&db, 2, 1_000).unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        std::thread::scope(|scope| {
            for (first, second) in [(1, 2), (2, 1)] {
                let (db, runs) = (&db, runs.clone());
                scope.spawn(move || {
                    for _ in 0..40 {
                        let runs = runs.clone();
                        let moved: Result<(), DbError> = db.write(move |tx| {
                            runs.fetch_add(1, Ordering::SeqCst);
                            tx.execute(&ADD, &[(-1).into(), first.into()])?;
                            tx.execute(&ADD, &[1.into(), second.into()])?;
                            Ok(())
                        });
                        moved.unwrap();
                    }
                });
            }
        });
        assert_eq!(total(&db), 2_000);
        assert!(runs.load(Ordering::SeqCst) >= 80);
    });
}

#[test]
fn signals_are_raised_after_the_commit_and_only_then() {
    check(|db| {
        let mut listener = db.signal("rung").listen();
        let failed: Result<(), DbError> = db.write(|tx| {
            tx.wake("rung");
            Err(DbError::Busy)
        });
        assert!(failed.is_err());
        assert!(!listener.wait(0));
        db.write(|tx| -> Result<(), DbError> {
            tx.wake("rung");
            Ok(())
        })
        .unwrap();
        assert!(listener.wait(0));
        assert!(!listener.wait(0));
    });
}

#[test]
fn what_was_committed_is_there_after_a_restart_and_migrations_run_once() {
    check(|mut db| {
        insert(&db, 1, 5).unwrap();
        db.restart();
        db.migrate(&[crate::MIGRATIONS, ROOM]).unwrap();
        assert_eq!(total(&db), 5);
        let edited = Migration {
            sql: "CREATE TABLE other (id BIGINT PRIMARY KEY\n);",
            ..ROOM[0]
        };
        let edited: &'static [Migration] = Box::leak(Box::new([edited]));
        assert!(matches!(
            db.migrate(&[edited]),
            Err(DbError::MigrationChanged { number: 1, .. })
        ));
    });
}

#[test]
fn a_full_disk_fails_the_group_and_loses_nothing_that_was_acknowledged() {
    let db = sqlite(&[ROOM]);
    insert(&db, 1, 1).unwrap();
    db.write(|tx| tx.query(&Sql("PRAGMA max_page_count = 40"), &[], |_| Ok(())))
        .unwrap();
    let big = "x".repeat(200_000);
    let filled = db.write(move |tx| {
        tx.execute(
            &INSERT,
            &[2.into(), big.as_str().into(), 1.into(), None::<i64>.into()],
        )
    });
    assert!(matches!(filled, Err(DbError::Full(_))), "{filled:?}");
    assert!(!db.keeps());
    db.write(|tx| tx.query(&Sql("PRAGMA max_page_count = 100000"), &[], |_| Ok(())))
        .unwrap();
    assert_eq!(total(&db), 1);
    insert(&db, 3, 1).unwrap();
    assert!(db.keeps());
    assert_eq!(total(&db), 2);
}

#[test]
fn a_backup_taken_in_use_opens_and_holds_everything() {
    let db = sqlite(&[ROOM]);
    insert(&db, 1, 41).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    db.backup_to(&copy).unwrap();
    let opened = crate::Db::open(&crate::DbConfig::sqlite(copy), db.ambient().clone()).unwrap();
    let total = opened
        .read(|tx| tx.query_one(&SUM, &[], |row| row.int(0)))
        .unwrap();
    assert_eq!(total, 41);
}

#[test]
fn a_database_that_dropped_every_connection_is_used_again() {
    let db = crate::harness::postgres(&[ROOM]);
    insert(&db, 1, 5).unwrap();
    let drop_all = Sql("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()");
    for round in 0..6 {
        db.write(move |tx| tx.query(&drop_all, &[], |_| Ok(()))).unwrap();
        let coins = db.write(|tx| tx.query_one(&UPSERT, &[1.into(), "owner 1".into()], |row| row.int(0)));
        assert_eq!(coins.unwrap(), 6 + round);
        assert_eq!(total(&db), 6 + round);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_mixture_of_kept_and_failed_transactions_sums_up(steps in prop::collection::vec((1i64..50, any::<bool>()), 1..40)) {
        let db = sqlite(&[ROOM]);
        insert(&db, 1, 0).unwrap();
        let mut expected = 0;
        for (coins, keeps) in steps {
            let done: Result<(), DbError> = db.write(move |tx| {
                tx.execute(&ADD, &[coins.into(), 1.into()])?;
                if keeps { Ok(()) } else { Err(DbError::Busy) }
            });
            prop_assert_eq!(done.is_ok(), keeps);
            expected += if keeps { coins } else { 0 };
        }
        prop_assert_eq!(total(&db), expected);
    }
}
