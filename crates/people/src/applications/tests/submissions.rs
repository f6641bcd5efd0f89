//! What is sent: once, by one person, from one number; and what is kept of it.

use super::*;

#[test]
fn the_same_key_gets_the_first_answer_and_another_request_is_refused() {
    each_office(|office| {
        let first = office.submit("k1", draft(1));
        assert_eq!(office.submit("k1", draft(1)), first);
        let other = Draft {
            income_minor: draft(1).income_minor + 1,
            ..draft(1)
        };
        assert_eq!(office.submit("k1", other), SubmitOutcome::KeyReused);
        let SubmitOutcome::Submitted(id, token) = first else {
            panic!("{first:?}")
        };
        assert_eq!(token.len(), 43);
        let found = office
            .write(move |tx, _, _| by_progress_token(tx, &token))
            .unwrap();
        assert_eq!(found.id, id);
        let none = office.write(|tx, _, _| by_progress_token(tx, "nobody's"));
        assert_eq!(none, None);
        assert_eq!(office.write(|tx, _, _| list(tx, None, None, 50)).len(), 1);
    });
}

#[test]
fn one_person_and_one_number_have_one_open_application() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        let same_document = Draft {
            phone: phone("13900000009"),
            ..draft(1)
        };
        let same_phone = Draft {
            phone: draft(1).phone,
            ..draft(2)
        };
        assert_eq!(
            office.submit("k2", same_document.clone()),
            SubmitOutcome::Duplicate
        );
        assert_eq!(office.submit("k3", same_phone.clone()), SubmitOutcome::Duplicate);
        let refusal = SubmitOutcome::Duplicate.refusal(Language::En).unwrap();
        assert!(!refusal.contains("13800000001") && !refusal.contains("林"));
        // A refused attempt leaves no claim behind: the other number is still free.
        office.submitted(
            "k4",
            Draft {
                phone: phone("13900000009"),
                ..draft(3)
            },
        );
        // Once it is withdrawn, both are free again; a repeat of the old key keeps its answer.
        assert_eq!(
            office.write(move |tx, ambient, _| withdraw(tx, ambient, id)),
            Moved::Done(State::Withdrawn)
        );
        assert_eq!(office.submit("k3", same_phone.clone()), SubmitOutcome::Duplicate);
        office.submitted("k5", same_phone);
    });
}

#[test]
fn the_document_number_is_nowhere_in_the_database_file() {
    let office = Office::new(sqlite(&[crate::MIGRATIONS]));
    let id = office.submitted("k1", draft(1));
    let number = draft(1).document.number().to_owned();
    let opened = office.write(move |tx, _, keyring| document_number(tx, keyring, id));
    assert_eq!(opened.as_deref(), Some(number.as_str()));
    let ::store::DbConfig::Sqlite(options) = office.db.config() else {
        panic!("SQLite")
    };
    let folder = options.path.parent().unwrap();
    let mut bytes_seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes_seen += bytes.len();
        assert!(
            !bytes
                .windows(number.len())
                .any(|window| window == number.as_bytes())
        );
    }
    assert!(bytes_seen > 4096);
}

#[test]
fn every_statement_is_understood_by_both_engines() {
    each_engine(&[crate::MIGRATIONS], |db| {
        let db: &Db = &db;
        db.prepare_all(&crate::statements(), &[]).unwrap();
    });
}
