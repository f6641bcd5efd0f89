//! The program is killed in the middle of telephone calls: just after the 1 that confirms, during the
//! details, while it rings. Each payment is posted once or ends by its deadline; the calls and their
//! recordings are closed, and the customers are called again.

use crate::house::{Engine, Place, asked::Asked, asked::agent};
use base::{Ambient, CallId, PaymentId, PhoneNumber, Rng, Ticker};
use calls::attempts::{self, Attempt, AttemptState};
use calls::cases::{self, Case, CaseKind, CaseState, Happening};
use calls::recordings::{self, RecordingState};
use calls::{CallsError, Disposition};
use money::{PaymentState, payments};
use people::customers;
use phone::{DeclineReason, Heard, IncomingCall, Line, LineConfig, SipTransport, Trunk};
use security::logins;
use security::sessions::{self, SessionPolicy};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::outbox::HandlerError;
use store::{Db, Tx};

/// Whoever listens to the call; each has the telephone of a holder with that index.
const CONFIRMS: usize = 0;
const LISTENS: usize = 1;
const AWAY: usize = 2;
const PAYEE: usize = 3;
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);
const LOOK: Duration = Duration::from_millis(100);
/// Between two presses of a key: one that came before its question does not count.
const PRESS_EVERY: u32 = 12;

/// The customers' telephones: all on one line, as behind a carrier.
#[derive(Clone)]
struct Town {
    db: Db,
    /// The one who confirms waits for it with the 1.
    go: Arc<AtomicBool>,
    pressed: Arc<AtomicBool>,
    /// The program was killed and runs again.
    again: Arc<AtomicBool>,
}

#[test]
fn killed_in_its_calls_it_moves_no_money_twice_and_leaves_nothing_open() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (ours, theirs) = (free_udp(), free_udp());
    let mut place = Place::new(Engine::Sqlite);
    for (key, value) in [
        ("HUILING_PHONE_ENABLED", "true".to_owned()),
        ("HUILING_PHONE_BIND", ours.to_string()),
        ("HUILING_PHONE_TRUNK", theirs.to_string()),
        ("HUILING_PHONE_REALTIME", "false".to_owned()),
        ("HUILING_PHONE_RTP_FIRST_PORT", "21000".to_owned()),
        ("HUILING_PHONE_RTP_LAST_PORT", "21999".to_owned()),
        ("HUILING_MONEY_HOLD_MINUTES", "1".to_owned()),
        ("HUILING_MONEY_HOLD_EXTENSION_MINUTES", "1".to_owned()),
        ("HUILING_MONEY_KEYPAD_UNCHANGED_DAYS", "0".to_owned()),
        ("HUILING_RISK_COLD_START_MINOR", "15000".to_owned()),
        ("HUILING_CALLS_SPACING_MINUTES", "0".to_owned()),
        ("HUILING_CALLS_QUIET_FROM", "00:00".to_owned()),
        ("HUILING_CALLS_QUIET_UNTIL", "00:00".to_owned()),
    ] {
        place.set(key, value);
    }
    let holders = place.holders(4);
    let db = place.0.open().unwrap();
    for index in [CONFIRMS, LISTENS, AWAY] {
        db.write(move |tx| enrol_device(tx, index)).unwrap();
    }
    let town = Town {
        db: db.clone(),
        go: Arc::default(),
        pressed: Arc::default(),
        again: Arc::default(),
    };
    let telephones = runtime.block_on(telephones(theirs, ours, town.clone()));
    let running = place.serve();
    let mut sent = Vec::new();
    for index in [CONFIRMS, LISTENS, AWAY] {
        let body = serde_json::json!({ "to": holders[PAYEE].number, "amount": "200.00", "currency": "CNY" });
        let asked = Asked {
            token: holders[index].token.clone(),
            key: format!("held-{index}"),
            body: body.to_string(),
            answer: None,
        };
        let answer = asked.send(&agent(), &running.base_url);
        sent.push(Asked { answer, ..asked });
    }
    let held: Vec<PaymentId> = sent.iter().map(payment_of).collect();
    until("the calls have come far enough", || {
        let at = |index: usize| happened(&db, held[index]);
        at(CONFIRMS).contains(&Happening::DetailsPlayed)
            && at(LISTENS).contains(&Happening::Proved)
            && at(AWAY).contains(&Happening::Ringing)
    });
    town.go.store(true, Ordering::SeqCst);
    until("the 1 is on its way", || town.pressed.load(Ordering::SeqCst));
    Ticker::new(Duration::from_millis(1 + Rng::from_system().below(60))).wait();
    running.kill();
    let first = held
        .iter()
        .map(|payment| last_attempt(&db, *payment))
        .collect::<Vec<_>>();
    town.again.store(true, Ordering::SeqCst);
    let running = place.serve();
    until("every payment has ended", || {
        held.iter()
            .all(|payment| state(&db, *payment) != PaymentState::Held)
    });
    until("every case and call has ended", || {
        held.iter().all(|payment| {
            let (case, attempts) = story(&db, *payment);
            case.state == CaseState::Concluded && attempts.iter().all(|one| one.state == AttemptState::Ended)
        })
    });
    // Who only listened never said yes.
    assert_eq!(state(&db, held[LISTENS]), PaymentState::Voided);
    for (index, killed) in first.iter().enumerate() {
        prove_closed(&place, &db, index, held[index], killed);
    }
    for asked in &sent {
        asked.is_repeated(&agent(), &running.base_url).unwrap();
    }
    running.kill();
    let verified = place.run(&["verify"]);
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
    runtime.block_on(telephones.close());
}

