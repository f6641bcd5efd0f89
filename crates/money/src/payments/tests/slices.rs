use crate::payments::{self, Outcome, PaymentState, Refusal, forget_answers, get};
use crate::testing::{cny, key, on_each_engine, order};
use crate::{MoneyError, activity, rails, wallets};
use risk::Verdict;

#[test]
fn every_statement_is_prepared_on_both_engines() {
    on_each_engine(|world| {
        world
            .db
            .prepare_all(&crate::statements(), &crate::shapes())
            .unwrap();
    });
}

#[test]
fn a_repeat_gets_the_first_answer_byte_for_byte_and_pays_nothing() {
    on_each_engine(|mut world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 100_000),
            world.customer("李华", "13800138002", 0),
        );
        let once = order("a", &wang, &li, 2_500);
        // Twice in one slice, then alone, then after a restart.
        let answers = world.pay(&[once.clone(), once.clone()]);
        assert!(!answers[0].replayed && answers[1].replayed);
        let again = world.pay_one(&once);
        world.db.restart();
        let after_restart = world.pay_one(&once);
        let looked_up = {
            let once = once.clone();
            world.db.read(move |tx| payments::answered(tx, &once))
        };
        assert_eq!(looked_up.unwrap().unwrap().body, answers[0].body);
        for repeat in [&answers[1], &again, &after_restart] {
            assert!(repeat.replayed);
            assert_eq!(repeat.body, answers[0].body);
            assert_eq!(repeat.outcome, answers[0].outcome);
        }
        assert_eq!(world.wallet(&wang).posted_minor, 97_500);
        assert_eq!(world.wallet(&li).posted_minor, 2_500);
        world.prove();
    });
}

#[test]
fn a_key_with_another_request_is_refused_and_nothing_is_stored() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 100_000),
            world.customer("李华", "13800138002", 0),
        );
        let first = order("a", &wang, &li, 100);
        let other = order("a", &wang, &li, 200);
        let in_slice = world.pay(&[first.clone(), other.clone()]);
        assert_eq!(in_slice[1].outcome, Outcome::KeyReused);
        assert_eq!(world.pay_one(&other).outcome, Outcome::KeyReused);
        assert!(world.pay_one(&first).replayed);
        // The same key of another caller is another key.
        let elsewhere = payments::Order {
            caller: [9; 16],
            ..other
        };
        assert!(matches!(world.pay_one(&elsewhere).outcome, Outcome::Posted(_)));
        assert_eq!(world.wallet(&li).posted_minor, 300);
        world.prove();
    });
}

#[test]
fn refusals_name_what_is_wrong_and_are_stored() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 1_000),
            world.customer("李华", "13800138002", 0),
        );
        let base = order("x", &wang, &li, 500);
        let with = |name: &str, change: fn(&mut payments::Order)| {
            let mut changed = base.clone();
            changed.key = key(name);
            change(&mut changed);
            changed
        };
        let orders = [
            with("not-enough", |o| o.amount = cny(1_001)),
            with("too-much", |o| o.amount = cny(500_001)),
            with("nothing", |o| o.amount = cny(0)),
            with("nobody", |o| o.payee_account = 999_999),
            with("bank", |o| o.payee_account = 1),
            with("self", |o| o.payee_account = o.payer_account),
            with("currency", |o| o.amount.currency = base::Currency::Eur),
        ];
        let answers = world.pay(&orders);
        let refusals = answers.iter().map(|answer| answer.outcome.clone());
        let expected = [
            Refusal::NotEnough {
                available_minor: 1_000,
            },
            Refusal::OverPaymentLimit { limit_minor: 500_000 },
            Refusal::AmountNotPositive,
            Refusal::UnknownPayee,
            Refusal::UnknownPayee,
            Refusal::SelfPayment,
            Refusal::WrongCurrency {
                wanted: base::Currency::Cny,
            },
        ];
        assert!(refusals.eq(expected.into_iter().map(Outcome::Refused)));
        assert!(
            world
                .pay(&orders)
                .iter()
                .zip(&answers)
                .all(|(a, b)| a.replayed && a.body == b.body)
        );
        world.prove();
    });
}

