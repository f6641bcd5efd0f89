//! What the tables hold, on both engines, without a telephone.

use crate::world::{ROOMS, World};
use base::{Ambient, CallId, CustomerId, Timestamp};
use calls::attempts::{self, Begun, Words};
use calls::cases::{self, CaseKind, CaseOutcome, CaseState, Happening};
use calls::notices::{self, NoticeState};
use calls::scripts::{Act, Outcome};
use calls::{CallStatus, CallsError, Disposition, Rules, handlers, status};
use security::logins;
use store::harness::{self, START, TestDb};
use store::{Tx, outbox};

pub fn each_world(test: impl Fn(World)) {
    let ambient = || Ambient::seeded(START, 42);
    let one = |db: TestDb, ambient| test(World::on(db, ambient, |policy| policy.own_payment_ms = 60_000));
    let here = ambient();
    one(harness::sqlite_with(&ROOMS, here.clone()), here);
    let here = ambient();
    one(harness::postgres_with(&ROOMS, here.clone()), here);
}

pub fn write<T: Send + 'static>(
    world: &World,
    run: impl Fn(&mut Tx<'_>, &Ambient) -> Result<T, CallsError> + Send + 'static,
) -> T {
    let ambient = world.ambient.clone();
    world.db.write(move |tx| run(tx, &ambient)).unwrap()
}

pub fn begin(world: &World) -> Vec<Begun> {
    begin_at_most(world, 10)
}

pub fn begin_at_most(world: &World, limit: usize) -> Vec<Begun> {
    let policy = world.policy.clone();
    write(world, move |tx, ambient| {
        attempts::begin_due(tx, ambient, &policy, "a", limit)
    })
}

pub fn finish(world: &World, call: CallId, disposition: Disposition) -> bool {
    let policy = world.policy.clone();
    write(world, move |tx, ambient| {
        attempts::finish(tx, ambient, &policy, call, disposition)
    })
}

/// The outbox thread of the world works beside us: its handler and ours meet, once wins.
pub fn open(world: &World, payment: base::PaymentId) -> cases::Case {
    let policy = world.policy.clone();
    let case = write(world, move |tx, ambient| {
        handlers::payment_held(tx, ambient, &policy, payment)
    });
    let case = case.expect("the payment waits");
    world.read(move |tx| cases::get(tx, case)).unwrap()
}

#[test]
fn every_statement_is_understood_by_both_engines() {
    each_world(|world| world.db.prepare_all(&calls::statements(), &[]).unwrap());
}

#[test]
fn a_held_payment_has_one_case_one_notice_and_is_called_at_once() {
    each_world(|world| {
        let payment = world.hold(125_000);
        let case = open(&world, payment);
        assert_eq!(open(&world, payment).id, case.id);
        assert_eq!((case.state, case.attempts), (CaseState::Waiting, 0));
        let notice = world.notice(case.id);
        assert_eq!((notice.token.len(), notice.state), (32, NoticeState::Announced));
        let token = notice.token.clone();
        let found = world
            .read(move |tx| notices::by_public_token(tx, &token))
            .unwrap();
        assert_eq!(found, notice);
        assert_eq!(world.read(|tx| notices::by_public_token(tx, "guess")), None);
        let mine = world.payer.customer;
        assert_eq!(world.read(move |tx| notices::for_customer(tx, mine)).len(), 1);

        let begun = begin(&world);
        assert_eq!(begun.len(), 1);
        assert!((3..=9).contains(&begun[0].attempt.proof_digit));
        assert_eq!(begun[0].matter.phone.as_str(), "+8613800138000");
        assert_eq!(begin(&world).len(), 0, "nobody else takes it");
        assert_eq!(world.notice(case.id).state, NoticeState::Calling);
    });
}

#[test]
fn attempts_are_counted_planned_and_end() {
    each_world(|world| {
        let payment = world.hold(125_000);
        let case = open(&world, payment);
        for number in 1..=3 {
            let begun = begin(&world).pop().expect("it is due");
            assert_eq!(begun.attempt.number, number);
            assert!(finish(&world, begun.attempt.id, Disposition::NoAnswer));
            assert!(
                !finish(&world, begun.attempt.id, Disposition::Busy),
                "an attempt ends once"
            );
            assert_eq!(begin(&world).len(), 0, "not before its spacing");
            world.ambient.clock.advance_ms(world.policy.spacing_ms);
        }
        let ended = world.case(payment).unwrap();
        assert_eq!(
            (ended.state, ended.outcome),
            (CaseState::Concluded, Some(CaseOutcome::Unreachable))
        );
        assert_eq!(ended.attempts, 3);
        assert_eq!(world.notice(case.id).state, NoticeState::Over);
        let planned = world
            .timeline(case.id)
            .iter()
            .filter(|i| i.happening == Happening::Planned)
            .count();
        assert_eq!(planned, 2);
    });
}

