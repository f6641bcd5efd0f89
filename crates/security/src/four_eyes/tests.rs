use super::*;
use crate::fixture::{World, each_engine};
use crate::staff::{self, Added};

type Person = (StaffId, Role);

fn person(world: &World, role: Role) -> Person {
    let added = world.write(move |tx, ambient, keyring| {
        let name = format!("m{}", ambient.rng.next_u64());
        staff::add(tx, ambient, keyring, &name, role, "hash")
    });
    let Added::Added(id) = added else {
        panic!("{added:?}");
    };
    (id, role)
}

fn ask(world: &World, by: Person, reason: &'static str) -> Requested {
    ask_until(world, by, reason, None)
}

fn ask_until(world: &World, by: Person, reason: &'static str, ends_by: Option<Timestamp>) -> Requested {
    world.write(move |tx, ambient, _| {
        let wanted = Wanted {
            action: Action::ReleasePayment,
            subject: "payment-1",
            payload: r#"{"a":1}"#,
            reason,
            ends_by,
        };
        request(tx, ambient, by, &wanted)
    })
}

fn asked(world: &World, by: Person) -> RequestId {
    match ask(world, by, "the customer came to the branch") {
        Requested::Requested(id) => id,
        other => panic!("{other:?}"),
    }
}

fn approved(world: &World, by: Person, id: RequestId) -> Decided {
    world.write(move |tx, ambient, _| approve(tx, ambient, by, id))
}

#[test]
fn nobody_approves_their_own_request_and_the_second_person_does_it_once() {
    each_engine(|world| {
        let (officer, supervisor) = (person(world, Role::RiskOfficer), person(world, Role::Supervisor));
        let id = asked(world, officer);
        assert_eq!(approved(world, officer, id), Decided::SamePerson);
        assert_eq!(
            approved(world, person(world, Role::Agent), id),
            Decided::NotAllowed
        );
        assert_eq!(
            approved(world, supervisor, RequestId::new(&world.ambient)),
            Decided::NotFound
        );
        let Decided::Approved(request) = approved(world, supervisor, id) else {
            panic!("not approved");
        };
        assert_eq!(
            (request.action, request.payload.as_str()),
            (Action::ReleasePayment, r#"{"a":1}"#)
        );
        assert_eq!(approved(world, supervisor, id), Decided::AlreadyDone);
    });
}

#[test]
fn one_request_at_a_time_waits_for_an_action_on_a_subject() {
    each_engine(|world| {
        let (agent, supervisor) = (person(world, Role::Agent), person(world, Role::Supervisor));
        assert_eq!(
            ask(world, person(world, Role::Teller), "x"),
            Requested::NotAllowed
        );
        assert_eq!(ask(world, agent, "  "), Requested::ReasonMissing);
        let first = asked(world, agent);
        assert_eq!(ask(world, supervisor, "me too"), Requested::AlreadyOpen);
        let waiting = world.write(|tx, ambient, _| open_requests(tx, ambient.now()));
        assert_eq!(
            waiting.iter().map(|request| request.id).collect::<Vec<_>>(),
            [first]
        );
        let refused = |why: &'static str| {
            world.write(move |tx, ambient, _| refuse(tx, ambient, supervisor, first, why))
        };
        assert_eq!(refused(" "), Decided::ReasonMissing);
        assert!(matches!(refused("no such visit is known"), Decided::Refused(_)));
        let past = world.write(|tx, _, _| decided(tx, 10));
        assert_eq!(past.len(), 1);
        assert_eq!((past[0].ended, past[0].by), (Ended::Refused, Some(supervisor.0)));
        assert_eq!(past[0].reason, "no such visit is known");
        let second = asked(world, agent);
        let withdrawn = |by: Person| world.write(move |tx, ambient, _| withdraw(tx, ambient, by.0, second));
        assert_eq!(withdrawn(supervisor), Withdrawn::NotYours);
        assert_eq!(withdrawn(agent), Withdrawn::Withdrawn);
        assert_eq!(withdrawn(agent), Withdrawn::AlreadyDone);
        assert_eq!(approved(world, supervisor, second), Decided::AlreadyDone);
    });
}

#[test]
fn a_request_runs_out_after_a_day_and_makes_room() {
    each_engine(|world| {
        let (agent, supervisor) = (person(world, Role::Agent), person(world, Role::Supervisor));
        let old = asked(world, agent);
        world.advance_secs(VALID_SECS);
        assert_eq!(approved(world, supervisor, old), Decided::Expired);
        let open = |tx: &mut Tx, ambient: &Ambient| {
            open_request(tx, ambient.now(), Action::ReleasePayment, "payment-1")
        };
        assert!(world.write(move |tx, ambient, _| open(tx, ambient)).is_none());
        let new = asked(world, agent);
        assert_eq!(
            world.write(move |tx, ambient, _| open(tx, ambient)).unwrap().id,
            new
        );
        assert_eq!(approved(world, supervisor, old), Decided::AlreadyDone);
    });
}

