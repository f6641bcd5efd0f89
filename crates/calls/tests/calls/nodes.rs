//! Two nodes that place calls on one database: a payment is called about once, and when the node
//! that calls dies, the other calls after its lease.

use crate::after::{AMOUNT, After, check_attempt};
use crate::handset::{Handset, question};
use crate::lines::{Mortal, line, node_parts};
use crate::speech::Said;
use crate::world::{LONG, ROOMS, World};
use base::{Ambient, Clock, PaymentId, Rng};
use calls::{CallPolicy, Dialer, Disposition};
use money::payments::PaymentState;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::time::Duration;
use store::harness::{self, TestDb};
use store::{Db, DbConfig};
use tokio::task::block_in_place;

/// Set in the process of a node of its own: where its database and its telephone are.
const DATABASE: &str = "HUILING_TEST_NODE_DATABASE";
const TELEPHONE: &str = "HUILING_TEST_NODE_TELEPHONE";
const LEASE_MS: i64 = 3_000;

fn policy(policy: &mut CallPolicy) {
    policy.lease_ms = LEASE_MS;
    policy.answer_ms = 10_000;
}

fn ambient() -> Ambient {
    Ambient {
        clock: Clock::System,
        rng: Rng::from_system(),
    }
}

fn world_on(open: impl Fn(Ambient) -> TestDb) -> World {
    block_in_place(|| World::on(open(ambient()), ambient(), policy))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_is_called_about_by_one_of_two_nodes_on_sqlite() {
    called_once(world_on(|ambient| harness::sqlite_with(&ROOMS, ambient))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_is_called_about_by_one_of_two_nodes_on_postgresql() {
    called_once(world_on(|ambient| harness::postgres_with(&ROOMS, ambient))).await;
}

async fn called_once(world: World) {
    let mut handset = Handset::new().await;
    let mut nodes = Vec::new();
    for name in ["a", "b"] {
        let line = line(handset.address()).await;
        nodes.push(Dialer::start(world.parts(line, name)));
    }
    let payment = world.hold(AMOUNT);
    pays(&world, &mut handset, payment).await;
    let case = world.concluded(payment).await;
    assert_eq!((case.attempts, world.attempts(case.id).len()), (1, 1));
    After::PAID.check(&world, payment);
    let rings_again = tokio::time::timeout(Duration::from_millis(1_500), handset.rings());
    assert!(rings_again.await.is_err(), "it was called once");
    for node in nodes {
        node.stop().await;
    }
}

/// Eight nodes reach for the same case in the same moment.
#[test]
fn a_due_case_is_taken_by_one_of_many_nodes() {
    type Engine = fn(Ambient) -> TestDb;
    let engines: [Engine; 2] = [
        |ambient| harness::sqlite_with(&ROOMS, ambient),
        |ambient| harness::postgres_with(&ROOMS, ambient),
    ];
    for open in engines {
        let world = World::on(open(ambient()), ambient(), policy);
        let payment = world.hold(AMOUNT);
        let deadline = base::Stopwatch::start();
        while world.case(payment).is_none() {
            assert!(deadline.elapsed() < LONG, "the case is opened");
            std::thread::yield_now();
        }
        let start = Barrier::new(8);
        let begin = |node: usize| {
            let (policy, name) = (world.policy.clone(), format!("node {node}"));
            start.wait();
            let begun = world.db.write({
                let ambient = world.ambient.clone();
                move |tx| calls::attempts::begin_due(tx, &ambient, &policy, &name, 10)
            });
            begun.unwrap().len()
        };
        let taken: usize = std::thread::scope(|scope| {
            let begin = &begin;
            let nodes: Vec<_> = (0..8).map(|node| scope.spawn(move || begin(node))).collect();
            nodes.into_iter().map(|node| node.join().unwrap()).sum()
        });
        assert_eq!(taken, 1);
        let case = world.case(payment).unwrap().id;
        assert_eq!(world.attempts(case).len(), 1);
    }
}

async fn pays(world: &World, handset: &mut Handset, payment: PaymentId) {
    let (mut talk, digit) = question(world, handset, payment).await;
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
}

/// The process of a node is killed in the middle of its call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_calling_process_is_killed_the_other_calls_after_its_lease_on_postgresql() {
    let world = world_on(|ambient| harness::postgres_with(&ROOMS, ambient));
    let handset = Handset::new().await;
    let mut node = node_process(&world, handset.address());
    dies_in_its_call(world, handset, move || {
        node.kill().unwrap();
        node.wait().unwrap();
    })
    .await;
}

/// SQLite belongs to one process; there a node dies with its runtime, in the middle of whatever it
/// was doing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_calling_runtime_dies_the_other_calls_after_its_lease_on_sqlite() {
    let world = world_on(|ambient| harness::sqlite_with(&ROOMS, ambient));
    let handset = Handset::new().await;
    let node = Mortal::dials(&world, handset.address(), "a").await;
    dies_in_its_call(world, handset, move || node.dies()).await;
}

async fn dies_in_its_call(world: World, mut handset: Handset, kill: impl FnOnce()) {
    let payment = world.hold(AMOUNT);
    let (first_talk, _) = question(&world, &mut handset, payment).await;
    let case = world.case(payment).unwrap().id;
    assert_eq!(world.attempts(case)[0].node, "a");
    let _other = Dialer::start(world.parts(line(handset.address()).await, "b"));
    // Longer than a lease: as long as the first lives, it renews.
    tokio::time::sleep(Duration::from_millis(LEASE_MS as u64 + 500)).await;
    assert_eq!(world.attempts(case).len(), 1, "the first still calls");

    block_in_place(kill);
    let lease_until = world.attempts(case)[0].lease_until;
    pays(&world, &mut handset, payment).await;
    drop(first_talk);
    world.concluded(payment).await;
    let attempts = world.attempts(case);
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].disposition, Some(Disposition::Interrupted));
    assert_eq!(attempts[1].node, "b");
    assert!(
        attempts[0].ended_at.unwrap() >= lease_until,
        "not before the lease's end"
    );
    assert!(attempts[1].begun_at > lease_until);
    check_attempt(&world, &attempts[1]);
    After::PAID.check(&world, payment);
    assert_eq!(world.payment(payment).state, PaymentState::Posted);
}

/// This very program again, as a node called "a".
fn node_process(world: &World, telephone: SocketAddr) -> Child {
    let DbConfig::Postgres { url, .. } = world.database() else {
        panic!("only PostgreSQL serves several processes");
    };
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nodes::a_node_in_a_process_of_its_own", "--nocapture"])
        .env(DATABASE, url)
        .env(TELEPHONE, telephone.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Not a test by itself: what `node_process` starts. It lives until it is killed, or for a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_in_a_process_of_its_own() {
    let (Ok(url), Ok(telephone)) = (std::env::var(DATABASE), std::env::var(TELEPHONE)) else {
        return;
    };
    let config = DbConfig::Postgres {
        url,
        writers: 2,
        readers: 1,
    };
    let db = block_in_place(|| Db::open(&config, ambient())).unwrap();
    let parts = node_parts(db, policy, line(telephone.parse().unwrap()).await, "a");
    let _node = Dialer::start(parts);
    tokio::time::sleep(LONG).await;
}
