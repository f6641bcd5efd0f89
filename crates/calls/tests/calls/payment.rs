//! The payment call with a handset that listens; after each: ledger, case, notice, status,
//! recording.

use crate::after::{AMOUNT, After, check_attempt};
use crate::handset::{Handset, question};
use crate::speech::Said;
use crate::world::{World, until};
use base::PaymentId;
use calls::cases::{CaseOutcome, CaseState, Happening};
use calls::notices::NoticeState;
use calls::recordings;
use calls::transcripts::{Heard, Line, What};
use calls::{CallStatus, CallsError, Disposition};
use money::payments::{EndedBy, PaymentState, ReleasedBy, VoidedBy};
use phone::prompts::PromptId;
use tokio::task::block_in_place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proof_digit_and_then_one_pay_and_the_app_shows_the_words_meanwhile() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    assert!(matches!(
        world.status(),
        CallStatus::OnCall { words: Some(_), .. }
    ));
    let case = world.case(payment).unwrap();
    assert_eq!(world.notice(case.id).state, NoticeState::Calling);
    let hold = world.payment(payment).hold.unwrap();
    assert!(
        hold.extended && case.deadline == hold.deadline,
        "answering moved the deadline"
    );
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    assert_eq!(world.payment(payment).state, PaymentState::Held);
    talk.presses('1').await;
    talk.begins(Said::Paid).await;
    assert_eq!(
        world.payment(payment).state,
        PaymentState::Posted,
        "before \"paid\" is said"
    );
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    assert_eq!(case.outcome, Some(CaseOutcome::Confirmed));
    After::PAID.check(&world, payment);
    let attempt = &world.attempts(case.id)[0];
    let ended = world.payment(payment).hold.unwrap().ended.unwrap();
    assert_eq!(
        ended.by,
        EndedBy::Released(ReleasedBy::CustomerKeypad(attempt.id))
    );
    let story: Vec<Happening> = world
        .timeline(case.id)
        .iter()
        .map(|item| item.happening)
        .collect();
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
    dialer.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stops_the_payment_freezes_the_wallet_and_opens_a_case_for_staff() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('2').await;
    talk.begins(Said::Stopped).await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    assert_eq!(case.outcome, Some(CaseOutcome::Stopped));
    After::STOPPED.check(&world, payment);
    assert!(world.wallet(&world.payer).frozen.is_some());
    let attempt = &world.attempts(case.id)[0];
    let ended = world.payment(payment).hold.unwrap().ended.unwrap();
    assert_eq!(ended.by, EndedBy::Voided(VoidedBy::CustomerCall(attempt.id)));
    let security = calls::cases::CaseKind::Security(payment);
    let security = world.read(move |tx| calls::cases::by_kind(tx, security)).unwrap();
    assert_eq!(security.state, CaseState::ForStaff);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_too_early_counts_for_nothing() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.begins(Said::Details).await;
    talk.presses('1').await;
    talk.hears(Said::Choices).await;
    assert_eq!(world.payment(payment).state, PaymentState::Held);
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    world.concluded(payment).await;
    After::PAID.check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_goes_on_after_late_keys_stands_once_and_whole_in_the_transcript() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.begins(Said::Paid).await;
    talk.presses('5').await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    world.concluded(payment).await;
    let keys = world.keys(payment);
    assert!(keys.contains(&Heard::TooEarly), "{keys:?}");
    assert_eq!(
        farewell(&world, payment),
        [(PromptId::PaymentPaid, true), (PromptId::Goodbye, true)]
    );
    After::PAID.check(&world, payment);
}

/// The watcher sees that the payment is decided while the call that decided it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_after_the_decision_is_said_once_and_in_one_piece() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.begins(Said::Paid).await;
    // The watcher looks every two seconds; the signal of a closed case makes it look now.
    let looked = block_in_place(|| {
        world.db.write(|tx| {
            tx.wake("calls.closed");
            Ok::<_, CallsError>(())
        })
    });
    looked.unwrap();
    talk.hears_them_hang_up().await;
    world.concluded(payment).await;
    assert_eq!(
        farewell(&world, payment),
        [(PromptId::PaymentPaid, true), (PromptId::Goodbye, true)]
    );
    After::PAID.check(&world, payment);
}