#[test]
fn a_line_that_is_down_costs_the_customer_no_attempt() {
    each_world(|world| {
        let payment = world.hold(125_000);
        open(&world, payment);
        for _ in 0..50 {
            let begun = begin(&world).pop().expect("it is due");
            finish(&world, begun.attempt.id, Disposition::LineDown);
            let case = world.case(payment).unwrap();
            assert_eq!((case.attempts, case.outcome), (0, None));
            world.ambient.clock.advance_ms(world.policy.line_retry_longest_ms);
        }
        // The trunk is back: the customer is called as if nothing had been.
        let begun = begin(&world).pop().expect("it is due");
        finish(&world, begun.attempt.id, Disposition::NoAnswer);
        assert_eq!(world.case(payment).unwrap().attempts, 1);
    });
}

#[test]
fn a_line_that_is_down_to_the_deadline_is_nobody_who_was_not_reached() {
    each_world(|world| {
        let payment = world.hold(125_000);
        let case = open(&world, payment);
        let begun = begin(&world).pop().expect("it is due");
        finish(&world, begun.attempt.id, Disposition::LineDown);
        let left = case.deadline.since(world.ambient.now()).as_millis() as i64;
        world.ambient.clock.advance_ms(left + 1);
        assert_eq!(begin(&world).len(), 0);
        let case = world.case(payment).unwrap();
        assert_eq!(case.outcome, Some(CaseOutcome::LineDown));
    });
}

#[test]
fn a_payment_that_the_payee_cannot_receive_just_now_is_called_about_again() {
    each_world(|world| {
        let payment = world.hold(125_000);
        open(&world, payment);
        let begun = begin(&world).pop().expect("it is due");
        finish(&world, begun.attempt.id, Disposition::NotPossible);
        assert_eq!(world.case(payment).unwrap().outcome, None, "it still waits");
        for _ in 0..2 {
            world.ambient.clock.advance_ms(world.policy.spacing_ms);
            let begun = begin(&world).pop().expect("called again");
            finish(&world, begun.attempt.id, Disposition::NotPossible);
        }
        let case = world.case(payment).unwrap();
        assert_eq!(case.outcome, Some(CaseOutcome::NotPossible));
    });
}

#[test]
fn a_payment_decided_elsewhere_is_not_called_about() {
    each_world(|world| {
        let payment = world.hold(125_000);
        let case = open(&world, payment);
        let left = case.deadline.since(world.ambient.now()).as_millis() as i64;
        world.ambient.clock.advance_ms(left);
        let by = money::payments::VoidedBy::Deadline;
        let ambient = world.ambient.clone();
        world
            .db
            .write(move |tx| money::payments::void(tx, &ambient, payment, by, ""))
            .unwrap();
        write(&world, move |tx, ambient| {
            handlers::payment_decided(tx, ambient, payment)
        });
        let case = world.read(move |tx| cases::get(tx, case.id)).unwrap();
        assert_eq!(case.outcome, Some(CaseOutcome::Expired));
        assert_eq!(begin(&world).len(), 0);
        assert!(!write(&world, move |tx, ambient| handlers::payment_decided(
            tx, ambient, payment
        )));
    });
}

#[test]
fn two_payments_of_one_customer_are_not_called_about_at_once() {
    each_world(|world| {
        for _ in 0..2 {
            let payment = world.hold(125_000);
            open(&world, payment);
        }
        let begun = begin(&world);
        assert_eq!(begun.len(), 1);
        finish(&world, begun[0].attempt.id, Disposition::HungUp);
        world.ambient.clock.advance_ms(2_500);
        assert!(!begin(&world).is_empty());
    });
}

#[test]
fn the_status_follows_the_call_and_words_live_as_long_as_it() {
    each_world(|world| {
        assert_eq!(world.status(), CallStatus::Unknown, "nobody places calls");
        let beat = |world: &World| {
            let until = world.ambient.now().plus_ms(world.policy.lease_ms);
            write(world, move |tx, ambient| {
                status::beat(tx, "a", ambient.now(), until, status::LineState::Up)
            });
        };
        beat(&world);
        assert_eq!(world.status(), CallStatus::NeverCalled);
        let payment = world.hold(125_000);
        open(&world, payment);
        let begun = begin(&world).pop().unwrap();
        assert!(matches!(world.status(), CallStatus::Calling { .. }));
        let words = Words::random(&world.ambient.rng);
        let (case, attempt) = (begun.case.clone(), begun.attempt.clone());
        let answered = write(&world, move |tx, ambient| {
            attempts::answered(tx, ambient, &case, &attempt, Some(words), false)
        });
        assert!(answered);
        let CallStatus::OnCall { words: shown, .. } = world.status() else {
            panic!("{:?}", world.status());
        };
        assert_eq!(shown, Some(words));
        let (policy, customer, now) = (world.policy.clone(), world.payer.customer, world.ambient.now());
        let stranger = world.read(move |tx| status::for_customer(tx, &policy, now, customer, None));
        assert!(matches!(stranger, CallStatus::OnCall { words: None, .. }));
        let other = world.payee.customer;
        assert_eq!(of(&world, other), CallStatus::NeverCalled);

        world.ambient.clock.advance_ms(world.policy.lease_ms + 1);
        assert_eq!(world.status(), CallStatus::Unknown, "no sign of life");
        beat(&world);
        assert!(
            matches!(world.status(), CallStatus::OnCall { .. }),
            "the beat renews its calls"
        );
        finish(&world, begun.attempt.id, Disposition::HungUp);
        assert_eq!(world.status(), CallStatus::NotCalling);
        let call = begun.attempt.id;
        assert_eq!(world.read(move |tx| attempts::get(tx, call)).unwrap().words, None);
    });
}

