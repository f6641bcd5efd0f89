//! What a process that is gone has left in the database, on both engines.

use crate::one_database::{begin, each_world, finish, open, write};
use crate::world::World;
use base::CallId;
use calls::cases::{self, CaseOutcome, CaseState};
use calls::{Disposition, attempts};
use store::Sql;

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
