//! What is written down of a call, and forgotten again.

use crate::after::After;
use crate::scene::Scene;
use crate::speech::Said;
use crate::world::World;
use calls::cases::{CaseOutcome, Happening};
use calls::recordings;
use calls::transcripts::{Heard, Line, What};
use calls::{CallsError, Disposition};
use money::payments::PaymentState;
use phone::prompts::PromptId;
use tokio::task::block_in_place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_goes_on_after_late_keys_stands_once_and_whole_in_the_transcript() {
    let mut scene = Scene::new().await;
    let mut talk = scene.choices().await;
    talk.presses('1').await;
    talk.begins(Said::Paid).await;
    talk.presses('5').await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    scene.concluded().await;
    let keys = scene.world.keys(scene.payment);
    assert!(keys.contains(&Heard::TooEarly), "{keys:?}");
    assert_eq!(
        farewell(&scene),
        [(PromptId::PaymentPaid, true), (PromptId::Goodbye, true)]
    );
    scene.leaves(After::PAID);
}

/// The watcher sees that the payment is decided while the call that decided it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_after_the_decision_is_said_once_and_in_one_piece() {
    let mut scene = Scene::new().await;
    let mut talk = scene.choices().await;
    talk.presses('1').await;
    talk.begins(Said::Paid).await;
    // The watcher looks every two seconds; the signal of a closed case makes it look now.
    let looked = block_in_place(|| {
        scene.world.db.write(|tx| {
            tx.wake("calls.closed");
            Ok::<_, CallsError>(())
        })
    });
    looked.unwrap();
    talk.hears_them_hang_up().await;
    scene.concluded().await;
    assert_eq!(
        farewell(&scene),
        [(PromptId::PaymentPaid, true), (PromptId::Goodbye, true)]
    );
    scene.leaves(After::PAID);
}

/// What the transcript has of the last two lines, and whether each was said to its end.
fn farewell(scene: &Scene) -> Vec<(PromptId, bool)> {
    let said = scene.world.transcript(scene.payment).into_iter();
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
async fn three_wrong_keys_end_the_call_and_are_a_warning_sign() {
    let mut scene = Scene::within(World::with(|policy| policy.max_attempts = 1)).await;
    let (mut talk, digit) = scene.question().await;
    let wrong = if digit == '3' { '4' } else { '3' };
    for _ in 0..2 {
        talk.presses(wrong).await;
        talk.begins(Said::NotUnderstood).await;
        talk.hears(Said::PressDigit).await;
    }
    talk.presses(wrong).await;
    talk.hears_them_hang_up().await;
    let case = scene.concluded().await;
    assert_eq!(case.outcome, Some(CaseOutcome::Unreachable));
    assert_eq!(scene.state(), PaymentState::Held, "the deadline voids it");
    scene.leaves(After::waits(Disposition::WrongKeys));
    let keys: String = scene
        .world
        .timeline(case.id)
        .into_iter()
        .filter(|item| item.happening == Happening::Key)
        .map(|item| item.detail)
        .collect();
    assert_eq!(keys, "•••", "what is no choice is not written down");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_is_forgotten_with_its_recording_and_the_call_stays() {
    let mut scene = Scene::new().await;
    let mut talk = scene.choices().await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    let case = scene.concluded().await;
    let attempt = scene.attempts().pop().unwrap();
    let (folder, node) = (scene.world.recordings(), attempt.node.clone());
    let files = |folder: &std::path::Path| std::fs::read_dir(folder).unwrap().count();
    let forget = |before: base::Timestamp| {
        let bite = move |tx: &mut store::Tx<'_>| recordings::forget(tx, before, 10);
        let words = block_in_place(|| scene.world.db.write(bite)).unwrap();
        let removed =
            block_in_place(|| recordings::remove_forgotten(&scene.world.db, &folder, &node, before, 10))
                .unwrap();
        (words, removed)
    };
    assert_eq!(forget(attempt.begun_at), (0, 0), "it is not old enough");
    assert!(!scene.world.transcript(scene.payment).is_empty() && files(&folder) == 1);
    let later = scene.world.ambient.now().plus_secs(1);
    assert_eq!(forget(later), (1, 1));
    assert!(scene.world.transcript(scene.payment).is_empty() && scene.world.recording(&attempt).is_none());
    assert_eq!(files(&folder), 0);
    assert_eq!(forget(later), (0, 0));
    assert_eq!(scene.attempts().pop(), Some(attempt));
    let case = case.id;
    let known = scene.world.read(move |tx| recordings::of_case(tx, case));
    assert_eq!(known, []);
}
