//! The database vanishes in the middle of a call and returns: nothing is lost, nothing happens
//! twice.

use crate::after::{AMOUNT, After, check_attempt, check_ledger};
use crate::handset::{Handset, Talk};
use crate::speech::Said;
use crate::world::{ROOMS, World, until};
use base::{Ambient, Clock, PaymentId, Rng};
use calls::Disposition;
use calls::cases::Happening;
use calls::transcripts::Heard;
use money::payments::PaymentState;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::harness;
use store::{Db, DbConfig};
use tempfile::TempDir;
use tokio::task::block_in_place;

/// A socket between us and PostgreSQL that can be cut.
struct Wire {
    folder: TempDir,
    cut: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

impl Wire {
    fn to(server: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let (cut, streams) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (is_cut, open) = (cut.clone(), streams.clone());
        std::thread::spawn(move || {
            for ours in listener.incoming().flatten() {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let theirs = UnixStream::connect(&server).unwrap();
                copy(ours.try_clone().unwrap(), theirs.try_clone().unwrap());
                copy(theirs.try_clone().unwrap(), ours.try_clone().unwrap());
                open.lock().unwrap().extend([ours, theirs]);
            }
        });
        Self { folder, cut, streams }
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }
}

fn copy(mut from: UnixStream, mut to: UnixStream) {
    std::thread::spawn(move || {
        let mut octets = [0; 16_384];
        while let Ok(count @ 1..) = from.read(&mut octets) {
            if to.write_all(&octets[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

fn world_on_a_wire() -> (World, Wire) {
    let ambient = Ambient {
        clock: Clock::System,
        rng: Rng::from_system(),
    };
    let database = harness::postgres_with(&ROOMS, ambient.clone());
    let DbConfig::Postgres { url, .. } = database.config().clone() else {
        panic!("not PostgreSQL");
    };
    let folder = url
        .split(' ')
        .find_map(|part| part.strip_prefix("host="))
        .unwrap()
        .to_owned();
    let wire = Wire::to(PathBuf::from(&folder).join(".s.PGSQL.5432"));
    let config = DbConfig::Postgres {
        url: url.replace(&folder, &wire.folder.path().display().to_string()),
        writers: 4,
        readers: 2,
    };
    let db = Db::open(&config, ambient.clone()).unwrap();
    (
        World::through(db, database, ambient, |policy| policy.answer_ms = 10_000),
        wire,
    )
}

async fn at_the_choices(world: &World, handset: &mut Handset, payment: PaymentId) -> Talk {
    let mut talk = handset.answers().await;
    talk.hears(Said::PressDigit).await;
    let attempt = world.attempts(world.case(payment).unwrap().id).pop().unwrap();
    talk.presses(char::from(b'0' + attempt.proof_digit)).await;
    talk.hears(Said::Choices).await;
    talk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_pressed_while_the_database_is_away_pays_once_when_it_is_back() {
    let (world, wire) = block_in_place(world_on_a_wire);
    let mut handset = Handset::new().await;
    let _dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let mut talk = at_the_choices(&world, &mut handset, payment).await;
    wire.cut();
    talk.presses('1').await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    wire.mend();
    talk.begins(Said::Paid).await;
    talk.hears_them_hang_up().await;
    world.concluded(payment).await;
    After::PAID.check(&world, payment);
    assert_eq!(world.keys(payment), [Heard::Proof, Heard::Choice('1')]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_call_is_written_when_the_database_is_back() {
    let (world, wire) = block_in_place(world_on_a_wire);
    let mut handset = Handset::new().await;
    let dialer = world.dialer(handset.address()).await;
    let payment = world.hold(AMOUNT);
    let talk = at_the_choices(&world, &mut handset, payment).await;
    let case = world.case(payment).unwrap().id;
    wire.cut();
    talk.hangs_up().await;
    until("the write fails", || dialer.health().db_failures > 0).await;
    wire.mend();
    until("the attempt has ended", || {
        world.attempts(case)[0].disposition == Some(Disposition::HungUp)
    })
    .await;
    check_ledger(&world, payment, PaymentState::Held);
    check_attempt(&world, &world.attempts(case)[0]);
    assert!(world.happened(case, Happening::DetailsPlayed));
}