#[test]
fn the_whole_balance_may_be_paid_and_not_a_fen_more() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 1_000),
            world.customer("李华", "13800138002", 0),
        );
        let answers = world.pay(&[
            order("more", &wang, &li, 1_001),
            order("all", &wang, &li, 1_000),
            order("again", &wang, &li, 1),
        ]);
        let outcomes: Vec<&Outcome> = answers.iter().map(|answer| &answer.outcome).collect();
        let not_enough = |available_minor| Outcome::Refused(Refusal::NotEnough { available_minor });
        assert_eq!(*outcomes[0], not_enough(1_000));
        assert!(matches!(outcomes[1], Outcome::Posted(_)), "{:?}", outcomes[1]);
        assert_eq!(*outcomes[2], not_enough(0));
        assert_eq!(world.wallet(&wang).posted_minor, 0);
        world.prove();
    });
}

#[test]
fn the_days_limit_ends_with_the_operators_day() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 2_000_000),
            world.customer("李华", "13800138002", 0),
        );
        // Small steps, so that no rule holds them up.
        for step in 0..50 {
            world.ambient.clock.advance_ms(400_000);
            let answer = world.pay_one(&order(&format!("s{step}"), &wang, &li, 9_900));
            assert!(
                matches!(answer.outcome, Outcome::Posted(_)),
                "{:?}",
                answer.outcome
            );
        }
        let over = world.pay_one(&order("over", &wang, &li, 5_001));
        assert_eq!(
            over.outcome,
            Outcome::Refused(Refusal::OverDayLimit { left_minor: 5_000 })
        );
        world.ambient.clock.advance_ms(12 * 3_600_000);
        let tomorrow = world.pay_one(&order("tomorrow", &wang, &li, 5_001));
        assert!(matches!(tomorrow.outcome, Outcome::Posted(_)));
        world.prove();
    });
}

#[test]
fn a_password_alone_is_challenged_from_the_regulations_sum() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 400_000),
            world.customer("李华", "13800138002", 0),
        );
        let plain = |name, amount_minor| payments::Order {
            second_factor: false,
            ..order(name, &wang, &li, amount_minor)
        };
        // ¥1,000 a day: up to the fen itself, and not one more.
        for (name, amount_minor) in [("most", 60_000), ("the-rest", 40_000)] {
            let outcome = world.pay_one(&plain(name, amount_minor)).outcome;
            assert!(matches!(outcome, Outcome::Posted(_)), "{outcome:?}");
        }
        assert!(matches!(
            world.pay_one(&plain("a-fen-more", 1)).outcome,
            Outcome::Challenged { .. }
        ));
        let proved = order("proved", &wang, &li, 60_000);
        assert!(matches!(world.pay_one(&proved).outcome, Outcome::Posted(_)));
        world.prove();
    });
}

#[test]
fn a_top_up_is_done_once_and_only_up_to_the_balances_limit() {
    on_each_engine(|world| {
        let wang = world.customer("王小明", "13800138001", 0);
        let (ambient, policy) = (world.ambient.clone(), world.policy.clone());
        let account = wang.account;
        let top_up = move |reference: &'static str, minor: i64| {
            let (ambient, policy) = (ambient.clone(), policy.clone());
            world
                .db
                .write(move |tx| rails::top_up(tx, &ambient, &policy, &key(reference), account, cny(minor)))
        };
        let first = top_up("bank-1", 30_000).unwrap();
        assert!(matches!(first.outcome, Outcome::Posted(_)));
        let repeat = top_up("bank-1", 30_000).unwrap();
        assert!(repeat.replayed && repeat.body == first.body);
        assert_eq!(top_up("bank-1", 40_000).unwrap().outcome, Outcome::KeyReused);
        let over = top_up("bank-2", 50_000_000).unwrap().outcome;
        assert_eq!(
            over,
            Outcome::Refused(Refusal::OverBalanceLimit {
                limit_minor: 50_000_000
            })
        );
    });
}

