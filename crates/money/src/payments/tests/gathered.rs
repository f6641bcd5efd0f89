use crate::payments::{Gatherer, Order, Outcome};
use crate::testing::{World, on_each_engine, order};
use crate::wallets::Wallet;
use crate::{MoneyError, wallets};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use store::{Db, DbConfig, DbError, Fault};

const NAMES: [&str; 6] = ["甲", "乙", "丙", "丁", "戊", "己"];

fn customers(world: &World) -> Vec<Wallet> {
    let mut wallets = Vec::new();
    for (place, name) in NAMES.iter().enumerate() {
        wallets.push(world.customer(name, &format!("1380013800{place}"), 300_000));
    }
    wallets
}

#[test]
fn threads_that_hammer_the_same_wallets_leave_no_drift() {
    on_each_engine(|world| {
        let wallets = customers(&world);
        let gatherer = Gatherer::start(world.db.clone(), world.ambient.clone(), world.policy.clone());
        thread::scope(|scope| {
            for worker in 0..6usize {
                let (wallets, gatherer) = (&wallets, &gatherer);
                scope.spawn(move || {
                    for step in 0..30usize {
                        let payer = &wallets[(worker + step) % 6];
                        let payee = &wallets[(worker * 5 + step * 7 + 1) % 6];
                        let wanted = order(&format!("{worker}-{step}"), payer, payee, 1 + step as i64 * 400);
                        let answer = gatherer.pay_blocking(wanted.clone()).unwrap();
                        if step % 5 == 0 {
                            let repeat = gatherer.pay_blocking(wanted).unwrap();
                            assert!(repeat.replayed && repeat.body == answer.body);
                        }
                    }
                });
            }
            // Meanwhile one wallet is frozen and unfrozen.
            let (db, ambient, frozen) = (&world.db, &world.ambient, wallets[5].id);
            scope.spawn(move || {
                for _ in 0..5 {
                    let ambient = ambient.clone();
                    let done: Result<(), MoneyError> = db.write(move |tx| {
                        if wallets::freeze(tx, &ambient, frozen, "test", "")?.is_none() {
                            wallets::unfreeze(tx, &ambient, frozen, "")?;
                        }
                        Ok(())
                    });
                    done.unwrap();
                }
            });
        });
        let total: i64 = wallets
            .iter()
            .map(|wallet| world.wallet(wallet).posted_minor)
            .sum();
        assert_eq!(total, 6 * 300_000);
        let metrics = gatherer.metrics();
        assert_eq!((metrics.orders, metrics.alone), (6 * 36, 0));
        world.prove();
    });
}

#[test]
fn a_slice_takes_whoever_waits_at_the_moment_it_begins() {
    let world = World::new(store::harness::sqlite(&[crate::MIGRATIONS]));
    let wallets = customers(&world);
    let gatherer = Gatherer::start(world.db.clone(), world.ambient.clone(), world.policy.clone());
    let (open_gate, gate) = channel::<()>();
    let (begins, begun) = channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let before = move |_: &mut store::Tx<'_>| {
        let _ = begins.send(());
        let _ = gate.lock().unwrap().recv();
        Ok::<(), DbError>(())
    };
    world.db.write_then(before, drop).unwrap();
    begun.recv().unwrap();
    let waiting: Vec<_> = (0..30)
        .map(|number| {
            let wanted = order(
                &format!("o{number}"),
                &wallets[number % 6],
                &wallets[(number + 1) % 6],
                100,
            );
            gatherer.send(wanted).unwrap()
        })
        .collect();
    open_gate.send(()).unwrap();
    for answer in waiting {
        assert!(matches!(
            answer.blocking_recv().unwrap().unwrap().outcome,
            Outcome::Posted(_)
        ));
    }
    assert_eq!((gatherer.metrics().slices, gatherer.metrics().orders), (1, 30));
    world.prove();
}

#[test]
fn one_order_that_cannot_be_decided_fails_alone() {
    on_each_engine(|world| {
        let wallets = customers(&world);
        let broken = wallets[0].account;
        world
            .db
            .write(move |tx| crate::accounts::damage_profile(tx, broken))
            .unwrap();
        let gatherer = Gatherer::start(world.db.clone(), world.ambient.clone(), world.policy.clone());
        let orders: Vec<Order> = (0..40)
            .map(|number| {
                let payer = &wallets[number % 6];
                order(&format!("o{number}"), payer, &wallets[(number + 1) % 6], 100)
            })
            .collect();
        let answers: Vec<_> = thread::scope(|scope| {
            let paying: Vec<_> = orders
                .iter()
                .map(|order| scope.spawn(|| gatherer.pay_blocking(order.clone())))
                .collect();
            paying.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (order, answer) in orders.iter().zip(answers) {
            if [order.payer_account, order.payee_account].contains(&broken) {
                assert!(matches!(answer, Err(MoneyError::DamagedProfile { .. })));
            } else {
                assert!(matches!(answer.unwrap().outcome, Outcome::Posted(_)));
            }
        }
    });
}

#[test]
fn a_database_that_has_gone_is_asked_once_a_slice_and_everybody_is_told() {
    let world = World::new(store::harness::sqlite(&[crate::MIGRATIONS]));
    let wallets = customers(&world);
    let DbConfig::Sqlite(mut options) = world.db.config().clone() else {
        panic!("it is a file")
    };
    options.inline = true;
    let db = Db::open(&DbConfig::Sqlite(options), world.ambient.clone()).unwrap();
    let (open_gate, gate) = channel::<()>();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    // The first commit waits until everybody stands in the queue.
    db.inject(Some(Box::new(move || {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let _ = gate.recv();
        }
        Some(Fault::Refused)
    })));
    let gatherer = Gatherer::start(db, world.ambient.clone(), world.policy.clone());
    let mut waiting = Vec::new();
    for number in 0..60 {
        let (payer, payee) = (&wallets[number % 6], &wallets[(number + 1) % 6]);
        waiting.push(
            gatherer
                .send(order(&format!("o{number}"), payer, payee, 100))
                .unwrap(),
        );
    }
    open_gate.send(()).unwrap();
    for answer in waiting {
        let answer = answer.blocking_recv().unwrap();
        assert!(
            matches!(answer, Err(MoneyError::Db(DbError::Unavailable(_)))),
            "{answer:?}"
        );
    }
    let (asked, metrics) = (asked.load(Ordering::SeqCst) as u64, gatherer.metrics());
    assert_eq!((metrics.orders, metrics.alone), (60, 0));
    assert!(
        asked == metrics.slices && asked <= 2,
        "{asked} commits for {metrics:?}"
    );
    drop(gatherer);
    world.prove();
}
