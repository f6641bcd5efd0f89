//! What a process that is gone has left in the database, on both engines.

use crate::after::AMOUNT;
use crate::one_database::{begin, each_world, finish, open, write};
use crate::world::World;
use base::{CallId, PaymentId};
use calls::attempts::{self, AttemptState, Words};
use calls::cases::{self, CaseOutcome, CaseState};
use calls::{Disposition, handlers};
use money::payments::{self, PaymentState};
use store::{Sql, Tx};

#[test]
fn what_a_dead_process_left_is_found() {
    each_world(|world| {
        let payment = world.hold(125_000);
        open(&world, payment);
        let begun = begin(&world).pop().unwrap();
        let unfinished = |node: &'static str, world: &World| {
            let now = world.ambient.now();
            world.read(move |tx| attempts::unfinished_of(tx, node, now)).len()
        };
        assert_eq!((unfinished("a", &world), unfinished("b", &world)), (1, 0));
        world.ambient.clock.advance_ms(world.policy.lease_ms + 1);
        assert_eq!(unfinished("b", &world), 1);
        finish(&world, begun.attempt.id, Disposition::Interrupted);
        assert_eq!(unfinished("a", &world), 0);
        assert_eq!(world.case(payment).unwrap().attempts, 1);
    });
}

#[test]
fn a_crash_between_the_commit_and_the_goodbye_changes_nothing() {
    each_world(|world| {
        let payment = world.hold(125_000);
        let case = open(&world, payment);
        let begun = begin(&world).pop().unwrap();
        let id = case.id;
        assert!(write(&world, move |tx, ambient| cases::conclude(
            tx,
            ambient,
            id,
            CaseOutcome::Confirmed
        )));
        finish(&world, begun.attempt.id, Disposition::Interrupted);
        let case = world.case(payment).unwrap();
        assert_eq!(
            (case.state, case.outcome),
            (CaseState::Concluded, Some(CaseOutcome::Confirmed))
        );
        assert_eq!(case.attempts, 1);
        assert_eq!(begin(&world).len(), 0);
    });
}

static COPY: Sql = Sql(
    "INSERT INTO call_attempt (id, case_id, customer, number, node, lease_until_us, state, proof_digit,
        displayed_number, begun_at_us, forwarded, phone)
     SELECT $1, case_id, customer, $2, $3, $4, state, proof_digit, displayed_number, begun_at_us, forwarded, phone
     FROM call_attempt WHERE number = 1",
);

#[test]
fn a_node_with_many_calls_of_its_own_sees_those_of_the_dead() {
    each_world(|world| {
        open(&world, world.hold(125_000));
        begin(&world).pop().unwrap();
        write(&world, |tx, ambient| {
            let (now, dead) = (ambient.now(), ambient.now().plus_secs(-1));
            for number in 2..=62i64 {
                let id = CallId::new(ambient);
                let (node, lease) = if number == 62 {
                    ("gone", dead)
                } else {
                    ("a", now.plus_secs(60))
                };
                tx.execute(
                    &COPY,
                    &[id.as_bytes().into(), number.into(), node.into(), lease.into()],
                )?;
            }
            Ok(())
        });
        let now = world.ambient.now();
        let page = world.read(move |tx| attempts::unfinished_of(tx, "a", now));
        assert_eq!(page.len(), 50);
        assert_eq!(page[0].node, "gone");
    });
}

/// How far a process got that died, as its commits tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Far {
    Held,
    Waiting,
    Planned,
    Dialing,
    Ringing,
    Answered,
    DetailsPlayed,
}

impl Far {
    const ALL: [Self; 7] = [
        Self::Held,
        Self::Waiting,
        Self::Planned,
        Self::Dialing,
        Self::Ringing,
        Self::Answered,
        Self::DetailsPlayed,
    ];
}

/// Nobody starts again in time: the deadline is the ledger's own.
#[test]
fn however_far_a_dead_process_got_the_hold_ends_by_its_deadline() {
    each_world(|mut world| {
        world.stop_listening();
        for far in Far::ALL {
            let payment = world.hold(AMOUNT);
            goes(far, &world, payment);
            let deadline = world.payment(payment).hold.unwrap().deadline;
            let left = deadline.since(world.ambient.now()).as_millis() as i64;
            world.ambient.clock.advance_ms(left);
            let ambient = world.ambient.clone();
            let ended = world.db.write(move |tx| payments::expire_due(tx, &ambient, 10));
            assert_eq!(ended.unwrap(), 1, "{far:?}");
            assert_eq!(world.payment(payment).state, PaymentState::Voided);
            starts_late(far, &world, payment);
        }
    });
}

fn goes(far: Far, world: &World, payment: PaymentId) {
    if far == Far::Held {
        return;
    }
    open(world, payment);
    if far == Far::Waiting {
        return;
    }
    let begun = begin(world).pop().expect("it is due");
    let call = begun.attempt.id;
    if far == Far::Planned {
        assert!(finish(world, call, Disposition::NoAnswer));
    }
    write(world, move |tx, ambient| {
        if far >= Far::Ringing {
            attempts::ringing(tx, ambient, &begun.attempt, false)?;
        }
        if far >= Far::Answered {
            let words = Some(Words::random(&ambient.rng));
            attempts::answered(tx, ambient, &begun.case, &begun.attempt, words, false)?;
        }
        Ok(())
    });
    if far >= Far::DetailsPlayed {
        let now = world.ambient.now();
        let played = move |tx: &mut Tx<'_>| payments::details_played(tx, payment, call, now);
        world.db.write(played).unwrap();
    }
}

/// The new start hears of what happened, settles what was left, and calls nobody.
fn starts_late(far: Far, world: &World, payment: PaymentId) {
    let policy = world.policy.clone();
    let case = write(world, move |tx, ambient| {
        let case = handlers::payment_held(tx, ambient, &policy, payment)?;
        handlers::payment_decided(tx, ambient, payment)?;
        Ok(case)
    });
    let now = world.ambient.now();
    for left in world.read(move |tx| attempts::unfinished_of(tx, "a", now)) {
        assert!(finish(world, left.id, Disposition::Interrupted));
    }
    assert_eq!(begin(world).len(), 0, "{far:?}");
    assert_eq!(case.is_none(), far == Far::Held);
    if let Some(case) = world.case(payment) {
        let ended = (case.state, case.outcome);
        assert_eq!(
            ended,
            (CaseState::Concluded, Some(CaseOutcome::Expired)),
            "{far:?}"
        );
        let attempts = world.attempts(case.id);
        assert!(attempts.iter().all(|one| one.state == AttemptState::Ended));
    }
}