/// The killed call was ended as interrupted, its recording closed with what was on the disk, and the
/// customer called again while there was something to ask.
fn prove_closed(place: &Place, db: &Db, index: usize, payment: PaymentId, killed: &Attempt) {
    let (_, attempts) = story(db, payment);
    let ended = attempts.iter().find(|one| one.id == killed.id).unwrap();
    assert_eq!(
        ended.disposition,
        Some(Disposition::Interrupted),
        "caller {index}"
    );
    let posted_before = index == CONFIRMS && state(db, payment) == PaymentState::Posted;
    assert!(
        attempts.len() > 1 || posted_before,
        "caller {index} was not called again"
    );
    let call = killed.id;
    let recording = db.read(move |tx| recordings::of_call(tx, call)).unwrap();
    if index == AWAY {
        assert_eq!(recording, None, "nobody answered");
        return;
    }
    let recording = recording.expect("it was answered");
    assert_ne!(recording.state, RecordingState::Open, "caller {index}");
    assert!(recording.ended_at.is_some());
    let folder = place.folder.path().join("recordings");
    let hash = recordings::hash_of_file(&folder, &recording).unwrap();
    assert_eq!(
        recording.sha256,
        Some(hash),
        "the hash is of the file as it lies there"
    );
    assert!(recording.duration_ms > Some(3_000), "{recording:?}");
    let wav = recordings::open_wav(&place.0.keyring(db).unwrap(), &folder, &recording).unwrap();
    assert!(wav.len() > 16 * 3_000, "what reached the disk can be heard");
}

fn payment_of(asked: &Asked) -> PaymentId {
    let answer = asked.answer.as_ref().expect("it was answered");
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    assert_eq!(answer.status, 202, "it is held: {text}");
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    body["payment"].as_str().unwrap().parse().unwrap()
}

async fn telephones(at: SocketAddr, trunk: SocketAddr, town: Town) -> Line {
    let trunk = Trunk::Address {
        host: trunk,
        transport: SipTransport::Udp,
        rtp_from: Vec::new(),
    };
    let config = LineConfig {
        rtp_ports: 22_000..=22_999,
        ..LineConfig::new(at, trunk)
    };
    let line = Line::open(config, Ambient::system()).await.unwrap();
    let mut calls = line.incoming();
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            tokio::spawn(take_call(call, town.clone()));
        }
    });
    line
}

