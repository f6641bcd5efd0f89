use super::world::{Scale, World, live};
use crate::operate::proofs;
use money::{Outcome, payments};
use store::{Db, DbError, Sql};

/// `HUILING_SIMULATE_SEEDS=200` lives two hundred months instead of these few.
const SEEDS: u64 = 2;

#[test]
fn a_month_with_faults_is_sound_every_evening() {
    let seeds = std::env::var("HUILING_SIMULATE_SEEDS").ok();
    let seeds = seeds.and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    let scale = Scale {
        days: 30,
        customers: 160,
    };
    for seed in 1..=seeds {
        let month = live(seed, scale).unwrap_or_else(|broken| panic!("{broken}"));
        println!("{month}");
        assert!(
            month.held > 30 && month.deaths > 3 && month.faults > 20,
            "{month}"
        );
        assert!(month.released > 5 && month.voided > 5, "{month}");
        assert!(month.full_disks > 0 && month.events_repeated > 0, "{month}");
        assert!(month.wallets_opened > 0 && month.answered > 10, "{month}");
    }
}

#[test]
fn one_seed_lives_the_same_days_to_the_last_byte() {
    let scale = Scale {
        days: 3,
        customers: 80,
    };
    let lived = [5, 5, 6].map(|seed| live(seed, scale).unwrap_or_else(|broken| panic!("{broken}")));
    assert_eq!(lived[0], lived[1]);
    assert_ne!(lived[0].digest, lived[2].digest);
}

/// Each proof is shown a world in which it must fail.
#[test]
fn the_proofs_see_what_must_never_be() {
    let scale = Scale {
        days: 2,
        customers: 120,
    };
    let mut world = World::new(11, scale).unwrap();
    world.live().unwrap();
    world.calm_down().unwrap();
    world.prove_balances().unwrap();
    world.prove_answers().unwrap();
    let paid = world.memory.sent.iter().rposition(|sent| {
        matches!(sent.answer, Some((_, Outcome::Posted(_)))) && sent.order.amount.minor < 100_000
    });
    let paid = paid.expect("somebody has paid");
    // A payment that happened once too often or was lost: by the answers it is another sum.
    world.memory.sent[paid].order.amount.minor += 1;
    assert!(world.prove_balances().is_err());
    world.memory.sent[paid].order.amount.minor -= 1;
    // An answer that is no longer the first.
    let (body, _) = world.memory.sent[paid].answer.as_mut().unwrap();
    body.push(b' ');
    assert!(world.prove_answers().is_err());
    // A release that nobody was entitled to.
    let held: Vec<_> = world.memory.held.keys().copied().collect();
    let released = held.into_iter().find_map(|id| {
        let payment = world.read("a payment", move |tx| Ok(payments::get(tx, id)?));
        payment
            .unwrap()
            .flatten()
            .filter(|payment| payment.state == money::PaymentState::Posted)
    });
    let released = released.expect("some payment was released");
    world.prove_hold(&released).unwrap();
    world.memory.pressed_one.clear();
    let known = world.memory.held.get_mut(&released.id).unwrap();
    (known.signed, known.staff_released) = (false, false);
    assert!(world.prove_hold(&released).is_err());
}

/// Runs `change`, which must touch one row, and gives what `verify` finds then: the names, and how many
/// decisions it did not judge.
fn found_after(db: &Db, change: &'static str) -> (String, u64) {
    let touched: Result<u64, DbError> = db.write(move |tx| tx.execute(&Sql(change), &[]));
    assert_eq!(touched.unwrap(), 1, "{change}");
    let ledger = money::verify(db).unwrap();
    let decisions = proofs::decisions(db).unwrap();
    let names = [ledger.problems, decisions.problems].concat().join("\n");
    (names, decisions.not_judged.values().sum())
}

#[test]
fn what_was_changed_behind_the_programs_back_is_named() {
    let scale = Scale {
        days: 2,
        customers: 80,
    };
    let mut world = World::new(12, scale).unwrap();
    world.live().unwrap();
    world.calm_down().unwrap();
    let db = world.house.as_ref().expect("it runs").db.clone();
    let ledger = money::verify(&db).unwrap();
    let decisions = proofs::decisions(&db).unwrap();
    assert_eq!((ledger.problems_found, decisions.problems_found), (0, 0));
    assert!(decisions.count > 5, "{}", decisions.count);
    // Every assessment of the two days was made again.
    assert_eq!((ledger.scored, ledger.not_judged.len()), (ledger.assessments, 0));
    let (names, not_judged) = found_after(
        &db,
        "UPDATE application_decisions SET rule_version = 7
            WHERE application = (SELECT MIN(application) FROM application_decisions)",
    );
    assert_eq!((names.as_str(), not_judged), ("", 1));
    let (names, _) = found_after(
        &db,
        "UPDATE application_decisions SET outcome = 'decline'
            WHERE application = (SELECT MAX(application) FROM application_decisions WHERE outcome = 'grant')",
    );
    assert!(
        names.contains("decided otherwise than its rules decide"),
        "{names}"
    );
    let (names, _) = found_after(
        &db,
        "UPDATE payments SET assessment = REPLACE(assessment, '2 approve ', '2 approve 1')
            WHERE id = (SELECT MAX(id) FROM payments WHERE assessment LIKE '2 approve %')",
    );
    assert!(names.contains("its rules make it \"2 approve"), "{names}");
    let (names, _) = found_after(
        &db,
        "UPDATE accounts SET profile = (SELECT profile FROM accounts WHERE id = 1)
            WHERE id = (SELECT MAX(payer_account) FROM payments WHERE kind = 0 AND state = 1)",
    );
    assert!(
        names.contains("its profile is not what its history makes it"),
        "{names}"
    );
}
