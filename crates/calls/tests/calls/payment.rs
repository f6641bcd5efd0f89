//! The payment call with a handset that listens; after each: ledger, case, notice, status,
//! recording.

use crate::after::{AMOUNT, After};
use crate::engines::on_both;
use crate::scene::Scene;
use crate::speech::Said;
use calls::CallStatus;
use calls::cases::{CaseOutcome, CaseState, Happening};
use calls::notices::NoticeState;
use money::payments::{EndedBy, PaymentState, ReleasedBy, VoidedBy};

#[test]
fn the_proof_digit_and_then_one_pay_and_the_app_shows_the_words_meanwhile() {
    on_both(
        |_| (),
        async |world| {
            let mut scene = Scene::within(world).await;
            let (mut talk, digit) = scene.question().await;
            let status = scene.world.status();
            assert!(matches!(status, CallStatus::OnCall { words: Some(_), .. }));
            let case = scene.world.case(scene.payment).unwrap();
            assert_eq!(scene.world.notice(case.id).state, NoticeState::Calling);
            let hold = scene.hold();
            assert!(
                hold.extended && case.deadline == hold.deadline,
                "answering moved the deadline"
            );
            talk.presses(digit).await;
            talk.hears(Said::Choices).await;
            assert_eq!(scene.state(), PaymentState::Held);
            talk.presses('1').await;
            talk.begins(Said::Paid).await;
            assert_eq!(scene.state(), PaymentState::Posted, "before \"paid\" is said");
            talk.hears_them_hang_up().await;
            let case = scene.concluded().await;
            assert_eq!(case.outcome, Some(CaseOutcome::Confirmed));
            scene.leaves(After::PAID);
            let attempt = &scene.attempts()[0];
            let ended = scene.hold().ended.unwrap();
            assert_eq!(
                ended.by,
                EndedBy::Released(ReleasedBy::CustomerKeypad(attempt.id))
            );
            let timeline = scene.world.timeline(case.id);
            let story: Vec<Happening> = timeline.iter().map(|item| item.happening).collect();
            for happening in [
                Happening::Opened,
                Happening::Announced,
                Happening::Dialed,
                Happening::Answered,
                Happening::Proved,
                Happening::DetailsPlayed,
                Happening::Released,
                Happening::Concluded,
                Happening::Ended,
            ] {
                assert!(story.contains(&happening), "{happening:?} in {story:?}");
            }
            scene.stops().await;
        },
    );
}

#[test]
fn two_stops_the_payment_freezes_the_wallet_and_opens_a_case_for_staff() {
    on_both(
        |_| (),
        async |world| {
            let mut scene = Scene::within(world).await;
            let mut talk = scene.choices().await;
            talk.presses('2').await;
            talk.begins(Said::Stopped).await;
            talk.hears_them_hang_up().await;
            let case = scene.concluded().await;
            assert_eq!(case.outcome, Some(CaseOutcome::Stopped));
            scene.leaves(After::STOPPED);
            assert!(scene.world.wallet(&scene.world.payer).frozen.is_some());
            let attempt = &scene.attempts()[0];
            let ended = scene.hold().ended.unwrap();
            assert_eq!(ended.by, EndedBy::Voided(VoidedBy::CustomerCall(attempt.id)));
            let security = calls::cases::CaseKind::Security(scene.payment);
            let security = scene
                .world
                .read(move |tx| calls::cases::by_kind(tx, security))
                .unwrap();
            assert_eq!(security.state, CaseState::ForStaff);
        },
    );
}

#[test]
fn one_too_early_counts_for_nothing() {
    on_both(
        |_| (),
        async |world| {
            let mut scene = Scene::within(world).await;
            let (mut talk, digit) = scene.question().await;
            talk.presses(digit).await;
            talk.begins(Said::Details).await;
            talk.presses('1').await;
            talk.hears(Said::Choices).await;
            assert_eq!(scene.state(), PaymentState::Held);
            talk.presses('1').await;
            talk.hears_them_hang_up().await;
            scene.concluded().await;
            scene.leaves(After::PAID);
        },
    );
}

#[test]
fn repeat_and_the_other_language_and_then_one_pay() {
    on_both(
        |_| (),
        async |world| {
            let mut scene = Scene::within(world).await;
            let mut talk = scene.choices().await;
            talk.presses('9').await;
            talk.begins(Said::Details).await;
            talk.hears(Said::Choices).await;
            talk.presses('0').await;
            talk.begins(Said::Details).await;
            talk.hears(Said::Choices).await;
            talk.presses('1').await;
            talk.begins(Said::Paid).await;
            talk.hears_them_hang_up().await;
            let case = scene.concluded().await;
            assert!(scene.world.happened(case.id, Happening::LanguageSwitched));
            scene.leaves(After::PAID);
        },
    );
}

#[test]
fn above_the_cap_a_one_sends_to_the_app() {
    on_both(
        |_| (),
        async |mut world| {
            world.money.keypad.cap_minor = AMOUNT - 1;
            let mut scene = Scene::within(world).await;
            let (mut talk, digit) = scene.question().await;
            talk.presses(digit).await;
            talk.hears(Said::ChoicesAppOnly).await;
            talk.presses('1').await;
            talk.begins(Said::SignIn).await;
            talk.hears(Said::ChoicesAppOnly).await;
            assert_eq!(scene.state(), PaymentState::Held);
            talk.presses('2').await;
            talk.begins(Said::Stopped).await;
            talk.hears_them_hang_up().await;
            scene.concluded().await;
            scene.leaves(After::STOPPED);
        },
    );
}
