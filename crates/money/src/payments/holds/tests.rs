use super::*;
use crate::payments::{Order, Outcome, get, held, held_of};
use crate::testing::{World, cny, on_each_engine, order};
use crate::wallets::{self, Wallet};
use base::{LoginId, StaffId};
use std::thread;

const CALL: CallId = CallId([7; 16]);
const APP: ReleasedBy = ReleasedBy::CustomerApp { proof: [3; 16] };
const STAFF: ReleasedBy = ReleasedBy::Staff(StaffId([1; 16]), StaffId([2; 16]));

struct Held {
    world: World,
    wang: Wallet,
    li: Wallet,
    payment: PaymentId,
    deadline: Timestamp,
}

/// ¥1,250 from a wallet without habits to a stranger is held.
fn with_a_hold(test: impl Fn(Held)) {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 400_000),
            world.customer("李华", "13800138002", 0),
        );
        let answer = world.pay_one(&risky("risky", &wang, &li));
        let Outcome::Held {
            payment,
            deadline,
            reasons,
        } = answer.outcome
        else {
            panic!("held, not {:?}", answer.outcome)
        };
        assert!(!reasons.is_empty());
        test(Held {
            world,
            wang,
            li,
            payment,
            deadline,
        });
    });
}

fn risky(name: &str, payer: &Wallet, payee: &Wallet) -> Order {
    order(name, payer, payee, 125_000)
}

impl Held {
    fn write<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Tx<'_>, &Ambient, PaymentId) -> Result<T, MoneyError> + Send + 'static,
    ) -> T {
        let (ambient, payment) = (self.world.ambient.clone(), self.payment);
        self.world.db.write(move |tx| run(tx, &ambient, payment)).unwrap()
    }

    fn played(&self) {
        assert!(self.write(|tx, ambient, payment| details_played(tx, payment, CALL, ambient.now())));
    }

    fn release(&self, by: ReleasedBy) -> ReleaseOutcome {
        self.write(move |tx, ambient, payment| release(tx, ambient, payment, by))
    }

    fn void(&self, by: VoidedBy) -> VoidOutcome {
        self.write(move |tx, ambient, payment| void(tx, ambient, payment, by, "test"))
    }

    fn payment(&self) -> Payment {
        self.write(|tx, _, payment| get(tx, payment)).unwrap()
    }

    fn balances(&self) -> (i64, i64, i64) {
        let (wang, li) = (self.world.wallet(&self.wang), self.world.wallet(&self.li));
        (wang.posted_minor, wang.held_minor, li.posted_minor)
    }

    fn used_today(&self) -> i64 {
        self.world.wallet(&self.wang).usage.day_used_minor
    }
}

#[test]
fn a_held_payment_sets_money_aside_and_the_payee_sees_nothing() {
    with_a_hold(|held_one| {
        assert_eq!(held_one.balances(), (400_000, 125_000, 0));
        assert_eq!(held_one.used_today(), 125_000);
        let payer = held_one.wang.account;
        let (all, own) = held_one.write(move |tx, _, _| Ok((held(tx, 10)?, held_of(tx, payer)?)));
        assert_eq!((all.len(), own.len()), (1, 1));
        let seen = held_one.write({
            let payee = held_one.li.account;
            move |tx, _, _| crate::activity::list(tx, payee, None, 10)
        });
        assert!(seen.is_empty());
        let waiting = held_one.world.db.read(outbox::backlog).unwrap();
        assert_eq!(waiting.waiting, 3, "two wallets opened, one payment held");
        held_one.world.prove();
    });
}

#[test]
fn a_hold_is_posted_exactly_once_and_only_after_the_details_were_played() {
    with_a_hold(|held| {
        assert_eq!(held.release(APP), ReleaseOutcome::DetailsNotPlayed);
        held.played();
        let other_call = ReleasedBy::CustomerKeypad(CallId([8; 16]));
        assert_eq!(held.release(other_call), ReleaseOutcome::DetailsNotPlayed);
        assert_eq!(
            held.release(ReleasedBy::CustomerKeypad(CALL)),
            ReleaseOutcome::Posted
        );
        assert_eq!(held.release(APP), ReleaseOutcome::AlreadyPosted);
        assert_eq!(
            held.void(VoidedBy::CustomerApp(LoginId([4; 16]))),
            VoidOutcome::AlreadyPosted
        );
        assert_eq!(held.balances(), (275_000, 0, 125_000));
        let hold = held.payment().hold.unwrap();
        assert_eq!(
            hold.ended.unwrap().by,
            EndedBy::Released(ReleasedBy::CustomerKeypad(CALL))
        );
        assert_eq!(hold.details_played.unwrap().0, CALL);
        held.world.prove();
        // Now the payee is known and the amount a habit in the making.
        let profile = held.write({
            let payer = held.wang.account;
            move |tx, _, _| one_account(tx, payer)
        });
        let known_hours = profile
            .profile
            .payee_known_hours(held.li.account, held.world.ambient.now());
        assert_eq!(known_hours, Some(0));
    });
}

