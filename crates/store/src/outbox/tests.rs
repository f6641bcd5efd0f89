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
            db.ambient().clock.advance_ms(1_000);
        }
        while db.read(backlog).unwrap().given_up == 0 && hours < 100 {
            pump(&db, &handlers, 10).unwrap();
            db.ambient().clock.advance_ms(3_600_000);
            hours += 1;
        }
        assert!((10..30).contains(&hours), "given up after {hours} hours");
        assert_eq!(db.read(backlog).unwrap().waiting, 1, "it is still there for a person");
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
