//! The payment call against SIPp: every way a telephone can behave. SIPp cannot hear a question,
//! so it waits longer than any question takes, and the caller is patient.

use crate::sipp::{Does, Sipp, free_address};
use crate::world::World;
use Does::{
    Answers, HangsUp, IsCancelled, IsForwarded, IsHungUp, PlaysEarlyMedia, Presses, PressesByInfo, Refuses,
    Rings, Waits,
};
use base::PaymentId;
use calls::cases::{Case, CaseOutcome, Happening};
use calls::{CallPolicy, Disposition};
use money::payments::PaymentState;

const AMOUNT: i64 = 125_000;
/// Longer than a question takes on a busy machine.
const HEARD: Does = Waits(4_000);

fn patient(policy: &mut CallPolicy) {
    policy.answer_ms = 12_000;
    policy.app_answer_ms = 12_000;
    policy.max_attempts = 1;
    policy.ring_ms = 15_000;
}

/// Holds a payment, and lets SIPp be the telephone that is called about it. The digit of the
/// question is known once the attempt is committed; SIPp begins to listen then, and the INVITE
/// that found nobody is repeated.
async fn called(world: &World, does: impl Fn(char) -> Vec<Does>) -> (PaymentId, Case) {
    let address = free_address();
    let dialer = world.dialer(address).await;
    let payment = world.hold(AMOUNT);
    crate::world::until("the attempt is committed", || {
        world
            .case(payment)
            .is_some_and(|case| !world.attempts(case.id).is_empty())
    })
    .await;
    let attempt = world.attempts(world.case(payment).unwrap().id).pop().unwrap();
    let sipp = Sipp::start(address, &does(char::from(b'0' + attempt.proof_digit))).await;
    let case = world.concluded(payment).await;
    sipp.succeeds().await;
    dialer.stop().await;
    (payment, case)
}

fn check(world: &World, payment: PaymentId, case: &Case, disposition: Disposition, state: PaymentState) {
    let attempt = world.attempts(case.id).pop().unwrap();
    let story = world.timeline(case.id);
    assert_eq!(attempt.disposition, Some(disposition), "{story:?}");
    assert_eq!(world.payment(payment).state, state);
    let received = if state == PaymentState::Posted { AMOUNT } else { 0 };
    assert_eq!(world.wallet(&world.payee).posted_minor, received);
    let held = if state == PaymentState::Held { AMOUNT } else { 0 };
    assert_eq!(world.wallet(&world.payer).held_minor, held);
    assert_eq!(world.recording(&attempt).is_some(), attempt.answered_at.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_as_rtp_events_pay_after_early_media_that_counts_for_nothing() {
    let world = World::with(patient);
    let (payment, case) = called(&world, |digit| {
        vec![
            PlaysEarlyMedia,
            Presses('1'),
            Waits(500),
            Answers,
            HEARD,
            Presses(digit),
            HEARD,
            Presses('1'),
            IsHungUp,
        ]
    })
    .await;
    check(
        &world,
        payment,
        &case,
        Disposition::Confirmed,
        PaymentState::Posted,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_by_info_pay() {
    let world = World::with(patient);
    let (payment, case) = called(&world, |digit| {
        vec![
            Rings,
            Answers,
            HEARD,
            PressesByInfo(digit, 1),
            HEARD,
            PressesByInfo('1', 2),
            IsHungUp,
        ]
    })
    .await;
    check(
        &world,
        payment,
        &case,
        Disposition::Confirmed,
        PaymentState::Posted,
    );
    assert!(world.happened(case.id, Happening::Ringing));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_call_never_pays_by_key() {
    let world = World::with(patient);
    let (payment, case) = called(&world, |digit| {
        vec![
            IsForwarded,
            Rings,
            Answers,
            HEARD,
            Presses(digit),
            HEARD,
            Presses('1'),
            Waits(1_500),
            HangsUp,
        ]
    })
    .await;
    check(&world, payment, &case, Disposition::HungUp, PaymentState::Held);
    assert!(world.happened(case.id, Happening::Forwarded));
    assert!(world.happened(case.id, Happening::DetailsPlayed));
    let story = world.timeline(case.id);
    let pressed_one = story
        .iter()
        .any(|item| item.happening == Happening::Key && item.detail == "1");
    assert!(pressed_one, "the key arrived and counted for nothing: {story:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_line_is_a_warning_sign() {
    let world = World::with(patient);
    let (payment, case) = called(&world, |_| vec![Refuses("486 Busy Here")]).await;
    check(&world, payment, &case, Disposition::Busy, PaymentState::Held);
    assert_eq!(case.outcome, Some(CaseOutcome::Unreachable));
    let evidence = money::payments::KeypadEvidence {
        phone_since: base::Timestamp(0),
        device_since: Some(base::Timestamp(0)),
        forwarded: false,
    };
    let (ambient, policy) = (world.ambient.clone(), world.money.clone());
    let rule = world.read(move |tx| {
        Ok(money::payments::keypad_allowed(tx, &ambient, &policy, payment, &evidence).unwrap())
    });
    let sign = money::payments::KeypadObstacle::WarningSign;
    assert_eq!(rule, money::payments::KeypadRule::SignInApp(vec![sign]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_call_and_a_wrong_number_are_told_apart() {
    for (status, disposition, outcome) in [
        ("603 Decline", Disposition::Declined, CaseOutcome::Unreachable),
        (
            "404 Not Found",
            Disposition::WrongNumber,
            CaseOutcome::WrongNumber,
        ),
    ] {
        let world = World::with(patient);
        let (payment, case) = called(&world, |_| vec![Refuses(status)]).await;
        check(&world, payment, &case, disposition, PaymentState::Held);
        assert_eq!(case.outcome, Some(outcome));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telephone_that_nobody_answers_is_cancelled() {
    let world = World::with(|policy| {
        patient(policy);
        policy.ring_ms = 3_000;
    });
    let (payment, case) = called(&world, |_| vec![Rings, IsCancelled]).await;
    check(&world, payment, &case, Disposition::NoAnswer, PaymentState::Held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_up_in_the_middle_of_a_prompt_moves_nothing() {
    let world = World::with(patient);
    let (payment, case) = called(&world, |digit| {
        vec![Rings, Answers, HEARD, Presses(digit), Waits(450), HangsUp]
    })
    .await;
    check(&world, payment, &case, Disposition::HungUp, PaymentState::Held);
}
