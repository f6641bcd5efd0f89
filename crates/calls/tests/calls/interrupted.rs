//! What happens beside a payment call: the app, the deadline, a process that ends, a customer who
//! says nothing.

use crate::after::{AMOUNT, After, check_attempt};
use crate::scene::Scene;
use crate::speech::Said;
use crate::world::{LONG, World, until};
use calls::cases::CaseOutcome;
use calls::{CallStatus, CallsError, Disposition, attempts, status};
use money::payments::{PaymentState, ReleasedBy, VoidedBy};
use store::Sql;
use tokio::task::block_in_place;

static DAMAGED: Sql = Sql("UPDATE call_case SET kind = 'damaged' WHERE state = 'calling'");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_is_kept_and_the_second_call_pays() {
    let mut scene = Scene::new().await;
    let mut talk = scene.choices().await;
    talk.presses('8').await;
    talk.begins(Said::Later).await;
    talk.hears_them_hang_up().await;
    scene.pays().await;
    let attempts = scene.attempts();
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].disposition, Some(Disposition::Later));
    scene.leaves(After::PAID);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_pays_nothing_and_is_called_again() {
    let mut scene = Scene::within(World::with(|policy| policy.max_attempts = 2)).await;
    for _ in 0..2 {
        let (talk, _) = scene.question().await;
        talk.hears_them_hang_up().await;
    }
    let case = scene.concluded().await;
    assert_eq!((case.attempts, case.outcome), (2, Some(CaseOutcome::Unreachable)));
    assert_eq!(scene.state(), PaymentState::Held);
    scene.leaves(After::waits(Disposition::Silent));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_the_app_during_the_call_is_noticed_and_said() {
    let mut scene = Scene::new().await;
    let mut talk = scene.choices().await;
    let (ambient, payment) = (scene.world.ambient.clone(), scene.payment);
    let by = ReleasedBy::CustomerApp { proof: [9; 16] };
    let released = scene
        .world
        .db
        .write_async(move |tx| money::payments::release(tx, &ambient, payment, by))
        .await
        .unwrap();
    assert_eq!(released, money::payments::ReleaseOutcome::Posted);
    talk.begins(Said::Paid).await;
    talk.hears_them_hang_up().await;
    let case = scene.concluded().await;
    assert_eq!(case.outcome, Some(CaseOutcome::DecidedElsewhere));
    scene.leaves(After {
        disposition: Disposition::DecidedElsewhere,
        outcome: CaseOutcome::DecidedElsewhere,
        payment: PaymentState::Posted,
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_rings_is_given_up_when_the_payment_is_stopped_in_the_app() {
    let mut scene = Scene::within(World::with(|policy| policy.ring_ms = 30_000)).await;
    let mut call = scene.handset.rings().await;
    let (ambient, payment) = (scene.world.ambient.clone(), scene.payment);
    let by = VoidedBy::CustomerApp(base::LoginId([3; 16]));
    scene
        .world
        .db
        .write_async(move |tx| money::payments::void(tx, &ambient, payment, by, ""))
        .await
        .unwrap();
    tokio::time::timeout(LONG, call.cancelled()).await.unwrap();
    let case = scene.concluded().await;
    assert_eq!(case.outcome, Some(CaseOutcome::DecidedElsewhere));
    scene.leaves(After {
        disposition: Disposition::DecidedElsewhere,
        outcome: CaseOutcome::DecidedElsewhere,
        payment: PaymentState::Voided,
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialer_that_stops_in_the_middle_of_a_call_leaves_it_for_the_next() {
    let mut scene = Scene::new().await;
    let (talk, _) = scene.question().await;
    scene.stops().await;
    talk.hears_them_hang_up().await;
    assert_eq!(scene.world.status(), CallStatus::Unknown, "nobody places calls");
    let first = scene.attempts().pop().unwrap();
    assert_eq!(first.disposition, Some(Disposition::Interrupted));
    check_attempt(&scene.world, &first);
    scene.dials().await;
    is_called_again_and_pays(scene).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_that_passes_during_the_call_is_said_and_pays_nothing() {
    let mut world = World::with(|policy| policy.answer_ms = 30_000);
    world.money.hold.window_secs = 12;
    world.money.hold.extension_secs = 0;
    let mut scene = Scene::within(world).await;
    let talk = scene.choices().await;
    until("the deadline has passed", || {
        let ambient = scene.world.ambient.clone();
        let expire = move |tx: &mut store::Tx<'_>| money::payments::expire_due(tx, &ambient, 10);
        tokio::task::block_in_place(|| scene.world.db.write(expire)).unwrap() == 1
    })
    .await;
    talk.hears_them_hang_up().await;
    let case = scene.concluded().await;
    assert_eq!(case.outcome, Some(CaseOutcome::Expired));
    scene.leaves(After {
        disposition: Disposition::Expired,
        outcome: CaseOutcome::Expired,
        payment: PaymentState::Voided,
    });
}

/// A fault of ours in one call: its attempt is settled, and the customer is called again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_task_broke_is_interrupted_and_dialled_again() {
    let world = World::with(|policy| policy.lease_ms = 400);
    let mut scene = Scene::without_dialer(world).await;
    scene.dials_and_breaks_once().await;
    is_called_again_and_pays(scene).await;
}

async fn is_called_again_and_pays(mut scene: Scene) {
    scene.pays().await;
    let attempts = scene.attempts();
    assert_eq!(attempts[0].disposition, Some(Disposition::Interrupted));
    assert_eq!(attempts.len(), 2);
    scene.leaves(After::PAID);
}

/// A damaged record keeps nobody else from being called, at the start and later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_cannot_be_settled_keeps_nobody_else_from_being_called() {
    let mut scene = Scene::without_dialer(World::with(|policy| policy.lease_ms = 400)).await;
    until("the case is open", || scene.world.case(scene.payment).is_some()).await;
    let (ambient, policy) = (scene.world.ambient.clone(), scene.world.policy.clone());
    block_in_place(|| {
        scene.world.db.write(move |tx| {
            attempts::begin_due(tx, &ambient, &policy, "test", 1)?;
            tx.execute(&DAMAGED, &[])?;
            Ok::<_, CallsError>(())
        })
    })
    .unwrap();
    scene.dials().await;
    let world = &scene.world;
    block_in_place(|| world.top_up("second", &world.payee));
    scene.payment = world.hold_between(&world.payee, &world.payer, AMOUNT);
    scene.pays().await;
    let alive = || scene.world.read(status::nodes).remove(0).lease_until;
    let before = alive();
    until("the node still gives signs of life", || alive() > before).await;
}
