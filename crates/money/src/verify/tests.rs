use super::store;
use crate::payments::{Outcome, parts, record_warning};
use crate::testing::{World, on_each_engine, order};
use crate::{Policy, VerifyReport, bench_world, keep_rules, verify};
use risk::WarningSign;
use std::collections::BTreeMap;
use std::sync::Arc;

#[test]
fn a_sound_history_is_counted_and_proved() {
    on_each_engine(|world| {
        bench_world(&world.db, 50).unwrap();
        let (wang, li) = (
            world.customer("王小明", "13800138001", 400_000),
            world.customer("李华", "13800138002", 0),
        );
        let answers = world.pay(&[
            order("a", &wang, &li, 500),
            order("b", &wang, &li, 600_000),
            order("c", &wang, &li, 125_000),
        ]);
        assert!(matches!(answers[2].outcome, Outcome::Held { .. }));
        let report = verify(&world.db).unwrap();
        assert!(report.is_sound(), "{:?}", report.problems);
        // Two wallets, fifty of the bench, one rail; fifty openings, one top-up, one payment.
        assert_eq!((report.accounts, report.transfers), (53, 52));
        assert_eq!((report.payments, report.answers), (3, 4));
        assert_eq!(
            (report.assessments, report.open_holds, report.sum_minor),
            (2, 1, 0)
        );
    });
}

#[test]
fn a_forged_balance_and_a_lost_answer_are_found() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 400_000),
            world.customer("李华", "13800138002", 0),
        );
        world.pay_one(&order("a", &wang, &li, 500));
        let account = li.account;
        world
            .db
            .write(move |tx| super::store::forge(tx, account))
            .unwrap();
        let report = verify(&world.db).unwrap();
        assert!(!report.is_sound());
        let all = report.problems.join("\n");
        assert!(all.contains("add up to 1"), "{all}");
        assert!(
            all.contains(&format!("account {account}: posted is 501")),
            "{all}"
        );
        assert!(all.contains("a payment without an answer"), "{all}");
    });
}

/// Small payments that make a habit, a warning sign, a large one that is held, one that is refused.
fn eventful(world: &World) -> (i64, Vec<i64>) {
    let wang = world.customer("王小明", "13800138001", 3_000_000);
    let li = world.customer("李华", "13800138002", 0);
    let mut numbers = Vec::new();
    for (day, amount_minor) in [5_000, 6_100, 900, 7_000, 5_500, 4_000, 70_000]
        .into_iter()
        .enumerate()
    {
        world.ambient.clock.advance_ms(86_400_000 / 3);
        let answer = world.pay_one(&order(&format!("day-{day}"), &wang, &li, amount_minor));
        if let Outcome::Posted(payment) | Outcome::Held { payment, .. } = answer.outcome {
            numbers.push(parts(payment).0);
        }
        let (ambient, account) = (world.ambient.clone(), wang.account);
        if day == 5 {
            let learned = world
                .db
                .write(move |tx| record_warning(tx, &ambient, account, WarningSign::BusyLine));
            learned.unwrap();
        }
    }
    assert_eq!(numbers.len(), 7);
    (wang.account, numbers)
}

fn report(world: &World) -> VerifyReport {
    verify(&world.db).unwrap()
}

#[test]
fn every_assessment_is_made_again_from_the_profile_of_its_moment() {
    on_each_engine(|world| {
        eventful(&world);
        let report = report(&world);
        assert!(report.is_sound(), "{:?}", report.problems);
        assert_eq!((report.assessments, report.scored), (7, 7));
        assert_eq!(report.not_judged, BTreeMap::new());
    });
}

#[test]
fn one_changed_byte_of_a_profile_is_found() {
    on_each_engine(|world| {
        let (account, _) = eventful(&world);
        let sound = world.db.read(move |tx| store::profile(tx, account)).unwrap();
        for place in [0, 1, 9, 100, 160, 200, sound.len() - 1] {
            let mut changed = sound.clone();
            changed[place] ^= 1;
            world
                .db
                .write(move |tx| store::set_profile(tx, account, &changed))
                .unwrap();
            let expected = format!("account {account}: its profile is not what its history makes it");
            assert_eq!(report(&world).problems, [expected], "byte {place}");
        }
        world
            .db
            .write(move |tx| store::set_profile(tx, account, &sound))
            .unwrap();
        world.prove();
    });
}

