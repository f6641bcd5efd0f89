use super::*;
use crate::harness::{TestDb, each_engine};
use std::sync::Mutex;

fn enqueue_one(db: &TestDb, key: &'static str) -> bool {
    let ambient = db.ambient().clone();
    db.write(move |tx| enqueue(tx, &ambient, NewJob::new("ring", key, "{}", ambient.now())))
        .unwrap()
}

#[test]
fn the_same_key_makes_one_job() {
    each_engine(&[], |db| {
        assert!(enqueue_one(&db, "a"));
        assert!(!enqueue_one(&db, "a"));
        assert!(enqueue_one(&db, "b"));
    });
}

#[test]
fn a_failed_job_waits_and_is_given_up_at_its_bound() {
    each_engine(&[], |db| {
        let ambient = db.ambient().clone();
        let job = NewJob {
            max_attempts: 2,
            ..NewJob::new("ring", "x", "{}", ambient.now())
        };
        db.write(move |tx| enqueue(tx, &ambient, job.clone())).unwrap();
        let fail = |_: &Job| JobEnd::Retry {
            error: "busy".into(),
            after_ms: Some(5_000),
        };
        assert_eq!(run_due(&db, "ring", 10, &fail).unwrap(), 1);
        assert_eq!(run_due(&db, "ring", 10, &fail).unwrap(), 0, "it waits");
        assert_eq!(db.read(failing).unwrap(), [("ring".to_owned(), 1)]);
        db.ambient().clock.advance_ms(5_001);
        assert_eq!(run_due(&db, "ring", 10, &fail).unwrap(), 1);
        db.ambient().clock.advance_ms(3_600_000);
        assert_eq!(run_due(&db, "ring", 10, &fail).unwrap(), 0, "it was given up");
        assert_eq!(db.read(backlog).unwrap(), [("ring".to_owned(), 0, 1)]);
        assert_eq!(db.read(failing).unwrap(), []);
    });
}

#[test]
fn a_worker_that_was_too_slow_cannot_finish_anothers_job() {
    each_engine(&[], |db| {
        enqueue_one(&db, "slow");
        let ambient = db.ambient().clone();
        let first = db
            .write(move |tx| claim(tx, &ambient, "ring", 1, 1_000))
            .unwrap()
            .remove(0);
        db.ambient().clock.advance_ms(1_001);
        let ambient = db.ambient().clone();
        let second = db
            .write(move |tx| claim(tx, &ambient, "ring", 1, 1_000))
            .unwrap()
            .remove(0);
        assert_eq!(second.attempt, 2);
        let ambient = db.ambient().clone();
        assert!(
            !db.write(move |tx| finish(tx, &ambient, &first, &JobEnd::Done))
                .unwrap()
        );
        let ambient = db.ambient().clone();
        assert!(
            db.write(move |tx| finish(tx, &ambient, &second, &JobEnd::Done))
                .unwrap()
        );
    });
}

#[test]
fn many_workers_run_each_job_once() {
    each_engine(&[], |db| {
        let keys: Vec<String> = (0..60).map(|n| n.to_string()).collect();
        for key in keys.clone() {
            let ambient = db.ambient().clone();
            db.write(move |tx| enqueue(tx, &ambient, NewJob::new("ring", &key, "{}", ambient.now())))
                .unwrap();
        }
        let ran = Mutex::new(Vec::new());
        let work = |job: &Job| {
            ran.lock().unwrap().push(job.unique_key.clone());
            JobEnd::Done
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| while run_due(&db, "ring", 3, &work).unwrap() > 0 {});
            }
        });
        let mut ran = ran.into_inner().unwrap();
        ran.sort_by_key(|key| key.parse::<u32>().unwrap());
        assert_eq!(ran, keys);
    });
}

#[test]
fn what_ended_is_forgotten_in_bites_and_what_waits_is_kept() {
    each_engine(&[], |db| {
        for key in ["a", "b", "c", "d"] {
            enqueue_one(&db, key);
        }
        let work = |job: &Job| match job.unique_key.as_str() {
            "a" => JobEnd::Done,
            "d" => JobEnd::Retry {
                error: "busy".into(),
                after_ms: Some(86_400_000),
            },
            _ => JobEnd::Abandon { error: "no".into() },
        };
        assert_eq!(run_due(&db, "ring", 10, &work).unwrap(), 4);
        let before = db.ambient().now().plus_secs(1);
        let forget = |max| db.write(move |tx| forget_ended(tx, before, max)).unwrap();
        assert_eq!((forget(2), forget(2), forget(2)), (2, 1, 0));
        assert_eq!(db.read(backlog).unwrap(), [("ring".to_owned(), 1, 0)]);
    });
}