#[test]
fn a_payment_is_found_by_its_id_and_by_no_guessed_one() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 100_000),
            world.customer("李华", "13800138002", 0),
        );
        let mut with_note = order("a", &wang, &li, 100);
        with_note.note = "房租".repeat(60);
        let Outcome::Posted(id) = world.pay_one(&with_note).outcome else {
            panic!("posted")
        };
        let payment = world.db.read(move |tx| get(tx, id)).unwrap().unwrap();
        assert_eq!((payment.state, payment.amount), (PaymentState::Posted, cny(100)));
        assert_eq!(payment.note.chars().count(), 100);
        assert_eq!(payment.payee.name(), "李华");
        assert_eq!(payment.assessment.unwrap().verdict, Verdict::Approve);
        let mut guessed = id;
        guessed.0[15] ^= 1;
        assert!(world.db.read(move |tx| get(tx, guessed)).unwrap().is_none());
        let page = |account| {
            let entries: Result<_, MoneyError> =
                world.db.read(move |tx| activity::list(tx, account, None, 10));
            entries.unwrap()
        };
        assert_eq!(page(wang.account).len(), 2, "the payment and the top-up");
        assert_eq!(page(li.account)[0].direction, activity::Direction::In);
        let after_first = world
            .db
            .read(move |tx| activity::list(tx, wang.account, Some(id), 10))
            .unwrap();
        assert_eq!(after_first.len(), 1);
        let receipt = world
            .db
            .read(move |tx| crate::receipts::receipt(tx, id, li.account))
            .unwrap()
            .unwrap();
        assert_eq!(receipt.payer.name, "王*明");
        assert_eq!(receipt.payee.name, "李华");
    });
}

#[test]
fn forgotten_answers_are_the_oldest_and_the_rest_still_proves() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 100_000),
            world.customer("李华", "13800138002", 0),
        );
        for number in 0..5 {
            world.pay_one(&order(&format!("old{number}"), &wang, &li, 100));
        }
        world.ambient.clock.advance_ms(1_000);
        let recent = order("recent", &wang, &li, 100);
        world.pay_one(&recent);
        let before = world.ambient.now();
        let forgotten = |max| {
            let forgotten: Result<u64, MoneyError> =
                world.db.write(move |tx| forget_answers(tx, before, max));
            forgotten.unwrap()
        };
        assert_eq!(forgotten(4), 4);
        world.prove();
        assert_eq!(forgotten(100), 2, "the top-up's and the last of the payments'");
        assert!(world.pay_one(&recent).replayed);
        world.prove();
    });
}

#[test]
fn a_payee_is_named_to_strangers_only_in_part() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 100_000),
            world.customer("李小华", "13800138002", 0),
        );
        let twin = world.customer("赵一", "13800138003", 0);
        world.customer("赵二", "13800138003", 0);
        let resolve = |text: String| {
            let payer = wang.account;
            let found: Result<_, MoneyError> =
                world.db.read(move |tx| wallets::resolve_payee(tx, payer, &text));
            found.unwrap()
        };
        let wallets::Resolved::Payee(payee) = resolve("138 0013 8002".into()) else {
            panic!("found")
        };
        assert_eq!((payee.display_name.as_str(), payee.known), ("李*华", false));
        world.pay_one(&order("a", &wang, &li, 100));
        let wallets::Resolved::Payee(payee) = resolve(li.number.to_string()) else {
            panic!("found")
        };
        assert_eq!((payee.display_name.as_str(), payee.known), ("李小华", true));
        assert_eq!(resolve(wang.number.to_string()), wallets::Resolved::NotYourself);
        assert_eq!(resolve(twin.phone.to_string()), wallets::Resolved::Ambiguous);
        assert_eq!(resolve("13900000000".into()), wallets::Resolved::NotFound);
        assert_eq!(resolve("nobody".into()), wallets::Resolved::NotFound);
    });
}