#[test]
fn one_changed_byte_of_an_assessment_is_found() {
    on_each_engine(|world| {
        let (_, numbers) = eventful(&world);
        let last = numbers[6];
        let sound = world
            .db
            .read(move |tx| store::payments(tx, last - 1))
            .unwrap()
            .remove(0)
            .assessment;
        assert!(sound.starts_with("2 hold "), "{sound}");
        // The version, the score, a figure of a reason.
        for place in [0, 7, sound.len() - 1] {
            let mut changed = sound.clone().into_bytes();
            changed[place] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            world
                .db
                .write(move |tx| store::set_assessment(tx, last, &changed))
                .unwrap();
            let problems = report(&world).problems;
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(
                problems[0].starts_with(&format!("payment {last} ")),
                "{problems:?}"
            );
        }
    });
}

#[test]
fn each_assessment_is_judged_by_the_rules_that_it_names() {
    on_each_engine(|mut world| {
        eventful(&world);
        let mut stricter = Policy::cn();
        stricter.risk.cold_start_minor = 3_000;
        let stricter = keep_rules(&world.db, stricter).unwrap();
        assert_eq!(stricter.risk.version, 3);
        world.policy = Arc::new(stricter);
        let (zhao, qian) = (
            world.customer("赵丽", "13800138003", 100_000),
            world.customer("钱进", "13800138004", 0),
        );
        let answer = world.pay_one(&order("strict", &zhao, &qian, 9_500));
        let Outcome::Held { payment, .. } = answer.outcome else {
            panic!("{:?}", answer.outcome)
        };
        // What was known before keeps its version.
        assert_eq!(keep_rules(&world.db, Policy::cn()).unwrap().risk.version, 2);
        let sound = report(&world);
        assert!(sound.is_sound(), "{:?}", sound.problems);
        assert_eq!(sound.scored, 8);
        // By the older rules it would have been approved; by none at all it could not have been made.
        let number = parts(payment).0;
        let stored = world
            .db
            .read(move |tx| store::payments(tx, number - 1))
            .unwrap()
            .remove(0)
            .assessment;
        for version in ["2", "1", "9"] {
            let forged = stored.replacen('3', version, 1);
            world
                .db
                .write(move |tx| store::set_assessment(tx, number, &forged))
                .unwrap();
            let problems = report(&world).problems;
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(
                problems[0].starts_with(&format!("payment {number} ")),
                "{problems:?}"
            );
        }
    });
}

#[test]
fn assessments_from_before_rules_were_kept_are_counted_and_not_judged() {
    let db = ::store::harness::sqlite(&[crate::MIGRATIONS]);
    let mut world = World::new(db);
    world.db.write(store::forget_rules).unwrap();
    world.policy = Arc::new(Policy::cn());
    eventful(&world);
    let report = report(&world);
    assert!(report.is_sound(), "{:?}", report.problems);
    assert_eq!((report.scored, report.not_judged), (0, BTreeMap::from([(1, 7)])));
}

/// A database that comes from a version of the program which did not write warning signs down.
#[test]
fn profiles_from_before_their_history_was_kept_are_believed_and_judged_from_then_on() {
    on_each_engine(|world| {
        let (account, _) = eventful(&world);
        world.db.write(store::begin_history_now).unwrap();
        let old = report(&world);
        assert!(old.is_sound(), "{:?}", old.problems);
        assert_eq!((old.scored, old.not_judged), (0, BTreeMap::from([(2, 7)])));

        let payer = world.db.read(move |tx| crate::wallets::by_account(tx, account));
        let zhang = world.customer("张伟", "13800138009", 900_000);
        world.ambient.clock.advance_ms(86_400_000);
        world.pay_one(&order("later", &payer.unwrap().unwrap(), &zhang, 5_000));
        let later = report(&world);
        assert!(later.is_sound(), "{:?}", later.problems);
        assert_eq!(later.scored, 1);

        let mut changed = world.db.read(move |tx| store::profile(tx, account)).unwrap();
        changed[0] ^= 1;
        world
            .db
            .write(move |tx| store::set_profile(tx, account, &changed))
            .unwrap();
        assert_eq!(report(&world).problems_found, 1);
    });
}
