use crate::payments::Outcome;
use crate::testing::{on_each_engine, order};
use crate::{bench_world, verify};

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