#[test]
fn a_request_does_not_outlive_what_it_is_about() {
    each_engine(|world| {
        let (agent, supervisor) = (person(world, Role::Agent), person(world, Role::Supervisor));
        let now = world.ambient.now();
        let until = |secs| ask_until(world, agent, "came in person", Some(now.plus_secs(secs)));
        assert_eq!(until(0), Requested::TooLate);
        let Requested::Requested(id) = until(60) else {
            panic!("not asked");
        };
        let open = |world: &World| world.write(|tx, ambient, _| open_requests(tx, ambient.now()));
        assert_eq!(open(world)[0].expires_at, now.plus_secs(60));
        world.advance_secs(60);
        assert_eq!(open(world), []);
        assert_eq!(approved(world, supervisor, id), Decided::Expired);
        assert!(matches!(until(2 * VALID_SECS), Requested::Requested(_)));
        assert_eq!(
            open(world)[0].expires_at,
            now.plus_secs(60 + VALID_SECS),
            "a day at most"
        );
    });
}

#[test]
fn a_request_follows_the_end_of_its_subject_and_waits_no_longer_than_a_day() {
    each_engine(|world| {
        let agent = person(world, Role::Agent);
        let now = world.ambient.now();
        let end = now.plus_secs(60);
        let asked = ask_until(world, agent, "came in person", Some(end));
        assert!(matches!(asked, Requested::Requested(_)));
        let ends_at = |action, to| {
            world.write(move |tx, _, _| follow(tx, &[action], "payment-1", to));
            world.write(|tx, ambient, _| open_requests(tx, ambient.now()))[0].expires_at
        };
        let later = now.plus_secs(600);
        assert_eq!(ends_at(Action::VoidPayment, later), end, "another action");
        assert_eq!(ends_at(Action::ReleasePayment, later), later);
        let a_day = now.plus_secs(VALID_SECS);
        assert_eq!(
            ends_at(Action::ReleasePayment, now.plus_secs(2 * VALID_SECS)),
            a_day
        );
    });
}

#[test]
fn a_request_is_over_at_once_when_its_subject_ended_without_it() {
    each_engine(|world| {
        let (agent, supervisor) = (person(world, Role::Agent), person(world, Role::Supervisor));
        let overtake =
            |action| world.write(move |tx, ambient, _| overtaken(tx, ambient.now(), &[action], "payment-1"));
        let id = asked(world, agent);
        assert_eq!(overtake(Action::VoidPayment), 0, "another action");
        assert_eq!(overtake(Action::ReleasePayment), 1);
        assert_eq!(overtake(Action::ReleasePayment), 0, "once");
        assert_eq!(world.write(|tx, ambient, _| open_requests(tx, ambient.now())), []);
        assert_eq!(approved(world, supervisor, id), Decided::AlreadyDone);
        let past = world.write(|tx, _, _| decided(tx, 10)).remove(0);
        assert_eq!((past.ended, past.by), (Ended::Overtaken, None));
        let late = asked(world, agent);
        world.advance_secs(VALID_SECS);
        assert_eq!(overtake(Action::ReleasePayment), 0, "it ran out before");
        assert_eq!(approved(world, supervisor, late), Decided::Expired);
    });
}

#[test]
fn two_people_who_approve_at_once_do_it_once() {
    each_engine(|world| {
        let id = asked(world, person(world, Role::Agent));
        let people = [(); 4].map(|()| person(world, Role::Supervisor));
        let done: usize = std::thread::scope(|scope| {
            let threads = people.map(|by| scope.spawn(move || approved(world, by, id)));
            threads
                .into_iter()
                .map(|thread| usize::from(matches!(thread.join().unwrap(), Decided::Approved(_))))
                .sum()
        });
        assert_eq!(done, 1);
    });
}