fn of(world: &World, customer: CustomerId) -> CallStatus {
    let (policy, now) = (world.policy.clone(), world.ambient.now());
    world.read(move |tx| status::for_customer(tx, &policy, now, customer, Some(Timestamp(0))))
}

#[test]
fn each_end_is_told_to_others_once() {
    each_world(|world| {
        let payment = world.hold(125_000);
        let case = open(&world, payment);
        let begun = begin(&world).pop().unwrap();
        finish(&world, begun.attempt.id, Disposition::WrongNumber);
        assert_eq!(
            world.read(move |tx| cases::get(tx, case.id)).unwrap().outcome,
            Some(CaseOutcome::WrongNumber)
        );
        let kind = CaseKind::PaymentConfirmation(payment);
        assert!(!write(&world, move |tx, ambient| cases::close(tx, ambient, kind)));
        let backlog = world.read(|tx| Ok(outbox::backlog(tx)?));
        assert_eq!(backlog.given_up, 0);
    });
}

#[test]
fn a_dialer_that_was_away_does_not_make_up_for_it_in_the_night() {
    let ambient = Ambient::seeded(START, 7);
    let database = harness::sqlite_with(&ROOMS, ambient.clone());
    let world = World::on(database, ambient, |policy| {
        policy.quiet = calls::QuietHours {
            from_second: 21 * 3600,
            until_second: 8 * 3600,
        };
    });
    // From noon in Shanghai to ten minutes before nine in the evening.
    world.ambient.clock.advance_ms((8 * 60 + 50) * 60_000);
    let payment = world.hold(125_000);
    open(&world, payment);
    world.ambient.clock.advance_ms(15 * 60_000);
    assert_eq!(begin(&world).len(), 0, "it is five past nine");
    let case = world.case(payment).unwrap();
    assert_eq!(
        case.outcome,
        Some(CaseOutcome::NoCallInTime),
        "its deadline comes before the morning"
    );
    // A payment of this minute is called about at any hour.
    finish_held(&world, payment);
    let fresh = world.hold(125_000);
    open(&world, fresh);
    assert_eq!(begin(&world).len(), 1);
}

fn finish_held(world: &World, payment: base::PaymentId) {
    let ambient = world.ambient.clone();
    let by = money::payments::VoidedBy::Freeze;
    world
        .db
        .write(move |tx| money::payments::void(tx, &ambient, payment, by, ""))
        .unwrap();
}

#[test]
fn a_password_of_yesterday_takes_the_keypad_away_for_as_long_as_a_new_device() {
    each_world(|mut world| {
        world.money.keypad.unchanged_days = 7;
        let rule = |world: &World| {
            let case = open(world, world.hold(125_000)).id;
            let begun = begin(world).remove(0);
            assert_eq!(begun.case.id, case);
            let (policy, money, asked) = (world.policy.clone(), world.money.clone(), begun.clone());
            let answer = write(world, move |tx, ambient| {
                let rules = Rules {
                    calls: &policy,
                    money: &money,
                };
                calls::act(tx, ambient, &rules, &asked, Act::KeypadRule, false)
            });
            finish(world, begun.attempt.id, Disposition::DecidedElsewhere);
            answer
        };
        assert_eq!(rule(&world), Outcome::AppOnly, "the device is new");
        world.ambient.clock.advance_ms(8 * 86_400_000);
        assert_eq!(rule(&world), Outcome::Allowed);
        let customer = world.payer.customer;
        write(&world, move |tx, ambient| {
            let known = |error| CallsError::Security {
                verb: "changing a password",
                source: error,
            };
            let login = logins::of_customer(tx, customer).map_err(known)?.unwrap();
            logins::change_password(tx, ambient, login, "-", None).map_err(known)
        });
        assert_eq!(rule(&world), Outcome::AppOnly, "the password is new");
        world.ambient.clock.advance_ms(8 * 86_400_000);
        assert_eq!(rule(&world), Outcome::Allowed);
    });
}
