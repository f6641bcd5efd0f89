use super::{Direction, list, store};
use crate::payments::{Order, Outcome, VoidedBy, paid_before, parts, record_warning, void};
use crate::testing::{World, on_each_engine, order};
use crate::wallets::Wallet;
use crate::{MoneyError, verify};
use base::{PaymentId, Rng};
use risk::WarningSign;

const HELD: i64 = 0;
const POSTED: i64 = 1;
const VOIDED: i64 = 2;
const REFUSED: i64 = 3;

fn people(world: &World) -> Vec<Wallet> {
    let people = ["甲", "乙", "丙", "丁"].into_iter().enumerate();
    let open = |(place, name)| world.customer(name, &format!("1390000000{place}"), 4_000_000);
    people.map(open).collect()
}

/// Payments of every kind: posted, held, refused for their risk, voided.
fn live(world: &World, people: &[Wallet]) {
    let rng = Rng::from_seed(77);
    let mut held = Vec::new();
    for step in 0..60 {
        world.ambient.clock.advance_ms(rng.below(20_000_000) as i64);
        let pick = |number: u64| {
            let payer = rng.below(4) as usize;
            let payee = (payer + 1 + rng.below(3) as usize) % 4;
            let minor = [900, 3_000, 150_000, 400_000][rng.below(4) as usize];
            order(&format!("{step}-{number}"), &people[payer], &people[payee], minor)
        };
        let orders: Vec<Order> = (0..=rng.below(3)).map(pick).collect();
        for answer in world.pay(&orders) {
            if let Outcome::Held { payment, .. } = answer.outcome {
                held.push(payment);
            }
        }
        let (ambient, account) = (world.ambient.clone(), people[rng.below(4) as usize].account);
        let warned: Result<(), MoneyError> = world.db.write(move |tx| {
            if step % 3 == 0 {
                record_warning(tx, &ambient, account, WarningSign::FailedSecondFactor)?;
                record_warning(tx, &ambient, account, WarningSign::BusyLine)?;
            }
            Ok(())
        });
        warned.unwrap();
        if let Some(payment) = held.pop().filter(|_| step % 2 == 0) {
            let ambient = world.ambient.clone();
            let end = VoidedBy::CustomerApp(base::LoginId([1; 16]));
            let voided: Result<_, MoneyError> =
                world.db.write(move |tx| void(tx, &ambient, payment, end, ""));
            voided.unwrap();
        }
    }
}

fn page(world: &World, account: i64, before: Option<PaymentId>, limit: usize) -> Vec<(PaymentId, Direction)> {
    let listed: Result<_, MoneyError> = world.db.read(move |tx| list(tx, account, before, limit));
    let entries = listed.unwrap().into_iter();
    entries.map(|entry| (entry.payment.id, entry.direction)).collect()
}

/// What the account's holder is to see, by looking at every payment there is.
fn expected(all: &[[i64; 4]], account: i64) -> Vec<(i64, Direction)> {
    let seen = |&[id, payer, payee, state]: &[i64; 4]| {
        if payer == account {
            Some((id, Direction::Out))
        } else if payee == account && state == POSTED {
            Some((id, Direction::In))
        } else {
            None
        }
    };
    all.iter().filter_map(seen).collect()
}

fn pages_agree(world: &World, people: &[Wallet]) {
    let all = world.db.read(store::everything).unwrap();
    for account in people.iter().map(|wallet| wallet.account) {
        let expected = expected(&all, account);
        for limit in [1, 2, 7, 200] {
            let (mut walked, mut before) = (Vec::new(), None);
            loop {
                let page = page(world, account, before, limit);
                assert!(page.len() <= limit);
                let Some((last, _)) = page.last() else { break };
                before = Some(*last);
                walked.extend(page.iter().map(|(id, direction)| (parts(*id).0, *direction)));
            }
            assert_eq!(walked, expected, "pages of {limit}");
        }
    }
}

#[test]
fn pages_follow_each_other_without_a_gap_or_a_repeat() {
    on_each_engine(|world| {
        let people = people(&world);
        live(&world, &people);
        let all = world.db.read(store::everything).unwrap();
        for state in [HELD, POSTED, VOIDED, REFUSED] {
            assert!(all.iter().any(|row| row[3] == state), "some payment is {state}");
        }
        pages_agree(&world, &people);
        world.prove();
    });
}

#[test]
fn a_page_before_somebody_elses_payment_goes_on_below_it() {
    on_each_engine(|world| {
        let people = people(&world);
        let pay = |name: &str, payer: usize, payee: usize| {
            let answer = world.pay_one(&order(name, &people[payer], &people[payee], 500));
            match answer.outcome {
                Outcome::Posted(id) => id,
                other => panic!("{other:?}"),
            }
        };
        let (first, foreign, _last) = (pay("a", 0, 1), pay("b", 2, 3), pay("c", 0, 1));
        let page = page(&world, people[0].account, Some(foreign), 10);
        assert_eq!(page[0], (first, Direction::Out));
        assert_eq!(page.len(), 2, "the first payment and the top-up");
    });
}

#[test]
fn a_ledger_from_before_statements_were_chains_is_chained() {
    on_each_engine(|world| {
        let people = people(&world);
        live(&world, &people);
        world.db.write(store::unchain).unwrap();
        world.db.migrate(&[crate::MIGRATIONS]).unwrap();
        world.prove();
        pages_agree(&world, &people);
        world.pay_one(&order("after", &people[0], &people[1], 500));
        world.prove();
    });
}

#[test]
fn a_statement_that_skips_a_payment_is_found() {
    on_each_engine(|world| {
        let people = people(&world);
        world.pay_one(&order("a", &people[0], &people[1], 500));
        let account = people[0].account;
        world.db.write(move |tx| store::skip(tx, account)).unwrap();
        let problems = verify(&world.db).unwrap().problems.join("\n");
        assert!(
            problems.contains(&format!("account {account}: the last payment is")),
            "{problems}"
        );
        // Nor is what follows joined to what was skipped.
        world.pay_one(&order("b", &people[0], &people[1], 500));
        let problems = verify(&world.db).unwrap().problems.join("\n");
        assert!(
            problems.contains(&format!("the statement of account {account} breaks off")),
            "{problems}"
        );
    });
}

#[test]
fn a_payee_is_known_as_long_as_one_of_the_last_four_thousand_payments_went_there() {
    let world = World::new(::store::harness::sqlite(&[crate::MIGRATIONS]));
    let people = people(&world);
    let known = |payee: usize| {
        let (payer, payee) = (people[0].account, people[payee].account);
        world.db.read(move |tx| paid_before(tx, payer, payee)).unwrap()
    };
    world.pay_one(&order("first", &people[0], &people[1], 100));
    let many: Vec<Order> = (0..3_999)
        .map(|number| order(&format!("n{number}"), &people[2], &people[0], 1))
        .collect();
    let posted = world.pay(&many);
    assert!(
        posted
            .iter()
            .all(|answer| matches!(answer.outcome, Outcome::Posted(_) | Outcome::Held { .. }))
    );
    assert!(known(1) && !known(2), "what comes in makes nobody known");
    world.pay_one(&order("one-more", &people[0], &people[3], 100));
    assert!(known(3) && !known(1));
}
