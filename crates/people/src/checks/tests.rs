//! Each test speaks HTTP to a real listener of its own; the scenarios of the bureau program are
//! tested where that program lives.

use super::*;
use crate::applications::{self, Form, Moved, SubmitKey, SubmitOutcome};
use base::{Stopwatch, Ticker};
use jiff::civil::date;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use store::harness::{TestDb, sqlite};

/// What the peer does with one connection.
#[derive(Clone, Copy)]
enum Behaviour {
    Answer(&'static str),
    Status(u16),
    HangUp,
    /// Reads the request and never answers.
    Silence,
    /// Answers one byte at a time, far too slowly, for ever.
    Drip,
    Flood,
}

const IDENTITY_GOOD: &str = r#"{"status":"known","name_matches":true,"birth_date_matches":true}"#;
const CREDIT_GOOD: &str =
    r#"{"status":"report","score":700,"overdue_loans":0,"overdue_minor":0,"worst_days_overdue":0}"#;

/// A peer whose nth connection behaves as the nth of the list says; the last goes on for ever.
struct Peer {
    port: u16,
    stop: Arc<AtomicBool>,
}

impl Peer {
    fn start(identity: &'static [Behaviour], credit: &'static [Behaviour]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        thread::spawn(move || {
            let mut counts = [0usize; 2];
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let request = read_request(&mut stream);
                let (list, count) = if request.starts_with("POST /identity ") {
                    (identity, &mut counts[0])
                } else {
                    (credit, &mut counts[1])
                };
                let behaviour = list[(*count).min(list.len() - 1)];
                *count += 1;
                let stop = seen.clone();
                thread::spawn(move || behave(stream, behaviour, &stop));
            }
        });
        Self { port, stop }
    }

