//! The outside checks against the bureau program: a process of its own, spoken to over HTTP.

use base::ApplicationId;
use people::applications::{
    self, Application, ApplicationState, CheckRecord, Form, ReasonCode, SubmitKey, SubmitOutcome,
};
use people::checks::{self, CheckConfig, Service};
use people::identity_checks::gb11643::check_character;
use security::sealing::Keyring;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use store::harness::{TestDb, sqlite};
use store::jobs::{self, Job};

/// The program, ended when the test ends.
struct Bureau {
    child: Child,
    url: String,
}

impl Bureau {
    fn start(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arguments)
    }

    fn start_at(address: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_huiling"))
            .args(["bureau", "--bind", address])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output is ours");
        let mut line = String::new();
        BufReader::new(output)
            .read_line(&mut line)
            .expect("it says where it listens");
        let url = line
            .split_whitespace()
            .find_map(|word| word.strip_suffix("/identity"));
        let url = url.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
        Self { child, url }
    }

    fn address(&self) -> String {
        self.url.trim_start_matches("http://").to_owned()
    }

    fn post(&self, path: &str, scenario: &str, body: &str) -> (u16, String) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut response = agent
            .post(format!("{}{path}", self.url))
            .header("X-Bureau-Scenario", scenario)
            .send(body)
            .expect("an answer");
        (
            response.status().as_u16(),
            response.body_mut().read_to_string().expect("text"),
        )
    }
}

impl Drop for Bureau {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A database with one submitted application.
struct Office {
    db: TestDb,
    keyring: Keyring,
    id: ApplicationId,
}

impl Office {
    /// The sequence digits choose what the bureau does about the applicant.
    fn with_applicant(sequence: &str) -> Self {
        let db = sqlite(&[people::MIGRATIONS]);
        let ambient = db.ambient().clone();
        let keyring = Keyring::ephemeral(&ambient);
        let body = format!("11010519900101{sequence}");
        let form = Form {
            name: "林晓文".into(),
            phone: "13800138000".into(),
            document: format!("{body}{}", check_character(&body)),
            income: "8000".into(),
            requested_limit: "50000".into(),
            consent: true,
            ..Form::default()
        };
        let today = "2026-11-02".parse().expect("a date");
        let draft = form
            .parse(&applications::Terms::china(today))
            .expect("a sound form");
        let key = SubmitKey::parse("once").expect("a key");
        let ring = keyring.clone();
        let outcome = db.write(move |tx| applications::submit(tx, &ambient, &ring, &key, &draft));
        let SubmitOutcome::Submitted(id, _) = outcome.expect("a write") else {
            panic!("the first application is taken")
        };
        Self { db, keyring, id }
    }

    /// Runs the checks once for each of so many attempts, with the pauses between them.
    fn attempt(&self, url: &str, timeout_ms: u64, attempts: u32) {
        let service = Service::new(CheckConfig {
            identity_url: format!("{url}/identity"),
            credit_url: format!("{url}/credit"),
            token: None,
            timeout_ms,
            attempts_max: 4,
        });
        let (db, keyring) = ((*self.db).clone(), self.keyring.clone());
        let work = move |job: &Job| checks::run_check(&db, db.ambient(), &keyring, &service, job);
        for _ in 0..attempts {
            jobs::run_due(&self.db, checks::JOB_KIND, 10, &work).expect("jobs are read");
            self.db.ambient().clock.advance_ms(60_000);
        }
    }

    fn application(&self) -> Application {
        let id = self.id;
        let read = self.db.read(move |tx| applications::get(tx, id));
        read.expect("a read").expect("the application")
    }

    fn records(&self) -> Vec<CheckRecord> {
        let id = self.id;
        self.db
            .read(move |tx| applications::check_records(tx, id))
            .expect("a read")
    }
}

#[test]
fn each_scenario_of_the_bureau_ends_where_the_rules_say() {
    use ApplicationState::{Callback, Declined, MoreDocuments, Referred};
    let bureau = Bureau::start(&["--slow-ms", "60000"]);
    let cases = [
        ("001", Callback, ReasonCode::LimitAsRequested),
        ("901", Referred, ReasonCode::IdentityCheckDown),
        ("902", Referred, ReasonCode::IdentityCheckDown),
        ("903", Referred, ReasonCode::IdentityCheckDown),
        ("904", Callback, ReasonCode::LimitAsRequested),
        ("905", MoreDocuments, ReasonCode::NameDiffers),
        ("906", Referred, ReasonCode::RegistersContradict),
        ("907", MoreDocuments, ReasonCode::DocumentUnknown),
        ("908", Declined, ReasonCode::DocumentRevoked),
        ("909", Callback, ReasonCode::LimitHalvedByOverdue),
        ("910", Declined, ReasonCode::OverdueLoans),
        ("911", Callback, ReasonCode::NoCreditFile),
        ("912", Referred, ReasonCode::LowScore),
    ];
    for (sequence, state, reason) in cases {
        let office = Office::with_applicant(sequence);
        // A slow register is cut off early; the others have all the time that a busy machine takes.
        let timeout_ms = if sequence == "901" { 300 } else { 20_000 };
        office.attempt(&bureau.url, timeout_ms, 5);
        let application = office.application();
        assert_eq!(application.state, state, "{sequence}: {:?}", office.records());
        assert_eq!(application.reasons[0].code, reason, "{sequence}");
        let replayed = office.db.read({
            let id = office.id;
            move |tx| applications::replay(tx, id)
        });
        assert!(
            replayed
                .expect("a read")
                .iter()
                .all(|(decided, again)| decided == again)
        );
    }
}

#[test]
fn a_slow_answer_within_the_time_out_is_taken() {
    let bureau = Bureau::start(&["--slow-ms", "400", "--scenario", "slow"]);
    let office = Office::with_applicant("001");
    office.attempt(&bureau.url, 20_000, 1);
    assert_eq!(office.application().state, ApplicationState::Callback);
    assert!(office.records().iter().all(|record| record.attempts == 1));
}

#[test]
fn an_outage_delays_an_application_and_loses_nothing() {
    let bureau = Bureau::start(&[]);
    let (address, url) = (bureau.address(), bureau.url.clone());
    let office = Office::with_applicant("001");
    drop(bureau);
    office.attempt(&url, 20_000, 2);
    assert_eq!(office.application().state, ApplicationState::Screening);
    assert!(office.records().is_empty());
    let back = Bureau::start_at(&address, &[]);
    office.attempt(&back.url, 20_000, 1);
    assert_eq!(office.application().state, ApplicationState::Callback);
    assert!(office.records().iter().all(|record| record.attempts == 3));
}

#[test]
fn the_bureau_refuses_what_it_cannot_read_and_repeats_itself() {
    let bureau = Bureau::start(&["--seed", "5"]);
    let question = r#"{"document":{"kind":"passport","issuer":"UTO","number":"L898902C3"},"name":"Anna Eriksson","birth_date":"1974-08-12"}"#;
    let (status, first) = bureau.post("/credit", "", question);
    assert_eq!(status, 200, "{first}");
    assert_eq!(bureau.post("/credit", "", question).1, first);
    assert_eq!(bureau.post("/identity", "failing", question).0, 500);
    assert!(
        bureau
            .post("/identity", "revoked", question)
            .1
            .contains(r#""status":"revoked""#)
    );
    assert_eq!(bureau.post("/identity", "", "{").0, 400);
    assert_eq!(
        bureau
            .post("/identity", "", &question.replace("passport", "licence"))
            .0,
        422
    );
    assert_eq!(bureau.post("/identity", "", &" ".repeat(20_000)).0, 413);
}
