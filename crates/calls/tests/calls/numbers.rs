//! A number on file that the network does not know: doubted, told, put right by a verifying call.

use crate::handset::Handset;
use crate::speech::Said;
use crate::world::{ROOMS, World, until};
use base::{Ambient, CaseId, PhoneNumber};
use calls::attempts;
use calls::cases::{self, CaseKind, CaseOutcome};
use calls::numbers::{self, Asked, CheckState, NumberChange, Standing};
use calls::{CallsError, Disposition, handlers};
use people::customers::{self, Customer};
use security::logins;
use store::Tx;
use store::harness::{self, START};
use tokio::task::block_in_place;

fn world() -> World {
    let ambient = Ambient::seeded(START, 11);
    World::on(harness::sqlite_with(&ROOMS, ambient.clone()), ambient, |_| {})
}

fn write<T: Send + 'static>(
    world: &World,
    run: impl Fn(&mut Tx<'_>, &Ambient) -> Result<T, CallsError> + Send + 'static,
) -> T {
    let ambient = world.ambient.clone();
    wherever(|| world.db.write(move |tx| run(tx, &ambient)).unwrap())
}

/// Some of these tests run within a runtime.
fn wherever<T>(run: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => block_in_place(run),
        Err(_) => run(),
    }
}

fn customer(world: &World) -> Customer {
    let payer = world.payer.customer;
    wherever(|| world.db.read(move |tx| customers::by_id(tx, payer)))
        .unwrap()
        .unwrap()
}

fn standing(world: &World) -> Standing {
    let known = customer(world);
    world.read(move |tx| numbers::standing(tx, &known))
}

/// A payment of the customer that the network could not find.
pub fn not_found(world: &World) -> base::PaymentId {
    let payment = world.hold(125_000);
    let policy = world.policy.clone();
    write(world, move |tx, ambient| {
        handlers::payment_held(tx, ambient, &policy, payment)?;
        for begun in attempts::begin_due(tx, ambient, &policy, "a", 10)? {
            attempts::finish(tx, ambient, &policy, begun.attempt.id, Disposition::WrongNumber)?;
        }
        Ok(())
    });
    payment
}

pub fn ask(world: &World, phone: &str) -> Asked {
    let (policy, payer) = (world.policy.clone(), world.payer.customer);
    let phone = PhoneNumber::parse(phone).unwrap();
    write(world, move |tx, ambient| {
        numbers::ask(tx, ambient, &policy, payer, &phone)
    })
}

#[test]
fn one_answer_of_the_network_marks_nobody_and_two_hours_apart_do() {
    let world = world();
    assert_eq!(standing(&world), Standing::Works);
    not_found(&world);
    assert!(matches!(standing(&world), Standing::Doubted { .. }));
    world.ambient.clock.advance_ms(60_000);
    not_found(&world);
    assert!(!customer(&world).wrong_number, "a bad minute of the carrier");
    world.ambient.clock.advance_ms(2 * 3_600_000);
    not_found(&world);
    assert!(customer(&world).wrong_number);
    assert!(matches!(standing(&world), Standing::Wrong { .. }));
}

#[test]
fn a_number_that_rang_in_between_is_not_wrong() {
    let world = world();
    not_found(&world);
    world.ambient.clock.advance_ms(3 * 3_600_000);
    let payment = world.hold(125_000);
    let policy = world.policy.clone();
    write(&world, move |tx, ambient| {
        handlers::payment_held(tx, ambient, &policy, payment)?;
        for begun in attempts::begin_due(tx, ambient, &policy, "a", 10)? {
            attempts::finish(tx, ambient, &policy, begun.attempt.id, Disposition::NoAnswer)?;
        }
        Ok(())
    });
    assert_eq!(standing(&world), Standing::Works);
    not_found(&world);
    assert!(!customer(&world).wrong_number);
}

#[test]
fn a_check_is_asked_only_in_doubt_and_a_bounded_number_of_times() {
    let world = world();
    assert_eq!(ask(&world, "13700137000"), Asked::NotDoubted);
    not_found(&world);
    assert!(matches!(ask(&world, "13700137000"), Asked::Calling(_)));
    assert_eq!(ask(&world, "13900139000"), Asked::Taken, "another customer's");
    assert!(matches!(ask(&world, "13700137000"), Asked::Calling(_)));
    assert_eq!(ask(&world, "13700137000"), Asked::TooMany);
}

#[test]
fn a_change_moves_customer_wallet_and_login_and_payments_are_called_about_again() {
    let world = world();
    let payment = not_found(&world);
    let (policy, keyring, payer) = (world.policy.clone(), world.keyring.clone(), world.payer.customer);
    let taken = PhoneNumber::parse("13900139000").unwrap();
    let other = PhoneNumber::parse("13700137000").unwrap();
    let (to, ring) = (taken.clone(), keyring.clone());
    let done = write(&world, move |tx, ambient| {
        numbers::change(tx, ambient, &ring, &policy, payer, &to)
    });
    assert_eq!(done, NumberChange::Taken);
    let (policy, to, ring) = (world.policy.clone(), other.clone(), keyring.clone());
    let done = write(&world, move |tx, ambient| {
        numbers::change(tx, ambient, &ring, &policy, payer, &to)
    });
    assert_eq!(done, NumberChange::Changed);
    assert_eq!(customer(&world).phone, other);
    assert_eq!(world.wallet(&world.payer).phone, other);
    let login = world.read(move |tx| Ok(logins::by_phone(tx, &keyring, &other).unwrap()));
    assert!(login.is_some(), "they sign in with it");
    let case = world.case(payment).unwrap();
    assert_eq!((case.round, case.outcome), (1, None), "called about again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_verifying_call_confirms_the_number() {
    let world = World::new();
    not_found(&world);
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let Asked::Calling(check) = ask(&world, "13800138000") else {
        panic!("no call");
    };
    let mut talk = handset.answers().await;
    talk.hears(Said::PressDigit).await;
    let case: CaseId = world
        .read(move |tx| cases::by_kind(tx, CaseKind::NumberCheck(check)))
        .unwrap()
        .id;
    let attempt = world.attempts(case).pop().unwrap();
    talk.presses(char::from(b'0' + attempt.proof_digit)).await;
    until("the details were played", || {
        world.happened(case, calls::cases::Happening::DetailsPlayed)
    })
    .await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    let decided = world.read(move |tx| numbers::get(tx, check)).unwrap();
    assert_eq!(decided.state, CheckState::Verified);
    let case = world.read(move |tx| cases::get(tx, case)).unwrap();
    assert_eq!(case.outcome, Some(CaseOutcome::Confirmed));
    assert_eq!(standing(&world), Standing::Works);
}