    fn service(&self) -> Service {
        Service::new(CheckConfig {
            identity_url: format!("http://127.0.0.1:{}/identity", self.port),
            credit_url: format!("http://127.0.0.1:{}/credit", self.port),
            timeout_ms: 700,
            attempts_max: 3,
            ..CheckConfig::default()
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count) = stream.read(&mut chunk) {
        request.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&request);
        let complete = text
            .split_once("\r\n\r\n")
            .is_some_and(|(_, body)| body.ends_with("}") || body.ends_with("}\r\n0\r\n\r\n"));
        if count == 0 || complete {
            break;
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}

fn behave(mut stream: TcpStream, behaviour: Behaviour, stop: &AtomicBool) {
    let answer = |status: u16, body: &str| {
        format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let mut ticker = Ticker::new(Duration::from_millis(100));
    match behaviour {
        Behaviour::Answer(body) => drop(stream.write_all(answer(200, body).as_bytes())),
        Behaviour::Status(status) => drop(stream.write_all(answer(status, "{}").as_bytes())),
        Behaviour::HangUp => {}
        Behaviour::Silence => {
            while !stop.load(Ordering::SeqCst) {
                ticker.wait();
            }
        }
        Behaviour::Drip => {
            drop(stream.write_all(b"HTTP/1.1 200 X\r\nContent-Length: 9999\r\n\r\n"));
            while !stop.load(Ordering::SeqCst) && stream.write_all(b" ").is_ok() {
                ticker.wait();
            }
        }
        Behaviour::Flood => {
            let filler = [b' '; 8192];
            drop(stream.write_all(b"HTTP/1.1 200 X\r\nContent-Length: 99999999\r\n\r\n"));
            while stream.write_all(&filler).is_ok() {}
        }
    }
}

struct Office {
    db: TestDb,
    keyring: Keyring,
    id: ApplicationId,
}

impl Office {
    /// With one submitted application.
    fn new() -> Self {
        let db = sqlite(&[crate::MIGRATIONS]);
        let ambient = db.ambient().clone();
        let keyring = Keyring::ephemeral(&ambient);
        let form = Form {
            name: "林晓文".into(),
            phone: "13800138000".into(),
            document: "11010519491231002X".into(),
            income: "8000".into(),
            requested_limit: "50000".into(),
            consent: true,
            ..Form::default()
        };
        let draft = form
            .parse(&applications::Terms::china(date(2026, 11, 2)))
            .unwrap();
        let (key, ring) = (SubmitKey::parse("k").unwrap(), keyring.clone());
        let outcome = db
            .write(move |tx| applications::submit(tx, &ambient, &ring, &key, &draft))
            .unwrap();
        let SubmitOutcome::Submitted(id, _) = outcome else {
            panic!("{outcome:?}")
        };
        Self { db, keyring, id }
    }

    /// Runs the check jobs, moving the clock over their pauses, until none is left.
    fn run_checks(&self, service: &Service) {
        let (db, ambient, keyring) = (
            (*self.db).clone(),
            self.db.ambient().clone(),
            self.keyring.clone(),
        );
        let service = service.clone();
        let work = move |job: &Job| run_check(&db, &ambient, &keyring, &service, job);
        for _ in 0..20 {
            jobs::run_due(&self.db, JOB_KIND, 10, &work).unwrap();
            self.db.ambient().clock.advance_ms(60_000);
        }
    }

    fn application(&self) -> Application {
        let id = self.id;
        self.db
            .read(move |tx| applications::get(tx, id))
            .unwrap()
            .unwrap()
    }

    fn records(&self) -> Vec<CheckRecord> {
        let id = self.id;
        self.db
            .read(move |tx| applications::check_records(tx, id))
            .unwrap()
    }
}

fn screened(identity: &'static [Behaviour], credit: &'static [Behaviour]) -> (Application, Vec<CheckRecord>) {
    let peer = Peer::start(identity, credit);
    let office = Office::new();
    office.run_checks(&peer.service());
    (office.application(), office.records())
}

#[test]
fn two_good_answers_lead_to_the_callback() {
    let (application, records) = screened(
        &[Behaviour::Answer(IDENTITY_GOOD)],
        &[Behaviour::Answer(CREDIT_GOOD)],
    );
    assert_eq!(application.state, ApplicationState::Callback);
    assert_eq!(records.len(), 2);
}

#[test]
fn a_service_that_recovers_is_asked_again() {
    let (application, records) = screened(
        &[
            Behaviour::Status(500),
            Behaviour::HangUp,
            Behaviour::Answer(IDENTITY_GOOD),
        ],
        &[Behaviour::Status(429), Behaviour::Answer(CREDIT_GOOD)],
    );
    assert_eq!(application.state, ApplicationState::Callback);
    let attempts: Vec<i64> = records.iter().map(|record| record.attempts).collect();
    assert_eq!(attempts, [2, 3], "credit, identity");
}

#[test]
fn a_service_that_stays_down_refers_and_never_declines() {
    for down in [
        &[Behaviour::Status(503)] as &[Behaviour],
        &[Behaviour::HangUp],
        &[Behaviour::Answer("<html>maintenance</html>")],
        &[Behaviour::Status(404)],
        &[Behaviour::Flood],
    ] {
        let (application, records) = screened(down, &[Behaviour::Answer(CREDIT_GOOD)]);
        assert_eq!(application.state, ApplicationState::Referred);
        assert_eq!(records[1].opinion, CheckKind::Identity.unavailable());
        let error = records[1].error.as_deref().unwrap();
        assert!(
            !error.contains("11010519491231002X") && !error.contains('林'),
            "{error}"
        );
    }
}

#[test]
fn a_slow_service_is_cut_off_by_the_time_out() {
    for slow in [&[Behaviour::Silence] as &[Behaviour], &[Behaviour::Drip]] {
        let watch = Stopwatch::start();
        let (application, records) = screened(&[Behaviour::Answer(IDENTITY_GOOD)], slow);
        assert_eq!(application.state, ApplicationState::Referred);
        assert_eq!(
            (records[0].attempts, records[0].opinion.clone()),
            (3, CheckKind::Credit.unavailable())
        );
        assert!(
            watch.elapsed() < Duration::from_secs(60),
            "three time-outs of 0.7 s, with room"
        );
    }
}

#[test]
fn nobody_listening_refers() {
    let peer = Peer::start(&[Behaviour::HangUp], &[Behaviour::HangUp]);
    let service = Service::new(CheckConfig {
        identity_url: "http://127.0.0.1:1/identity".into(),
        credit_url: "http://127.0.0.1:1/credit".into(),
        ..peer.service().config().clone()
    });
    let office = Office::new();
    office.run_checks(&service);
    assert_eq!(office.application().state, ApplicationState::Referred);
    assert_eq!(office.application().reasons.len(), 2);
}

#[test]
fn what_the_registers_say_is_told_apart() {
    let identity = |body: &'static str| {
        let list: &'static [Behaviour] = Box::leak(Box::new([Behaviour::Answer(body)]));
        screened(list, &[Behaviour::Answer(CREDIT_GOOD)])
    };
    let (application, _) = identity(r#"{"status":"known","name_matches":false,"birth_date_matches":true}"#);
    assert_eq!(application.state, ApplicationState::MoreDocuments);
    let (application, _) = identity(r#"{"status":"revoked"}"#);
    assert_eq!(application.state, ApplicationState::Declined);
    let (application, _) = screened(
        &[Behaviour::Answer(IDENTITY_GOOD)],
        &[Behaviour::Answer(
            r#"{"status":"report","score":700,"overdue_loans":0,"overdue_minor":0,"worst_days_overdue":0,"birth_date":"1950-01-01"}"#,
        )],
    );
    assert_eq!(
        application.state,
        ApplicationState::Referred,
        "the registers contradict each other"
    );
}

#[test]
fn a_withdrawn_application_is_not_asked_about() {
    let office = Office::new();
    let (id, ambient) = (office.id, office.db.ambient().clone());
    let jobs = {
        let ambient = ambient.clone();
        office
            .db
            .write(move |tx| jobs::claim(tx, &ambient, JOB_KIND, 10, 60_000))
            .unwrap()
    };
    let moved = office
        .db
        .write(move |tx| applications::withdraw(tx, &ambient, id))
        .unwrap();
    assert_eq!(moved, Moved::Done(ApplicationState::Withdrawn));
    let service = Service::new(CheckConfig {
        identity_url: "http://127.0.0.1:1/".into(),
        ..CheckConfig::default()
    });
    for job in jobs {
        let end = run_check(&office.db, office.db.ambient(), &office.keyring, &service, &job);
        assert_eq!(end, JobEnd::Done);
    }
}
