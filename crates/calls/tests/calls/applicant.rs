//! Somebody who applies, and whose details both registers confirm.

use crate::speech::registers;
use base::{Ambient, ApplicationId};
use people::applications::{self, Draft, Form, SubmitKey, SubmitOutcome, Terms};
use people::checks::{CheckConfig, JOB_KIND, Service, run_check};
use security::sealing::Keyring;
use store::Db;

/// An empty zone is the operator's.
pub fn draft(zone: &str) -> Draft {
    let form = Form {
        name: "韩梅梅".into(),
        phone: "137 0013 7000".into(),
        document: "11010519491231002X".into(),
        income: "8000".into(),
        requested_limit: "900".into(),
        zone: zone.into(),
        consent: true,
        ..Form::default()
    };
    form.parse(&Terms::china(jiff::civil::date(2026, 11, 2))).unwrap()
}

pub fn submitted(db: &Db, ambient: &Ambient, keyring: &Keyring, draft: Draft) -> ApplicationId {
    let (ambient, keyring) = (ambient.clone(), keyring.clone());
    let key = SubmitKey::parse("one").unwrap();
    let outcome = db.write(move |tx| applications::submit(tx, &ambient, &keyring, &key, &draft));
    match outcome.unwrap() {
        SubmitOutcome::Submitted(id, _) => id,
        other => panic!("{other:?}"),
    }
}

/// Both registers have answered, and the call is due.
pub fn checked(db: &Db, ambient: &Ambient, keyring: &Keyring) {
    let (identity_url, credit_url) = registers();
    let service = Service::new(CheckConfig {
        identity_url,
        credit_url,
        ..CheckConfig::default()
    });
    let (at, ambient, keyring) = (db.clone(), ambient.clone(), keyring.clone());
    let done = store::jobs::run_due(db, JOB_KIND, 10, &move |job| {
        run_check(&at, &ambient, &keyring, &service, job)
    });
    assert_eq!(done.unwrap(), 2);
}
