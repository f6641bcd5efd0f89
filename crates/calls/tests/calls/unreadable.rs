//! A case that this version cannot read keeps nobody else from being called, on both engines.

use crate::one_database::{begin_at_most, each_world, open, write};
use crate::world::World;
use base::{CaseId, CustomerId};
use calls::CallsError;
use calls::cases::{self, CaseState};
use store::Sql;

const COPIES: usize = 40;

static OF_TOMORROW: Sql = Sql("UPDATE call_case SET outcome = 'beamed', priority = 99 WHERE id = $1");
static LEAST_URGENT: Sql = Sql("UPDATE call_case SET priority = -1 WHERE id = $1");
static FORGET_TWO: Sql = Sql(
    "DELETE FROM call_case WHERE id IN (SELECT id FROM call_case WHERE outcome = 'beamed' ORDER BY id LIMIT 2)",
);
static OF_TODAY: Sql = Sql("UPDATE call_case SET outcome = NULL WHERE id = $1");
static COPY: Sql = Sql(
    "INSERT INTO call_case (id, kind, subject, round, customer, state, priority, due_us, any_hour, deadline_us,
        attempts, max_attempts, line_failures, outcome, created_at_us)
     SELECT $2, kind, $2, round, customer, state, priority, due_us, any_hour, deadline_us,
        attempts, max_attempts, line_failures, outcome, created_at_us FROM call_case WHERE id = $1",
);
static COPY_OF_ONE_PAYMENT: Sql = Sql(
    "INSERT INTO call_case (id, kind, subject, round, customer, state, priority, due_us, any_hour, deadline_us,
        attempts, max_attempts, line_failures, outcome, created_at_us)
     SELECT $2, kind, subject, (SELECT MAX(round) + 1 FROM call_case), customer, state, priority, due_us, any_hour,
        deadline_us, attempts, max_attempts, line_failures, outcome, created_at_us FROM call_case WHERE id = $1",
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

#[test]
fn they_are_found_however_many_others_are_due_and_more_urgent() {
    each_world(|world| {
        let first = open(&world, world.hold(125_000)).id;
        let forgotten = CaseId::new(&world.ambient);
        write(&world, move |tx, _| {
            tx.execute(&COPY, &[(&first.0).into(), (&forgotten.0).into()])?;
            tx.execute(&OF_TOMORROW, &[(&forgotten.0).into()])?;
            tx.execute(&LEAST_URGENT, &[(&forgotten.0).into()])?;
            Ok(())
        });
        // Readable ones, of payments of their own, more than a page of them.
        for _ in 0..COPIES {
            write(&world, move |tx, ambient| {
                let copy = CaseId::new(ambient);
                tx.execute(&COPY_OF_ONE_PAYMENT, &[(&first.0).into(), (&copy.0).into()])?;
                Ok(())
            });
        }
        assert_eq!(unreadable(&world), [forgotten]);
    });
}

#[test]
fn lists_show_what_can_be_read_page_by_page() {
    each_world(|world| {
        let case = open(&world, world.hold(125_000)).id;
        world.ambient.clock.advance_ms(1);
        let copies = cases::PAGE + 1;
        for _ in 0..copies {
            write(&world, move |tx, ambient| {
                let copy = CaseId::new(ambient);
                tx.execute(&COPY, &[(&case.0).into(), (&copy.0).into()])?;
                tx.execute(&OF_TOMORROW, &[(&copy.0).into()])?;
                Ok(())
            });
        }
        let first = world.read(|tx| cases::list(tx, Some(CaseState::Waiting), None));
        assert_eq!((first.cases.len(), first.unreadable.len()), (0, cases::PAGE));
        let second = world.read(move |tx| cases::list(tx, None, first.next));
        assert_eq!((second.cases[0].id, second.unreadable.len()), (case, 1));
        assert_eq!(second.next, None);

        let customer = world.payer.customer;
        write(&world, move |tx, _| {
            assert!(cases::for_customer(tx, customer)?.is_empty(), "of the newest");
            tx.execute(&FORGET_TWO, &[])?;
            Ok(())
        });
        let shown = world.read(move |tx| cases::for_customer(tx, customer));
        assert_eq!(shown.iter().map(|one| one.id).collect::<Vec<_>>(), [case]);
    });
}
