use super::*;
use crate::harness::each_engine;
use std::sync::Arc;

#[test]
fn an_event_is_removed_by_the_transaction_that_handled_it() {
    each_engine(&[], |db| {
        let ambient = db.ambient().clone();
        db.write(move |tx| publish(tx, &ambient, "greeted", &[1; 16], "{}"))
            .unwrap();
        let mut handlers = Handlers::default();
        handlers.on("greeted", |tx, event| {
            crate::jobs::enqueue(
                tx,
                &base::Ambient::seeded(event.at, 1),
                crate::jobs::NewJob::new("greet", "once", "{}", event.at),
            )?;
            Ok(())
        });
        let handlers = Arc::new(handlers);
        assert_eq!(pump(&db, &handlers, 10).unwrap(), 1);
        assert_eq!(pump(&db, &handlers, 10).unwrap(), 0);
        assert_eq!(db.read(backlog).unwrap().waiting, 0);
    });
}

#[test]
fn a_failing_handler_leaves_the_event_and_nothing_else() {
    each_engine(&[], |db| {
        let ambient = db.ambient().clone();
        db.write(move |tx| publish(tx, &ambient, "greeted", &[2; 16], "{}"))
            .unwrap();
        let mut handlers = Handlers::default();
        handlers.on("greeted", |tx, event| {
            let ambient = base::Ambient::seeded(event.at, 1);
            crate::jobs::enqueue(
                tx,
                &ambient,
                crate::jobs::NewJob::new("greet", "never", "{}", event.at),
            )?;
            Err("not today".into())
        });
        assert_eq!(pump(&db, &Arc::new(handlers), 10).unwrap(), 0);
        assert_eq!(db.read(backlog).unwrap().waiting, 1);
        let now = db.ambient().now().plus_secs(1);
        let claimed =
            db.write(move |tx| crate::jobs::claim(tx, &base::Ambient::seeded(now, 2), "greet", 10, 1_000));
        assert!(
            claimed.unwrap().is_empty(),
            "the handler's own work was rolled back"
        );
    });
}

fn trouble(failing: i64, given_up: i64) -> Troubled {
    Troubled {
        topic: "greeted".into(),
        failing,
        given_up,
    }
}

#[test]
fn a_failing_event_is_tried_ever_more_rarely_and_given_up_in_the_end() {
    each_engine(&[], |db| {
        let ambient = db.ambient().clone();
        db.write(move |tx| publish(tx, &ambient, "greeted", &[3; 16], "{}"))
            .unwrap();
        let mut handlers = Handlers::default();
        handlers.on("greeted", |_, _| Err("not today".into()));
        let handlers = Arc::new(handlers);
        let mut hours = 0;
        for _ in 0..3 {
            assert_eq!(pump(&db, &handlers, 10).unwrap(), 0);
            assert_eq!(db.read(backlog).unwrap().failing, 1);
            assert_eq!(db.read(troubled).unwrap(), [trouble(1, 0)]);
            db.ambient().clock.advance_ms(1_000);
        }
        while db.read(backlog).unwrap().given_up == 0 && hours < 100 {
            pump(&db, &handlers, 10).unwrap();
            db.ambient().clock.advance_ms(3_600_000);
            hours += 1;
        }
        assert!((10..30).contains(&hours), "given up after {hours} hours");
        assert_eq!(db.read(troubled).unwrap(), [trouble(0, 1)]);
        assert_eq!(
            db.read(backlog).unwrap().waiting,
            1,
            "it is still there for a person"
        );
    });
}

#[test]
fn an_event_of_an_unknown_topic_waits_for_a_program_that_knows_it() {
    each_engine(&[], |db| {
        for topic in ["newer", "ignored"] {
            let ambient = db.ambient().clone();
            db.write(move |tx| publish(tx, &ambient, topic, &[4; 16], "{}"))
                .unwrap();
        }
        let mut older = Handlers::default();
        older.ignore("ignored");
        let older = Arc::new(older);
        for _ in 0..50 {
            pump(&db, &older, 10).unwrap();
            db.ambient().clock.advance_ms(3_600_000);
        }
        let left = db.read(backlog).unwrap();
        assert_eq!((left.waiting, left.given_up), (1, 0));
        let mut newer = Handlers::default();
        newer.on("newer", |_, _| Ok(()));
        assert_eq!(pump(&db, &Arc::new(newer), 10).unwrap(), 1);
    });
}

/// Found by `huiling simulate --seed 1009`: twenty minutes of a full disk cost a customer's notice.
#[test]
fn a_full_disk_is_no_fault_of_an_event_and_never_gives_it_up() {
    let folder = tempfile::tempdir().unwrap();
    let config = crate::DbConfig::Sqlite(crate::SqliteOptions {
        inline: true,
        cache_kib: 2_048,
        ..crate::SqliteOptions::new(folder.path().join("full.db"))
    });
    let db = crate::Db::open(&config, base::Ambient::seeded(crate::harness::START, 1)).unwrap();
    db.migrate(&[crate::MIGRATIONS]).unwrap();
    let ambient = db.ambient().clone();
    db.write(move |tx| publish(tx, &ambient, "greeted", &[5; 16], "{}"))
        .unwrap();
    let mut handlers = Handlers::default();
    handlers.on("greeted", |tx, event| {
        let ambient = base::Ambient::seeded(event.at, 1);
        let large = "x".repeat(100_000);
        let job = crate::jobs::NewJob::new("greet", "much", &large, event.at);
        // Wrapped, as every room wraps what it meets.
        crate::jobs::enqueue(tx, &ambient, job).map_err(|error| format!("greeting: {error}"))?;
        Ok(())
    });
    let handlers = Arc::new(handlers);
    db.fill_disk(true).unwrap();
    for _ in 0..50 {
        let _ = pump(&db, &handlers, 10);
        db.ambient().clock.advance_ms(3_600_000);
    }
    assert_eq!(db.read(backlog).unwrap().given_up, 0);
    db.fill_disk(false).unwrap();
    assert_eq!(pump(&db, &handlers, 10).unwrap(), 1);
}