#[test]
fn who_has_left_or_may_no_longer_ask_has_nothing_approved() {
    each_engine(|world| {
        let supervisor = person(world, Role::Supervisor);
        let leaver = person(world, Role::Agent);
        // Asked in the moment of being closed: what closes the account did not see it.
        world.write(move |tx, ambient, _| staff::deactivate(tx, ambient, leaver.0));
        let of_leaver = asked(world, leaver);
        let open = |world: &World| world.write(|tx, ambient, _| open_requests(tx, ambient.now()));
        assert_eq!(open(world), [], "nobody stands behind it");
        let gone = approved(world, supervisor, of_leaver);
        assert!(matches!(&gone, Decided::AskerGone(request) if request.id == of_leaver));
        assert_eq!(approved(world, supervisor, of_leaver), Decided::AlreadyDone);

        world.advance_secs(1);
        let moved = person(world, Role::Agent);
        let of_moved = asked(world, moved);
        assert_eq!(open(world).len(), 1);
        let withdrawn =
            world.write(move |tx, ambient, _| staff::set_role(tx, ambient, moved.0, Role::Teller));
        assert_eq!(withdrawn, Some(1));
        assert_eq!(open(world), [], "it leaves the list at once");
        assert_eq!(approved(world, supervisor, of_moved), Decided::AlreadyDone);
        world.advance_secs(1);
        // Asked in the moment of the change: what changed the role did not see it. Another may ask.
        let late = asked(world, moved);
        assert_eq!(open(world), []);
        let of_other = asked(world, person(world, Role::Agent));
        assert_eq!(open(world)[0].id, of_other);
        assert_eq!(approved(world, supervisor, late), Decided::AlreadyDone);
        assert!(matches!(
            approved(world, supervisor, of_other),
            Decided::Approved(_)
        ));

        let past = world.write(|tx, _, _| decided(tx, 10));
        let withdrawn = past.iter().filter(|past| past.ended == Ended::Withdrawn);
        assert_eq!(
            withdrawn.map(|past| past.by).collect::<Vec<_>>(),
            [Some(moved.0), Some(moved.0), Some(leaver.0)]
        );
        // Another role that may ask as well changes nothing, and the subject is free again.
        let promoted = person(world, Role::Agent);
        let id = asked(world, promoted);
        let kept =
            world.write(move |tx, ambient, _| staff::set_role(tx, ambient, promoted.0, Role::RiskOfficer));
        assert_eq!(kept, Some(0));
        assert!(matches!(approved(world, supervisor, id), Decided::Approved(_)));
    });
}

#[test]
fn requests_that_ended_are_forgotten_after_their_time_and_open_ones_are_not() {
    each_engine(|world| {
        let (agent, supervisor) = (person(world, Role::Agent), person(world, Role::Supervisor));
        let first = asked(world, agent);
        approved(world, supervisor, first);
        asked(world, agent);
        world.advance_secs(VALID_SECS);
        let forgotten = |kept_secs: i64| {
            world.write(move |tx, ambient, _| {
                let now = ambient.now();
                forget(tx, now, now.plus_secs(-kept_secs), 10)
            })
        };
        // The second ran out unseen at this very moment; the first was decided a day ago.
        assert_eq!(forgotten(VALID_SECS + 60), 0);
        assert_eq!(world.write(|tx, _, _| decided(tx, 10)).len(), 2);
        assert_eq!(forgotten(60), 1);
        let waiting = asked(world, agent);
        world.advance_secs(120);
        assert_eq!(forgotten(60), 1);
        let open = world.write(|tx, ambient, _| open_requests(tx, ambient.now()));
        assert_eq!(open[0].id, waiting);
    });
}

#[test]
fn actions_read_back() {
    for action in Action::ALL {
        assert_eq!(action.code().parse(), Ok(action));
    }
}

#[test]
fn a_members_access_is_reset_by_two_administrators_and_nobody_else() {
    each_engine(|world| {
        let reset = |by: Person| {
            world.write(move |tx, ambient, _| {
                let wanted = Wanted {
                    action: Action::ResetStaff,
                    subject: "member-1",
                    payload: "",
                    reason: "lost their telephone",
                    ends_by: None,
                };
                request(tx, ambient, by, &wanted)
            })
        };
        let administrator = person(world, Role::Administrator);
        for role in [Role::Agent, Role::Teller, Role::RiskOfficer, Role::Supervisor] {
            assert_eq!(reset(person(world, role)), Requested::NotAllowed, "{role}");
        }
        assert_eq!(
            ask(world, administrator, "to see money move"),
            Requested::NotAllowed
        );
        let Requested::Requested(id) = reset(administrator) else {
            panic!("an administrator may ask");
        };
        let supervisor = person(world, Role::Supervisor);
        assert_eq!(approved(world, supervisor, id), Decided::NotAllowed);
        assert_eq!(approved(world, administrator, id), Decided::SamePerson);
        let other = person(world, Role::Administrator);
        assert!(matches!(approved(world, other, id), Decided::Approved(_)));
    });
}
