//! The call about an application: confirmed, denied, and not reached.

use crate::applicant::{checked, draft, submitted};
use crate::handset::{Handset, Talk};
use crate::lines::line_over_tcp;
use crate::sipp::free_address;
use crate::speech::Said;
use crate::world::{World, until};
use base::ApplicationId;
use calls::cases::{self, Case, CaseKind, CaseOutcome, CaseState};
use calls::{CallStatus, status};
use people::applications::{self, Application, ApplicationState};
use tokio::task::block_in_place;

/// Submitted, checked by both registers, granted: the call is due.
pub fn applied(world: &World) -> ApplicationId {
    let (ambient, keyring) = (&world.ambient, &world.keyring);
    let id = block_in_place(|| {
        let id = submitted(&world.db, ambient, keyring, draft(""));
        checked(&world.db, ambient, keyring);
        id
    });
    assert_eq!(application(world, id).state, ApplicationState::Callback);
    id
}

pub fn application(world: &World, id: ApplicationId) -> Application {
    block_in_place(|| world.db.read(move |tx| applications::get(tx, id)))
        .unwrap()
        .unwrap()
}

fn case(world: &World, id: ApplicationId) -> Option<Case> {
    world.read(move |tx| cases::by_kind(tx, CaseKind::ApplicationCallback(id)))
}

async fn at_the_choices(world: &World, handset: &mut Handset, id: ApplicationId) -> Talk {
    let mut talk = handset.answers().await;
    talk.hears(Said::PressDigit).await;
    let attempt = world.attempts(case(world, id).unwrap().id).pop().unwrap();
    assert_eq!(attempt.words, None, "an applicant has no screen for them");
    talk.presses(char::from(b'0' + attempt.proof_digit)).await;
    talk.hears(Said::Choices).await;
    talk
}

async fn concluded(world: &World, id: ApplicationId, outcome: CaseOutcome) {
    until("the case is concluded", || {
        case(world, id).is_some_and(|case| {
            case.outcome == Some(outcome) && world.attempts(case.id).iter().all(|a| a.ended_at.is_some())
        })
    })
    .await;
    assert_eq!(case(world, id).unwrap().state, CaseState::Concluded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_applicant_confirms_and_becomes_a_customer() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let id = applied(&world);
    let mut talk = at_the_choices(&world, &mut handset, id).await;
    let of = case(&world, id).unwrap().id;
    let (policy, now) = (world.policy.clone(), world.ambient.now());
    let shown = world.read(move |tx| status::for_case(tx, &policy, now, of));
    assert!(matches!(shown, CallStatus::OnCall { words: None, .. }));
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    concluded(&world, id, CaseOutcome::Confirmed).await;
    until("the application is activated", || {
        application(&world, id).state == ApplicationState::Activated
    })
    .await;
    // The app does not say that we never called.
    let customer = application(&world, id).customer.unwrap();
    until("the call is the customer's", || {
        let (policy, now) = (world.policy.clone(), world.ambient.now());
        world.read(move |tx| status::for_customer(tx, &policy, now, customer, None)) == CallStatus::NotCalling
    })
    .await;
    let told = world.read(move |tx| calls::notices::for_customer(tx, customer));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].case, of);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_did_not_apply_stops_the_application() {
    let world = World::new();
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let id = applied(&world);
    let mut talk = at_the_choices(&world, &mut handset, id).await;
    talk.presses('2').await;
    talk.hears_them_hang_up().await;
    concluded(&world, id, CaseOutcome::Stopped).await;
    until("the application is withdrawn", || {
        application(&world, id).state == ApplicationState::Withdrawn
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_applicant_whom_our_line_cannot_call_is_not_said_to_be_unreachable() {
    let world = World::with(|policy| policy.application_window_ms = 1_000);
    let address = free_address();
    let _dialer = world.dialer_on(line_over_tcp(address).await);
    let id = applied(&world);
    let first = |case: &Case| (case.line_failures, case.deadline);
    until("the line fails", || {
        case(&world, id).is_some_and(|case| first(&case).0 > 0)
    })
    .await;
    let (_, deadline) = first(&case(&world, id).unwrap());
    until("its time is over", || {
        case(&world, id).is_some_and(|case| first(&case).1 > deadline)
    })
    .await;
    assert_eq!(case(&world, id).unwrap().outcome, None);
    assert!(!application(&world, id).number_doubted);
    let mut handset = Handset::at(address).await;
    let mut talk = at_the_choices(&world, &mut handset, id).await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    concluded(&world, id, CaseOutcome::Confirmed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_applicant_who_is_not_reached_asks_for_another_round() {
    let world = World::with(|policy| policy.max_attempts = 1);
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let id = applied(&world);
    handset.rings().await.decline(phone::DeclineReason::Declined);
    concluded(&world, id, CaseOutcome::Unreachable).await;
    until("the number is doubted", || application(&world, id).number_doubted).await;
    let first = case(&world, id).unwrap();
    let ambient = world.ambient.clone();
    block_in_place(|| {
        world
            .db
            .write(move |tx| applications::call_again(tx, &ambient, id))
    })
    .unwrap();
    let mut talk = at_the_choices(&world, &mut handset, id).await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    concluded(&world, id, CaseOutcome::Confirmed).await;
    assert_ne!(
        case(&world, id).unwrap().id,
        first.id,
        "each round is a case of its own"
    );
}