#[test]
fn one_member_of_staff_twice_is_not_two() {
    with_a_hold(|held| {
        let alone = ReleasedBy::Staff(StaffId([1; 16]), StaffId([1; 16]));
        assert_eq!(held.release(alone), ReleaseOutcome::DetailsNotPlayed);
        held.played();
        assert_ne!(held.release(alone), ReleaseOutcome::Posted);
        assert_eq!(held.release(STAFF), ReleaseOutcome::Posted);
        held.world.prove();
    });
}

#[test]
fn a_void_gives_the_limit_back_to_its_own_day() {
    with_a_hold(|held| {
        assert_eq!(
            held.void(VoidedBy::CustomerApp(LoginId([4; 16]))),
            VoidOutcome::Voided
        );
        assert_eq!(
            held.void(VoidedBy::CustomerApp(LoginId([4; 16]))),
            VoidOutcome::AlreadyVoided
        );
        held.played_too_late();
        assert_eq!(held.release(STAFF), ReleaseOutcome::AlreadyVoided);
        assert_eq!((held.balances(), held.used_today()), ((400_000, 0, 0), 0));
        assert_eq!(held.payment().state, PaymentState::Voided);
        held.world.prove();
    });
}

#[test]
fn who_ended_a_hold_and_why_is_kept_with_it() {
    for (said, kept) in [("the customer rang", Some("the customer rang")), ("", None)] {
        with_a_hold(move |held| {
            let by = VoidedBy::Staff(StaffId([1; 16]), StaffId([2; 16]));
            held.write(move |tx, ambient, payment| void(tx, ambient, payment, by, said));
            let ended = held.payment().hold.and_then(|hold| hold.ended).unwrap();
            assert_eq!(ended.by, EndedBy::Voided(by));
            assert_eq!(ended.reason.as_deref(), kept);
        });
    }
}

impl Held {
    fn played_too_late(&self) {
        assert!(!self.write(|tx, ambient, payment| details_played(tx, payment, CALL, ambient.now())));
    }
}

#[test]
fn a_void_after_midnight_leaves_the_new_days_limit_alone() {
    on_each_engine(|world| {
        let (wang, li) = (
            world.customer("王小明", "13800138001", 400_000),
            world.customer("李华", "13800138002", 0),
        );
        // 23:50 in Shanghai.
        world.ambient.clock.advance_ms((11 * 60 + 50) * 60_000);
        let Outcome::Held { payment, .. } = world.pay_one(&risky("late", &wang, &li)).outcome else {
            panic!("held")
        };
        world.ambient.clock.advance_ms(15 * 60_000);
        let small = world.pay_one(&order("morning", &wang, &li, 700));
        assert!(matches!(small.outcome, Outcome::Posted(_)));
        let ambient = world.ambient.clone();
        let outcome = world
            .db
            .write(move |tx| void(tx, &ambient, payment, VoidedBy::CustomerCall(CALL), ""));
        assert_eq!(outcome.unwrap(), VoidOutcome::Voided);
        let usage = world.wallet(&wang).usage;
        assert_eq!((usage.day_used_minor, usage.year_used_minor), (700, 700));
        world.prove();
    });
}

#[test]
fn the_deadline_voids_and_may_be_moved_once() {
    with_a_hold(|held| {
        held.played();
        let moved = held.write(extend_deadline);
        assert_eq!(moved, Some(held.deadline.plus_secs(600)));
        let again = held.write(extend_deadline);
        assert_eq!(again, moved);
        held.world.ambient.clock.advance_ms(30 * 60_000 + 1_000);
        assert_eq!(held.write(|tx, ambient, _| expire_due(tx, ambient, 10)), 0);
        held.world.ambient.clock.advance_ms(10 * 60_000);
        assert_eq!(held.release(APP), ReleaseOutcome::DeadlinePassed);
        assert_eq!(held.write(|tx, ambient, _| expire_due(tx, ambient, 10)), 1);
        assert_eq!(held.write(|tx, ambient, _| expire_due(tx, ambient, 10)), 0);
        assert_eq!(
            held.payment().hold.unwrap().ended.unwrap().by,
            EndedBy::Voided(VoidedBy::Deadline)
        );
        assert_eq!(held.balances(), (400_000, 0, 0));
        held.world.prove();
    });
}

