//! How often one telephone number is called, over all cases, and where nobody is called at all.

use crate::applicant::{checked, draft, submitted};
use crate::world::{ROOMS, World};
use base::{Ambient, CallingCodes, CaseId, PhoneNumber, Timestamp};
use calls::attempts::{self, Begun};
use calls::cases::{self, Case, CaseOutcome, CaseState, Happening};
use calls::notices::{self, NoticeState};
use calls::numbers::{self, Asked, NumberChange};
use calls::{CallPolicy, Disposition, QuietHours, handlers};
use store::harness::{self, START};

const HOUR_SECS: i64 = 3_600;

/// Twice an hour and three times a day.
fn each_world(change: impl Fn(&mut CallPolicy), test: impl Fn(World)) {
    for open in [harness::sqlite_with, harness::postgres_with] {
        let ambient = Ambient::seeded(START, 42);
        let policy = |policy: &mut CallPolicy| {
            policy.per_number_hour = 2;
            policy.per_number_day = 3;
            policy.max_attempts = 9;
            change(policy);
        };
        let mut world = World::on(open(&ROOMS, ambient.clone()), ambient, policy);
        world.money.hold.window_secs = 12 * HOUR_SECS;
        test(world);
    }
}

fn at(secs: i64) -> Timestamp {
    START.plus_secs(secs)
}

/// A held payment of the one customer, and its case.
fn held(world: &World) -> CaseId {
    let payment = world.hold(125_000);
    let (ambient, policy) = (world.ambient.clone(), world.policy.clone());
    let opened = world
        .db
        .write(move |tx| handlers::payment_held(tx, &ambient, &policy, payment));
    opened.unwrap().expect("the payment waits")
}

fn case(world: &World, case: CaseId) -> Case {
    world.read(move |tx| cases::get(tx, case)).unwrap()
}

fn turn_to(world: &World, secs: i64) {
    let ms = (at(secs).as_us() - world.ambient.now().as_us()) / 1_000;
    assert!(ms >= 0, "time goes forward");
    world.ambient.clock.advance_ms(ms);
}

fn begin(world: &World) -> Vec<Begun> {
    let (ambient, policy) = (world.ambient.clone(), world.policy.clone());
    let begun = world
        .db
        .write(move |tx| attempts::begin_due(tx, &ambient, &policy, "a", 10));
    begun.unwrap()
}

fn ends(world: &World, begun: &[Begun], how: Disposition) {
    for one in begun {
        let (ambient, policy, call) = (world.ambient.clone(), world.policy.clone(), one.attempt.id);
        world
            .db
            .write(move |tx| attempts::finish(tx, &ambient, &policy, call, how))
            .unwrap();
    }
}

#[test]
fn a_number_is_called_so_often_an_hour_and_a_day_over_all_cases() {
    each_world(
        |_| (),
        |world| {
            let first = held(&world);
            for secs in [0, 10] {
                turn_to(&world, secs);
                let begun = begin(&world);
                assert_eq!(begun.len(), 1, "after {secs} s");
                ends(&world, &begun, Disposition::NoAnswer);
            }
            let second = held(&world);
            turn_to(&world, 20);
            assert_eq!(begin(&world).len(), 0, "twice within the hour");
            for waiting in [first, second] {
                let case = case(&world, waiting);
                assert_eq!((case.state, case.due), (CaseState::Waiting, at(HOUR_SECS)));
            }
            let story = world.read(move |tx| cases::timeline(tx, second));
            assert_eq!(story.last().unwrap().happening, Happening::Planned);
            turn_to(&world, HOUR_SECS - 1);
            assert_eq!(begin(&world).len(), 0);
            turn_to(&world, HOUR_SECS);
            let third = begin(&world);
            assert_eq!(third.len(), 1);
            ends(&world, &third, Disposition::NoAnswer);
            turn_to(&world, 2 * HOUR_SECS);
            assert_eq!(begin(&world).len(), 0, "three times within the day");
            let told = case(&world, second);
            let no_call = (CaseState::Concluded, Some(CaseOutcome::NoCallInTime));
            assert_eq!((told.state, told.outcome), no_call, "its deadline comes first");
            assert!(told.deadline > world.ambient.now(), "and nobody waits for it");
            assert_eq!(world.notice(second).state, NoticeState::Over);
        },
    );
}

/// From noon to ten in the evening in Shanghai, well within the quiet hours.
const NIGHT: i64 = 10 * HOUR_SECS;

fn nights(policy: &mut CallPolicy) {
    policy.quiet = QuietHours {
        from_second: 21 * 3_600,
        until_second: 8 * 3_600,
    };
}

#[test]
fn a_call_held_back_for_seconds_comes_in_the_night_about_the_payment_of_this_minute() {
    each_world(nights, |world| {
        turn_to(&world, NIGHT - HOUR_SECS + 30);
        for _ in 0..2 {
            held(&world);
            let begun = begin(&world);
            assert_eq!(begun.len(), 1);
            ends(&world, &begun, Disposition::DecidedElsewhere);
        }
        turn_to(&world, NIGHT);
        let third = held(&world);
        assert_eq!(begin(&world).len(), 0, "twice within the hour");
        let waiting = case(&world, third);
        assert_eq!((waiting.due, waiting.any_hour), (at(NIGHT + 30), true));
        turn_to(&world, NIGHT + 30);
        assert_eq!(begin(&world)[0].case.id, third);
    });
}

