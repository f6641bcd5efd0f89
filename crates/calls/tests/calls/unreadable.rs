//! A case that this version cannot read keeps nobody else from being called, on both engines.

use crate::one_database::{begin_at_most, each_world, open, write};
use crate::world::World;
use base::{CaseId, CustomerId};
use calls::CallsError;
use calls::cases::{self, CaseState};
use store::Sql;

const COPIES: usize = 40;

static OF_TOMORROW: Sql = Sql("UPDATE call_case SET outcome = 'beamed', priority = 99 WHERE id = $1");
static OF_TODAY: Sql = Sql("UPDATE call_case SET outcome = NULL WHERE id = $1");
static COPY: Sql = Sql(
    "INSERT INTO call_case (id, kind, subject, round, customer, state, priority, due_us, any_hour, deadline_us,
        attempts, max_attempts, line_failures, outcome, created_at_us)
     SELECT $2, kind, $2, round, customer, state, priority, due_us, any_hour, deadline_us,
        attempts, max_attempts, line_failures, outcome, created_at_us FROM call_case WHERE id = $1",
);
static LANGUAGE_OF_TOMORROW: Sql = Sql("UPDATE customers SET language = 'tlh' WHERE id = $1");

fn change(world: &World, sql: &'static Sql, id: [u8; 16]) {
    write(world, move |tx, _| {
        tx.execute(sql, &[(&id).into()])?;
        Ok::<_, CallsError>(())
    });
}

fn unreadable(world: &World) -> Vec<CaseId> {
    let now = world.ambient.now();
    let found = world.read(move |tx| cases::unreadable(tx, now));
    found.into_iter().map(|one| one.case).collect()
}

#[test]
fn cases_that_cannot_be_read_are_passed_over_and_the_others_are_called() {
    each_world(|world| {
        world.top_up("second", &world.payee);
        let case_of_tomorrow = open(&world, world.hold(125_000)).id;
        change(&world, &OF_TOMORROW, case_of_tomorrow.0);
        // More of them than are looked at in one go, before everybody else.
        for _ in 0..COPIES {
            write(&world, move |tx, ambient| {
                let copy = CaseId::new(ambient);
                tx.execute(&COPY, &[(&case_of_tomorrow.0).into(), (&copy.0).into()])?;
                Ok(())
            });
        }
        let back = world.hold_between(&world.payee, &world.payer, 125_000);
        let customer_of_tomorrow = open(&world, back).id;
        let CustomerId(customer) = world.payee.customer;
        change(&world, &LANGUAGE_OF_TOMORROW, customer);
        let case = open(&world, world.hold(125_000));

        let begun = begin_at_most(&world, 1);
        assert_eq!(begun.len(), 1);
        assert_eq!(begun[0].case.id, case.id);
        let passed = unreadable(&world);
        assert_eq!(passed.len(), COPIES + 2);
        assert!(passed.contains(&case_of_tomorrow) && passed.contains(&customer_of_tomorrow));
        let waiting = world.read(|tx| cases::count(tx, CaseState::Waiting));
        assert_eq!(waiting, COPIES + 2, "they are there");

        // Whoever can read it again calls.
        change(&world, &OF_TODAY, case_of_tomorrow.0);
        assert!(!unreadable(&world).contains(&case_of_tomorrow));
    });
}