#[test]
fn a_deadline_that_was_moved_after_it_was_found_due_is_respected() {
    with_a_hold(|held| {
        let late = held.payment().hold.unwrap().deadline.plus_secs(-1);
        held.world
            .ambient
            .clock
            .advance_ms(late.as_ms() - held.world.ambient.now().as_ms());
        assert!(held.write(extend_deadline).is_some());
        held.world.ambient.clock.advance_ms(2_000);
        let expired = held.write(|tx, ambient, payment| expire(tx, ambient, &[payment]));
        assert_eq!(expired, 0);
        held.world.ambient.clock.advance_ms(10 * 60_000);
        let expired = held.write(|tx, ambient, payment| expire(tx, ambient, &[payment]));
        assert_eq!(expired, 1);
        held.world.prove();
    });
}

#[test]
fn a_freeze_voids_the_payers_holds_and_stops_what_comes_after() {
    with_a_hold(|held| {
        let wallet = held.wang.id;
        let voided =
            held.write(move |tx, ambient, _| wallets::freeze(tx, ambient, wallet, "customer", "lost phone"));
        assert_eq!(voided, Some(1));
        assert_eq!(held.release(STAFF), ReleaseOutcome::AlreadyVoided);
        let refused = held.world.pay_one(&order("later", &held.wang, &held.li, 100));
        assert_eq!(refused.outcome, Outcome::Refused(crate::Refusal::PayerFrozen));
        let frozen = held.world.wallet(&held.wang).frozen.unwrap();
        assert_eq!(frozen.reason, "lost phone");
        held.world.prove();
    });
}

#[test]
fn a_graver_freeze_takes_a_lighter_ones_place_and_never_the_other_way() {
    with_a_hold(|held| {
        let wallet = held.wang.id;
        let freeze =
            |by: &'static str| held.write(move |tx, ambient, _| wallets::freeze(tx, ambient, wallet, by, by));
        let by = || held.world.wallet(&held.wang).frozen.unwrap().by;
        assert_eq!(freeze("customer"), Some(1));
        assert_eq!(freeze("customer"), None);
        assert_eq!(freeze("call:00"), Some(0));
        assert_eq!((freeze("customer"), freeze("customer-stop")), (None, None));
        assert_eq!(by(), "call:00");
        assert_eq!(freeze("staff:00"), Some(0));
        assert_eq!(
            (freeze("customer"), freeze("call:01"), freeze("staff:01")),
            (None, None, None)
        );
        assert_eq!(by(), "staff:00");
        held.world.prove();
    });
}

#[test]
fn a_payee_frozen_meanwhile_receives_nothing() {
    with_a_hold(|held| {
        let payee = held.li.id;
        held.write(move |tx, ambient, _| wallets::freeze(tx, ambient, payee, "staff", "inquiry"));
        assert_eq!(held.release(STAFF), ReleaseOutcome::PayeeCannotReceive);
        assert_eq!(held.balances(), (400_000, 125_000, 0));
        held.world.prove();
    });
}

#[test]
fn of_many_who_end_a_hold_at_once_one_does() {
    with_a_hold(|held| {
        held.played();
        let posted: usize = thread::scope(|scope| {
            let held = &held;
            let racing: Vec<_> = (0..8)
                .map(|number| {
                    scope.spawn(move || match number % 2 {
                        0 => usize::from(held.release(APP) == ReleaseOutcome::Posted),
                        _ => usize::from(held.void(VoidedBy::CustomerCall(CALL)) == VoidOutcome::Voided),
                    })
                })
                .collect();
            racing.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(posted, 1);
        held.world.prove();
    });
}

#[test]
fn a_warning_sign_takes_the_keypad_away() {
    with_a_hold(|held| {
        let old = held.world.ambient.now().plus_secs(-30 * 86_400);
        let evidence = KeypadEvidence {
            phone_since: old,
            device_since: Some(old),
            forwarded: false,
        };
        let policy = held.world.policy.clone();
        let rule = {
            let policy = policy.clone();
            held.write(move |tx, ambient, payment| keypad_allowed(tx, ambient, &policy, payment, &evidence))
        };
        assert_eq!(rule, KeypadRule::Allowed);
        assert!(policy.keypad.cap_minor >= cny(125_000).minor);
        let payer = held.wang.account;
        held.write(move |tx, ambient, _| record_warning(tx, ambient, payer, WarningSign::BusyLine));
        let rule =
            held.write(move |tx, ambient, payment| keypad_allowed(tx, ambient, &policy, payment, &evidence));
        assert_eq!(rule, KeypadRule::SignInApp(vec![KeypadObstacle::WarningSign]));
        held.world.prove();
    });
}
