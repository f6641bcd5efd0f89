//! What the tests of applications stand on: an office with a database and its keys.

mod callback;
mod flows;
mod races;
mod replays;
mod rules;
mod staff;
mod states;
mod submissions;

use super::state::ApplicationEvent as Event;
use super::state::ApplicationState as State;
use super::*;
use crate::checks::{CheckKind, CreditOpinion, IdentityOpinion, Opinion};
use crate::customers;
use crate::identity_checks::gb11643::check_character;
use ::store::harness::{TestDb, each_engine, sqlite};
use ::store::{Db, jobs, outbox};
use base::{Language, PhoneNumber};
use jiff::civil::{Date, date};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

const TODAY: Date = date(2026, 11, 2);

/// One office: a database, its keys, and the topics of events that were published.
struct Office {
    db: TestDb,
    ambient: Ambient,
    keyring: Keyring,
}

impl Office {
    fn new(db: TestDb) -> Self {
        let ambient = db.ambient().clone();
        let keyring = Keyring::ephemeral(&ambient);
        Self { db, ambient, keyring }
    }

    fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>, &Ambient, &Keyring) -> Result<T, PeopleError> + Send + 'static,
    ) -> T {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        self.db.write(move |tx| f(tx, &ambient, &keyring)).unwrap()
    }

    fn submit(&self, key: &str, draft: Draft) -> SubmitOutcome {
        let key = SubmitKey::parse(key).unwrap();
        self.write(move |tx, ambient, keyring| submit(tx, ambient, keyring, &key, &draft))
    }

    fn submitted(&self, key: &str, draft: Draft) -> ApplicationId {
        match self.submit(key, draft) {
            SubmitOutcome::Submitted(id, _) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Records both opinions of the current round, as the job workers would.
    fn screened(&self, id: ApplicationId, identity: IdentityOpinion, credit: CreditOpinion) -> Application {
        for opinion in [Opinion::Identity(identity), Opinion::Credit(credit)] {
            self.write(move |tx, ambient, _| {
                let round = get(tx, id)?.unwrap().round;
                let opinion = opinion.clone();
                let check = CheckRecord {
                    round,
                    opinion,
                    attempts: 1,
                    error: None,
                    at: ambient.now(),
                };
                record(tx, ambient, id, &check)
            });
        }
        self.get(id)
    }

    fn get(&self, id: ApplicationId) -> Application {
        self.write(move |tx, _, _| Ok(get(tx, id)?.unwrap()))
    }

    /// Topics of the events that wait, oldest first; they are taken out.
    fn events(&self) -> Vec<&'static str> {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut handlers = outbox::Handlers::default();
        for topic in [
            events::APPLICATION_SUBMITTED,
            events::APPLICATION_CALLBACK_DUE,
            events::APPLICATION_ACTIVATED,
            events::APPLICATION_DECLINED,
            events::APPLICATION_REFERRED,
            events::DOCUMENTS_WANTED,
            events::NUMBER_DOUBTED,
            events::APPLICATION_WITHDRAWN,
            events::APPLICATION_DISOWNED,
        ] {
            let heard = heard.clone();
            handlers.on(topic, move |_, _| {
                heard.lock().unwrap().push(topic);
                Ok(())
            });
        }
        outbox::pump(&self.db, &Arc::new(handlers), 100).unwrap();
        let mut heard = heard.lock().unwrap();
        heard.drain(..).collect()
    }
}

fn each_office(test: impl Fn(Office)) {
    each_engine(&[crate::MIGRATIONS], |db| test(Office::new(db)));
}

fn form(number: u32) -> Form {
    let body = format!("11010519900101{number:03}");
    Form {
        name: "林晓文".into(),
        phone: format!("138{number:08}"),
        document: format!("{body}{}", check_character(&body)),
        income: "8,000".into(),
        requested_limit: "50000".into(),
        consent: true,
        ..Form::default()
    }
}

fn draft(number: u32) -> Draft {
    form(number).parse(&Terms::china(TODAY)).unwrap()
}

fn good_report() -> CreditOpinion {
    report(700, 0, 0)
}

fn report(score: i64, overdue_loans: i64, worst_days_overdue: i64) -> CreditOpinion {
    let overdue_minor = overdue_loans * 100_000;
    CreditOpinion::Report {
        score,
        overdue_loans,
        overdue_minor,
        worst_days_overdue,
        birth_date_agrees: true,
    }
}

fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}