async fn take_call(mut incoming: IncomingCall, town: Town) {
    let index: usize = incoming.to_number[incoming.to_number.len() - 4..]
        .parse()
        .unwrap();
    let again = town.again.load(Ordering::SeqCst);
    if again && index == LISTENS {
        return incoming.decline(DeclineReason::Busy);
    }
    incoming.ringing();
    if !again && index == AWAY {
        return incoming.cancelled().await;
    }
    let call_id = call_of(&incoming.sip_call_id);
    let Ok(mut call) = incoming.accept().await else {
        return;
    };
    for step in 0..2_400u32 {
        if call.digit(LOOK.as_millis() as u64).await == Heard::HungUp {
            break;
        }
        let heard = heard(&town.db, call_id).await;
        let says_yes = heard.details && (again || (index == CONFIRMS && town.go.load(Ordering::SeqCst)));
        let pressed = town.pressed.load(Ordering::SeqCst);
        if says_yes && !again && !pressed {
            call.send_digit('1').await;
            town.pressed.store(true, Ordering::SeqCst);
        } else if step % PRESS_EVERY == 0 && says_yes {
            call.send_digit('1').await;
        } else if step % PRESS_EVERY == 0 && heard.question && !heard.proved {
            call.send_digit(heard.proof).await;
        }
        if !again && town.again.load(Ordering::SeqCst) {
            break;
        }
    }
    call.hang_up().await;
}

/// The attempt's id is part of the SIP Call-ID.
fn call_of(sip_call_id: &str) -> CallId {
    let is_digit = |c: char| c.is_ascii_hexdigit();
    let part = sip_call_id.split(|c| !is_digit(c)).find(|part| part.len() == 32);
    part.expect("a Call-ID of ours").parse().unwrap()
}

/// What a person would hear on the line, as the case has it.
struct Ears {
    question: bool,
    proved: bool,
    details: bool,
    proof: char,
}

async fn heard(db: &Db, call: CallId) -> Ears {
    let read = db.read_async(move |tx| {
        let attempt = attempts::get(tx, call)?.ok_or(CallsError::Missing { what: "call" })?;
        let items = cases::timeline(tx, attempt.case)?;
        let happened = |wanted| {
            items
                .iter()
                .any(|item| item.call == Some(call) && item.happening == wanted)
        };
        Ok::<_, CallsError>(Ears {
            question: happened(Happening::Answered),
            proved: happened(Happening::Proved),
            details: happened(Happening::DetailsPlayed),
            proof: char::from(b'0' + attempt.proof_digit),
        })
    });
    read.await.unwrap()
}

fn enrol_device(tx: &mut Tx<'_>, index: usize) -> Result<(), HandlerError> {
    let ambient = Ambient::system();
    let phone = PhoneNumber::parse(&format!("+861390000{index:04}"))?;
    let customer = customers::by_phone(tx, &phone)?.ok_or("no customer")?;
    let login = logins::of_customer(tx, customer.id)?.ok_or("no login")?;
    let login = logins::by_id(tx, login)?.ok_or("no login")?;
    let opened = sessions::open(tx, &ambient, &login, SessionPolicy::default(), None, "test")?;
    sessions::raise(tx, &ambient, opened.session.id)?;
    Ok(())
}

fn state(db: &Db, payment: PaymentId) -> PaymentState {
    let found = db.read(move |tx| payments::get(tx, payment)).unwrap();
    found.expect("the payment is there").state
}

fn story(db: &Db, payment: PaymentId) -> (Case, Vec<Attempt>) {
    let found = db.read(move |tx| {
        let case = cases::by_kind(tx, CaseKind::PaymentConfirmation(payment))?;
        let case = case.ok_or(CallsError::Missing { what: "case" })?;
        let attempts = attempts::of_case(tx, case.id)?;
        Ok::<_, CallsError>((case, attempts))
    });
    found.unwrap()
}

fn last_attempt(db: &Db, payment: PaymentId) -> Attempt {
    story(db, payment).1.pop().expect("it was called")
}

fn happened(db: &Db, payment: PaymentId) -> Vec<Happening> {
    let found = db.read(move |tx| {
        let case = cases::by_kind(tx, CaseKind::PaymentConfirmation(payment))?;
        let items = case.map(|case| cases::timeline(tx, case.id)).transpose()?;
        Ok::<_, CallsError>(
            items
                .unwrap_or_default()
                .into_iter()
                .map(|item| item.happening)
                .collect(),
        )
    });
    found.unwrap()
}

fn free_udp() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .unwrap()
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let mut ticker = Ticker::new(LOOK);
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        if condition() {
            return;
        }
        ticker.wait();
    }
    panic!("waited in vain: {what}");
}