#[test]
fn a_call_held_back_for_longer_waits_for_the_morning_where_the_deadline_allows() {
    for (window_hours, outcome) in [(11, None), (3, Some(CaseOutcome::NoCallInTime))] {
        each_world(nights, |mut world| {
            world.money.hold.window_secs = window_hours * HOUR_SECS;
            turn_to(&world, NIGHT);
            for _ in 0..2 {
                held(&world);
                ends(&world, &begin(&world), Disposition::DecidedElsewhere);
            }
            turn_to(&world, NIGHT + 10);
            let third = held(&world);
            assert_eq!(begin(&world).len(), 0, "twice within the hour");
            let waiting = case(&world, third);
            assert_eq!(waiting.outcome, outcome);
            let morning = at(20 * HOUR_SECS);
            assert!(outcome.is_some() || (waiting.due, waiting.any_hour) == (morning, false));
        });
    }
}

#[test]
fn a_payment_that_no_call_can_reach_in_time_is_not_announced() {
    each_world(nights, |mut world| {
        world.money.hold.window_secs = 3 * HOUR_SECS;
        turn_to(&world, NIGHT);
        let payment = world.hold(125_000);
        // Its event was delayed: the customer may sleep by now.
        turn_to(&world, NIGHT + 61);
        let (ambient, policy) = (world.ambient.clone(), world.policy.clone());
        let opened = world
            .db
            .write(move |tx| handlers::payment_held(tx, &ambient, &policy, payment));
        let opened = opened.unwrap().expect("the payment waits");
        assert_eq!(case(&world, opened).outcome, Some(CaseOutcome::NoCallInTime));
        assert_eq!(world.read(move |tx| notices::for_case(tx, opened)), None);
    });
}

#[test]
fn a_line_that_fails_at_night_is_tried_again_within_the_minute_of_the_payment_only() {
    each_world(nights, |mut world| {
        world.money.hold.window_secs = 3 * HOUR_SECS;
        world.policy.line_retry_ms = 15_000;
        world.policy.line_retry_longest_ms = 60_000;
        turn_to(&world, NIGHT);
        let payment = held(&world);
        for secs in [0, 15, 45] {
            turn_to(&world, NIGHT + secs);
            let begun = begin(&world);
            assert_eq!(begun.len(), 1, "after {secs} s");
            ends(&world, &begun, Disposition::LineDown);
        }
        let told = case(&world, payment);
        assert_eq!(told.outcome, Some(CaseOutcome::LineDown));
    });
}

#[test]
fn a_call_that_our_line_did_not_carry_is_none() {
    each_world(
        |_| (),
        |world| {
            held(&world);
            for round in 0..6 {
                turn_to(&world, round * 10);
                let begun = begin(&world);
                assert_eq!(begun.len(), 1, "round {round}");
                ends(&world, &begun, Disposition::LineDown);
            }
        },
    );
}

#[test]
fn where_we_do_not_call_no_attempt_is_begun_and_no_number_is_taken() {
    let germany = |policy: &mut CallPolicy| policy.countries = CallingCodes::parse(&["49"]).unwrap();
    each_world(germany, |world| {
        let case_of = held(&world);
        assert_eq!(begin(&world).len(), 0);
        assert_eq!(case(&world, case_of).outcome, Some(CaseOutcome::WrongNumber));
        let (ambient, policy, customer) = (world.ambient.clone(), world.policy.clone(), world.payer.customer);
        let chinese = PhoneNumber::parse("13700137000").unwrap();
        let keyring = world.keyring.clone();
        let (asked, changed) = world
            .db
            .write(move |tx| {
                let asked = numbers::ask(tx, &ambient, &policy, customer, &chinese)?;
                let changed = numbers::change(tx, &ambient, &keyring, &policy, customer, &chinese)?;
                Ok::<_, calls::CallsError>((asked, changed))
            })
            .unwrap();
        assert_eq!((asked, changed), (Asked::NotCalled, NumberChange::NotCalled));
    });
}

#[test]
fn an_applicant_where_we_do_not_call_any_more_is_asked_for_another_number() {
    each_world(
        |_| (),
        |mut world| {
            let id = submitted(&world.db, &world.ambient, &world.keyring, draft(""));
            checked(&world.db, &world.ambient, &world.keyring);
            world.policy.countries = CallingCodes::parse(&["49"]).unwrap();
            let (ambient, policy) = (world.ambient.clone(), world.policy.clone());
            let case_of = world
                .db
                .write(move |tx| handlers::callback_due(tx, &ambient, &policy, id, 0))
                .unwrap()
                .unwrap();
            assert_eq!(begin(&world).len(), 0);
            assert_eq!(case(&world, case_of).outcome, Some(CaseOutcome::WrongNumber));
        },
    );
}
