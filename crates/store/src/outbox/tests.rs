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
