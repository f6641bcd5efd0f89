use super::*;
use crate::purge::{self, Retention};
use ::store::jobs::JobEnd;
use base::StaffId;
use security::four_eyes::{self, Action, Wanted};
use security::staff::Role;

const KEPT: Retention = Retention {
    message_days: 30,
    request_days: 60,
};
const DAY_MS: i64 = 86_400_000;

#[test]
fn old_messages_and_requests_are_forgotten_in_bites_and_the_next_day_is_planned() {
    each_engine(|world| {
        let to = recipient(&world.ambient, "li.na@example.com", Language::En);
        let customer = to.customer.unwrap();
        // More than two bites of them.
        let (whom, ambient, keyring) = (to.clone(), world.ambient.clone(), world.keyring.clone());
        world
            .db
            .write(move |tx| {
                for number in 0..1_100 {
                    send(
                        tx,
                        &ambient,
                        &keyring,
                        &whom,
                        &received(),
                        &format!("old-{number}"),
                    )?;
                }
                let by = (StaffId::new(&ambient), Role::Supervisor);
                let wanted = Wanted {
                    action: Action::ReleasePayment,
                    subject: "x",
                    payload: "",
                    reason: "old",
                    ends_by: None,
                };
                four_eyes::request(tx, &ambient, by, &wanted)?;
                Ok::<_, SupportError>(())
            })
            .unwrap();
        world.ambient.clock.advance_ms(31 * DAY_MS);
        let fresh = world.sent(&to, &received(), "fresh");
        assert_eq!(purged(world), 1);
        let left = world.inbox(customer);
        assert_eq!(left.iter().map(|item| item.id).collect::<Vec<_>>(), [fresh]);
        assert_eq!(past(world), 1, "a request is kept longer");

        // The job planned its successor for tomorrow: nothing is due today.
        assert_eq!(due(world), 0);
        world.ambient.clock.advance_ms(31 * DAY_MS);
        assert_eq!(due(world), 1);
        assert_eq!(past(world), 0);
        assert!(world.inbox(customer).is_empty());
    });
}

/// As the program does at its start: plans today, and runs what is due.
fn purged(world: &World) -> usize {
    for _ in 0..2 {
        world.write(|tx, ambient, _| purge::plan(tx, ambient, ambient.now()));
    }
    due(world)
}

fn due(world: &World) -> usize {
    jobs::run_due(&world.db, purge::JOB_KIND, 10, &|job| {
        let end = purge::run_job(&world.db, KEPT, job);
        assert_eq!(end, JobEnd::Done);
        end
    })
    .unwrap()
}

fn past(world: &World) -> usize {
    world.write(|tx, _, _| Ok(four_eyes::decided(tx, 10)?)).len()
}