/// What the transcript has of the last two lines, and whether each was said to its end.
fn farewell(world: &World, payment: PaymentId) -> Vec<(PromptId, bool)> {
    let said = world.transcript(payment).into_iter();
    said.filter_map(|entry| match entry.what {
        What::Said {
            line: Line::Prompt(prompt @ (PromptId::PaymentPaid | PromptId::Goodbye)),
            whole,
            ..
        } => Some((prompt, whole)),
        What::Said { .. } | What::Heard(_) => None,
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeat_and_the_other_language_and_then_one_pay() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('9').await;
    talk.begins(Said::Details).await;
    talk.hears(Said::Choices).await;
    talk.presses('0').await;
    talk.begins(Said::Details).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.begins(Said::Paid).await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    assert!(world.happened(case.id, Happening::LanguageSwitched));
    After::PAID.check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_wrong_keys_end_the_call_and_are_a_warning_sign() {
    let world = World::with(|policy| policy.max_attempts = 1);
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    let wrong = if digit == '3' { '4' } else { '3' };
    for _ in 0..2 {
        talk.presses(wrong).await;
        talk.begins(Said::NotUnderstood).await;
        talk.hears(Said::PressDigit).await;
    }
    talk.presses(wrong).await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    assert_eq!(case.outcome, Some(CaseOutcome::Unreachable));
    assert_eq!(
        world.payment(payment).state,
        PaymentState::Held,
        "the deadline voids it"
    );
    After::waits(Disposition::WrongKeys).check(&world, payment);
    let keys: String = world
        .timeline(case.id)
        .into_iter()
        .filter(|item| item.happening == Happening::Key)
        .map(|item| item.detail)
        .collect();
    assert_eq!(keys, "•••", "what is no choice is not written down");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_is_kept_and_the_second_call_pays() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('8').await;
    talk.begins(Said::Later).await;
    talk.hears_them_hang_up().await;
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    let attempts = world.attempts(case.id);
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].disposition, Some(Disposition::Later));
    After::PAID.check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_pays_nothing_and_is_called_again() {
    let world = World::with(|policy| policy.max_attempts = 2);
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    for _ in 0..2 {
        let (talk, _) = question(&world, &mut handset, payment).await;
        talk.hears_them_hang_up().await;
    }
    let case = world.concluded(payment).await;
    assert_eq!((case.attempts, case.outcome), (2, Some(CaseOutcome::Unreachable)));
    assert_eq!(world.payment(payment).state, PaymentState::Held);
    After::waits(Disposition::Silent).check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_the_app_during_the_call_is_noticed_and_said() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    let ambient = world.ambient.clone();
    let by = ReleasedBy::CustomerApp { proof: [9; 16] };
    let released = world
        .db
        .write_async(move |tx| money::payments::release(tx, &ambient, payment, by))
        .await
        .unwrap();
    assert_eq!(released, money::payments::ReleaseOutcome::Posted);
    talk.begins(Said::Paid).await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    assert_eq!(case.outcome, Some(CaseOutcome::DecidedElsewhere));
    After {
        disposition: Disposition::DecidedElsewhere,
        outcome: CaseOutcome::DecidedElsewhere,
        payment: PaymentState::Posted,
    }
    .check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_rings_is_given_up_when_the_payment_is_stopped_in_the_app() {
    let world = World::with(|policy| policy.ring_ms = 30_000);
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let mut call = handset.rings().await;
    let ambient = world.ambient.clone();
    let by = VoidedBy::CustomerApp(base::LoginId([3; 16]));
    world
        .db
        .write_async(move |tx| money::payments::void(tx, &ambient, payment, by, ""))
        .await
        .unwrap();
    tokio::time::timeout(crate::world::LONG, call.cancelled())
        .await
        .unwrap();
    let case = world.concluded(payment).await;
    assert_eq!(case.outcome, Some(CaseOutcome::DecidedElsewhere));
    After {
        disposition: Disposition::DecidedElsewhere,
        outcome: CaseOutcome::DecidedElsewhere,
        payment: PaymentState::Voided,
    }
    .check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn above_the_cap_a_one_sends_to_the_app() {
    let mut world = World::new();
    world.money.keypad.cap_minor = AMOUNT - 1;
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::ChoicesAppOnly).await;
    talk.presses('1').await;
    talk.begins(Said::SignIn).await;
    talk.hears(Said::ChoicesAppOnly).await;
    assert_eq!(world.payment(payment).state, PaymentState::Held);
    talk.presses('2').await;
    talk.begins(Said::Stopped).await;
    talk.hears_them_hang_up().await;
    world.concluded(payment).await;
    After::STOPPED.check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_a_dead_process_left_counts_and_is_dialled_again() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let payment = world.hold(AMOUNT);
    until("the case is open", || world.case(payment).is_some()).await;
    let (ambient, policy) = (world.ambient.clone(), world.policy.clone());
    let left = world
        .db
        .write_async(move |tx| calls::attempts::begin_due(tx, &ambient, &policy, "test", 1))
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    let _dialer = world.dialer(handset.address()).await;
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    let attempts = world.attempts(case.id);
    assert_eq!(attempts[0].disposition, Some(Disposition::Interrupted));
    assert_eq!(attempts.len(), 2);
    After::PAID.check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialer_that_stops_in_the_middle_of_a_call_leaves_it_for_the_next() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (talk, _) = question(&world, &mut handset, payment).await;
    dialer.stop().await;
    talk.hears_them_hang_up().await;
    assert_eq!(world.status(), CallStatus::Unknown, "nobody places calls");
    let first = world.attempts(world.case(payment).unwrap().id).pop().unwrap();
    assert_eq!(first.disposition, Some(Disposition::Interrupted));
    check_attempt(&world, &first);
    let _dialer = world.dialer(handset.address()).await;
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    assert_eq!(
        world.attempts(case.id)[0].disposition,
        Some(Disposition::Interrupted)
    );
    After::PAID.check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_that_passes_during_the_call_is_said_and_pays_nothing() {
    let mut world = World::with(|policy| policy.answer_ms = 30_000);
    world.money.hold.window_secs = 12;
    world.money.hold.extension_secs = 0;
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    until("the deadline has passed", || {
        let ambient = world.ambient.clone();
        let expire = move |tx: &mut store::Tx<'_>| money::payments::expire_due(tx, &ambient, 10);
        tokio::task::block_in_place(|| world.db.write(expire)).unwrap() == 1
    })
    .await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    assert_eq!(case.outcome, Some(CaseOutcome::Expired));
    After {
        disposition: Disposition::Expired,
        outcome: CaseOutcome::Expired,
        payment: PaymentState::Voided,
    }
    .check(&world, payment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_is_forgotten_with_its_recording_and_the_call_stays() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    let attempt = world.attempts(case.id).pop().unwrap();
    let (folder, node) = (world.recordings(), attempt.node.clone());
    let files = |folder: &std::path::Path| std::fs::read_dir(folder).unwrap().count();
    let forget = |before: base::Timestamp| {
        let bite = move |tx: &mut store::Tx<'_>| recordings::forget(tx, before, 10);
        let words = block_in_place(|| world.db.write(bite)).unwrap();
        let removed =
            block_in_place(|| recordings::remove_forgotten(&world.db, &folder, &node, before, 10)).unwrap();
        (words, removed)
    };
    assert_eq!(forget(attempt.begun_at), (0, 0), "it is not old enough");
    assert!(!world.transcript(payment).is_empty() && files(&folder) == 1);
    let later = world.ambient.now().plus_secs(1);
    assert_eq!(forget(later), (1, 1));
    assert!(world.transcript(payment).is_empty() && world.recording(&attempt).is_none());
    assert_eq!(files(&folder), 0);
    assert_eq!(forget(later), (0, 0));
    assert_eq!(world.attempts(case.id).pop(), Some(attempt));
    let case = case.id;
    let known = world.read(move |tx| recordings::of_case(tx, case));
    assert_eq!(known, []);
}
