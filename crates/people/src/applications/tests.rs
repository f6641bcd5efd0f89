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
use proptest::prelude::*;
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
    form(number).parse(TODAY).unwrap()
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

#[test]
fn an_application_that_is_checked_and_confirmed_becomes_a_customer() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        assert_eq!(office.get(id).state, State::Submitted);
        let application = office.screened(id, IdentityOpinion::Matches, good_report());
        assert_eq!(application.state, State::Callback);
        assert_eq!(
            application.grant,
            Some(Grant {
                limit_minor: 5_000_000,
                tier: 2
            })
        );
        let moved = office.write(move |tx, ambient, _| callback_confirmed(tx, ambient, id));
        assert_eq!(moved, Moved::Done(State::Activated));
        let again = office.write(move |tx, ambient, _| callback_confirmed(tx, ambient, id));
        assert_eq!(again, Moved::Already);
        let customer = office.get(id).customer.unwrap();
        let found = office
            .write(move |tx, _, _| customers::by_id(tx, customer))
            .unwrap();
        assert_eq!(
            (found.name.as_str(), found.phone.as_str()),
            ("林晓文", "+8613800000001")
        );
        let topics = [
            events::APPLICATION_SUBMITTED,
            events::APPLICATION_CALLBACK_DUE,
            events::APPLICATION_ACTIVATED,
        ];
        let heard = office.events();
        assert_eq!(heard.len(), 3);
        assert!(topics.iter().all(|topic| heard.contains(topic)), "{heard:?}");
        let states: Vec<State> = office
            .write(move |tx, _, _| steps(tx, id))
            .into_iter()
            .map(|step| step.state)
            .collect();
        assert_eq!(
            states,
            [
                State::Submitted,
                State::Screening,
                State::Callback,
                State::Activated
            ]
        );
    });
}

#[test]
fn the_same_key_gets_the_first_answer_and_another_request_is_refused() {
    each_office(|office| {
        let first = office.submit("k1", draft(1));
        assert_eq!(office.submit("k1", draft(1)), first);
        assert_eq!(office.submit("k1", draft(2)), SubmitOutcome::KeyReused);
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
fn a_customer_cannot_apply_again_and_a_taken_number_refers() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        office.screened(id, IdentityOpinion::Matches, good_report());
        office.write(move |tx, ambient, _| callback_confirmed(tx, ambient, id));
        assert_eq!(office.submit("k2", draft(1)), SubmitOutcome::Duplicate);
        assert_eq!(
            office.submit(
                "k3",
                Draft {
                    phone: draft(1).phone,
                    ..draft(2)
                }
            ),
            SubmitOutcome::Duplicate
        );

        let late = office.submitted("k4", draft(3));
        office.screened(late, IdentityOpinion::Matches, good_report());
        office.write(|tx, ambient, _| {
            let new = customers::NewCustomer {
                name: "别人".into(),
                phone: draft(3).phone,
                birth_date: TODAY,
                language: Language::ZhHans,
                zone: "Asia/Shanghai".into(),
                email: None,
                document_index: None,
                document_sealed: None,
            };
            customers::create(tx, ambient, &new)
        });
        let moved = office.write(move |tx, ambient, _| callback_confirmed(tx, ambient, late));
        assert_eq!(moved, Moved::Done(State::Referred));
        assert_eq!(office.get(late).reasons[0].code, ReasonCode::NumberTaken);
    });
}

#[test]
fn a_disowned_application_ends_and_marks_its_document() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        office.screened(id, IdentityOpinion::Matches, good_report());
        let moved = office.write(move |tx, ambient, _| callback_denied(tx, ambient, id));
        assert_eq!(moved, Moved::Done(State::Withdrawn));
        assert_eq!(
            office.write(move |tx, ambient, _| callback_denied(tx, ambient, id)),
            Moved::Already
        );
        assert_eq!(next_steps(&office.get(id)), [NextStep::ContactStaff]);
        assert!(office.events().contains(&events::APPLICATION_DISOWNED));
        let again = office.submitted(
            "k2",
            Draft {
                phone: phone("13911111111"),
                ..draft(1)
            },
        );
        let application = office.screened(again, IdentityOpinion::Matches, good_report());
        assert_eq!(application.state, State::Referred);
        assert_eq!(application.reasons[0].code, ReasonCode::SecurityMark);
    });
}

#[test]
fn a_wrong_number_is_corrected_within_bounds_and_verified_by_a_new_call() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        office.submitted("k2", draft(2));
        office.screened(id, IdentityOpinion::Matches, good_report());
        let correct = |text: &str| {
            let number = phone(text);
            office.write(move |tx, ambient, _| correct_phone(tx, ambient, id, &number))
        };
        let unreachable = || office.write(move |tx, ambient, _| callback_unreachable(tx, ambient, id));
        assert_eq!(
            correct("13911111111"),
            PhoneCorrection::NotNow(State::Callback),
            "a call is under way"
        );
        assert_eq!(unreachable(), Moved::Done(State::Callback));
        assert_eq!(unreachable(), Moved::Already);
        assert_eq!(
            next_steps(&office.get(id))[0],
            NextStep::CorrectPhone { corrections_left: 2 }
        );
        let confirmed = office.write(move |tx, ambient, _| callback_confirmed(tx, ambient, id));
        assert_eq!(confirmed, Moved::NotNow(State::Callback), "no call is under way");
        assert_eq!(
            correct("13800000002"),
            PhoneCorrection::Taken,
            "another applicant's"
        );
        assert_eq!(correct("13911111111"), PhoneCorrection::Corrected);
        assert_eq!(office.get(id).phone.as_str(), "+8613911111111");
        assert_eq!(unreachable(), Moved::Done(State::Callback));
        assert_eq!(correct("13911111111"), PhoneCorrection::CallAgain);
        assert_eq!(unreachable(), Moved::Done(State::Referred), "the third round");
        assert_eq!(office.get(id).reasons[0].code, ReasonCode::NumberUnreachable);
        let due = office
            .events()
            .iter()
            .filter(|topic| **topic == events::APPLICATION_CALLBACK_DUE)
            .count();
        assert_eq!(due, 3);
        // The first number is free again for its owner.
        office.submitted(
            "k3",
            Draft {
                phone: draft(1).phone,
                ..draft(3)
            },
        );
    });
}

#[test]
fn doubts_about_a_name_are_settled_by_a_correction_or_by_a_person() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        let application = office.screened(id, IdentityOpinion::NameDiffers, good_report());
        assert_eq!(application.state, State::MoreDocuments);
        let supply = Supply::parse(
            "林小文",
            "",
            vec![(FileKind::IdentityDocument, vec![0xff, 0xd8, 0xff, 1])],
        )
        .unwrap();
        let supplied = supply.clone();
        let moved =
            office.write(move |tx, ambient, keyring| supply_documents(tx, ambient, keyring, id, &supplied));
        assert_eq!(moved, Moved::Done(State::Submitted));
        let files = office.write(move |tx, _, keyring| supplied_files(tx, keyring, id));
        assert_eq!((files.len(), files[0].media_type.as_str()), (1, "image/jpeg"));
        let application = office.screened(id, IdentityOpinion::Matches, good_report());
        assert_eq!(
            (application.state, application.name.as_str()),
            (State::Callback, "林小文")
        );
        assert_eq!(application.round, 1);

        let other = office.submitted("k2", draft(2));
        office.screened(other, IdentityOpinion::NameDiffers, good_report());
        office.write(move |tx, ambient, keyring| supply_documents(tx, ambient, keyring, other, &supply));
        let application = office.screened(other, IdentityOpinion::NameDiffers, good_report());
        assert_eq!(application.state, State::Referred, "asked once, then a person");
        assert_eq!(office.write(move |tx, _, _| check_records(tx, other)).len(), 4);
    });
}

#[test]
fn a_declined_applicant_waits_objects_once_or_applies_again() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        let application = office.screened(id, IdentityOpinion::Matches, report(600, 4, 120));
        assert_eq!(application.state, State::Declined);
        let codes: Vec<ReasonCode> = application.reasons.iter().map(|reason| reason.code).collect();
        assert_eq!(codes, [ReasonCode::OverdueLoans, ReasonCode::LongOverdue]);
        let from = application.reapply_from.unwrap();
        assert_eq!(from, office.ambient.now().plus_secs(30 * 86_400));
        assert_eq!(
            next_steps(&application),
            [NextStep::Appeal, NextStep::ReapplyFrom(from)]
        );
        assert_eq!(office.submit("k2", draft(1)), SubmitOutcome::TooSoon { from });
        assert_eq!(
            office.submit("k2", draft(1)),
            SubmitOutcome::TooSoon { from },
            "the same answer again"
        );

        let object = move |tx: &mut Tx<'_>, ambient: &Ambient, keyring: &Keyring| {
            appeal(tx, ambient, keyring, id, "已结清")
        };
        assert_eq!(office.write(object), Moved::Done(State::Referred));
        assert_eq!(office.submit("k3", draft(1)), SubmitOutcome::Duplicate);
        assert_eq!(
            office.write(move |tx, ambient, _| refer_decline(tx, ambient, id)),
            Moved::Done(State::Declined)
        );
        assert_eq!(office.write(object), Moved::NotNow(State::Declined));
        office.ambient.clock.advance_ms(31 * 86_400_000);
        office.submitted("k4", draft(1));
    });
}

#[test]
fn staff_let_a_referred_application_go_on_to_its_call_or_open_it_themselves() {
    each_office(|office| {
        let grant = Grant {
            limit_minor: 100_000,
            tier: 1,
        };
        let id = office.submitted("k1", draft(1));
        let application = office.screened(id, IdentityOpinion::Unavailable, good_report());
        assert_eq!(application.state, State::Referred);
        let moved = office.write(move |tx, ambient, _| refer_approve(tx, ambient, id, grant));
        assert_eq!(moved, Moved::Done(State::Callback));
        office.write(move |tx, ambient, _| callback_confirmed(tx, ambient, id));
        assert_eq!(office.get(id).grant, Some(grant));

        let other = office.submitted("k2", draft(2));
        office.screened(other, IdentityOpinion::Matches, CreditOpinion::Unavailable);
        let moved = office.write(move |tx, ambient, _| refer_activate(tx, ambient, other, grant));
        assert_eq!(moved, Moved::Done(State::Activated));
        let moved = office.write(move |tx, ambient, _| refer_decline(tx, ambient, other));
        assert_eq!(moved, Moved::NotNow(State::Activated));
    });
}

#[test]
fn withdrawing_ends_the_checks_under_way_and_silence_ends_the_rest() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        office.write(move |tx, ambient, _| withdraw(tx, ambient, id));
        let waiting =
            office.write(|tx, ambient, _| Ok(jobs::claim(tx, ambient, crate::checks::JOB_KIND, 10, 1_000)?));
        assert!(waiting.is_empty());
        let late = office.write(move |tx, ambient, _| {
            let opinion = CheckKind::Identity.unavailable();
            record(
                tx,
                ambient,
                id,
                &CheckRecord {
                    round: 0,
                    opinion,
                    attempts: 1,
                    error: None,
                    at: ambient.now(),
                },
            )
        });
        assert_eq!(late, Moved::NotNow(State::Withdrawn));
        let silent = office.submitted("k2", draft(2));
        office.screened(silent, IdentityOpinion::Unknown, good_report());
        assert_eq!(office.write(|tx, ambient, _| lapse(tx, ambient, 10)), 0);
        office.ambient.clock.advance_ms(31 * 86_400_000);
        assert_eq!(office.write(|tx, ambient, _| lapse(tx, ambient, 10)), 1);
        assert_eq!(office.get(silent).state, State::Withdrawn);
    });
}

#[test]
fn a_replay_of_every_decision_gives_the_same_decision() {
    let office = Office::new(sqlite(&[crate::MIGRATIONS]));
    let identities = [
        IdentityOpinion::Matches,
        IdentityOpinion::NameDiffers,
        IdentityOpinion::BirthDateDiffers,
        IdentityOpinion::Unknown,
        IdentityOpinion::Revoked,
        IdentityOpinion::Unavailable,
    ];
    let credits = [
        good_report(),
        report(450, 0, 0),
        report(600, 1, 10),
        report(600, 3, 10),
        CreditOpinion::NoFile,
        CreditOpinion::Unavailable,
    ];
    let mut number = 0;
    for identity in &identities {
        for credit in &credits {
            number += 1;
            let id = office.submitted(&format!("k{number}"), draft(number));
            office.screened(id, identity.clone(), credit.clone());
            let pairs = office.write(move |tx, _, _| replay(tx, id));
            assert_eq!(pairs.len(), 1);
            assert!(
                pairs.iter().all(|(decided, replayed)| decided == replayed),
                "{pairs:?}"
            );
        }
    }
}

#[test]
fn the_document_number_is_nowhere_in_the_database_file() {
    let office = Office::new(sqlite(&[crate::MIGRATIONS]));
    let id = office.submitted("k1", draft(1));
    let number = draft(1).document.number().to_owned();
    let opened = office.write(move |tx, _, keyring| document_number(tx, keyring, id));
    assert_eq!(opened.as_deref(), Some(number.as_str()));
    let ::store::DbConfig::Sqlite { path, .. } = office.db.config() else {
        panic!("SQLite")
    };
    let folder = path.parent().unwrap();
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

#[test]
fn every_pair_of_state_and_event_is_as_the_plan_says() {
    use State::*;
    let allowed: HashSet<(State, Event, State)> = HashSet::from([
        (Draft, Event::Submit, Submitted),
        (Submitted, Event::ChecksBegan, Screening),
        (Submitted, Event::Withdraw, Withdrawn),
        (Screening, Event::Granted, Callback),
        (Screening, Event::DocumentsWanted, MoreDocuments),
        (Screening, Event::Refused, Declined),
        (Screening, Event::ReferredToStaff, Referred),
        (Screening, Event::Withdraw, Withdrawn),
        (MoreDocuments, Event::DocumentsSupplied, Submitted),
        (MoreDocuments, Event::Withdraw, Withdrawn),
        (MoreDocuments, Event::Lapsed, Withdrawn),
        (Callback, Event::CallConfirmed, Activated),
        (Callback, Event::CallDenied, Withdrawn),
        (Callback, Event::CallUnreachable, Callback),
        (Callback, Event::CallAgain, Callback),
        (Callback, Event::ReferredToStaff, Referred),
        (Callback, Event::Withdraw, Withdrawn),
        (Callback, Event::Lapsed, Withdrawn),
        (Referred, Event::StaffApproved, Callback),
        (Referred, Event::StaffActivated, Activated),
        (Referred, Event::StaffDeclined, Declined),
        (Referred, Event::Withdraw, Withdrawn),
        (Declined, Event::Appeal, Referred),
    ]);
    let mut found = HashSet::new();
    for state in State::ALL {
        for event in Event::ALL {
            found.extend(state.next(event).map(|after| (state, event, after)));
        }
        assert_eq!(State::from_word(state.word()), Some(state));
    }
    assert_eq!(found, allowed);
    // Nothing leads out of the ends, except the one appeal against a refusal.
    for (from, event, _) in &found {
        assert!(!from.is_ended() || (*from, *event) == (Declined, Event::Appeal));
    }
    // Nothing becomes a customer without a call or a person.
    for (from, event, to) in &found {
        if *to == Activated {
            assert!(matches!(
                (from, event),
                (Callback, Event::CallConfirmed) | (Referred, Event::StaffActivated)
            ));
        }
    }
    assert!(
        Event::ALL
            .iter()
            .all(|event| Event::from_word(event.word()) == Some(*event))
    );
}

#[test]
fn every_state_is_reached_and_leads_to_an_end() {
    let mut reached = HashSet::from([State::Draft]);
    for _ in State::ALL {
        let next: Vec<State> = reached
            .iter()
            .flat_map(|state| Event::ALL.iter().filter_map(|event| state.next(*event)))
            .collect();
        reached.extend(next);
    }
    assert_eq!(reached.len(), State::ALL.len());
    let mut ending: HashSet<State> = State::ALL.into_iter().filter(|state| state.is_ended()).collect();
    for _ in State::ALL {
        let more: Vec<State> = State::ALL
            .into_iter()
            .filter(|state| {
                Event::ALL
                    .iter()
                    .any(|event| state.next(*event).is_some_and(|to| ending.contains(&to)))
            })
            .collect();
        ending.extend(more);
    }
    assert_eq!(ending.len(), State::ALL.len());
}

#[test]
fn every_field_that_is_wrong_is_named_with_its_remedy() {
    let wrong = Form {
        name: "王1".into(),
        phone: "12345".into(),
        document: "110105194912310021".into(),
        income: "much".into(),
        requested_limit: "10.005".into(),
        language: "fr".into(),
        email: "nobody".into(),
        zone: "Mars/Olympus".into(),
        consent: false,
    };
    let problems = wrong.parse(TODAY).unwrap_err();
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.word()).collect();
    assert_eq!(
        fields,
        [
            "name",
            "phone",
            "document",
            "income",
            "requested_limit",
            "language",
            "email",
            "zone",
            "consent"
        ]
    );
    assert!(problems[2].text(Language::ZhHans).contains("第 18 位应为 X"));
    assert!(
        problems[4]
            .text(Language::En)
            .contains("at most 2 decimal places")
    );
    let code = |form: Form| form.parse(TODAY).unwrap_err()[0].code;
    assert_eq!(
        code(Form {
            income: "-5".into(),
            ..form(1)
        }),
        "amount_not_positive"
    );
    assert_eq!(
        code(Form {
            requested_limit: "0".into(),
            ..form(1)
        }),
        "amount_not_positive"
    );
    assert_eq!(
        code(Form {
            requested_limit: "200000000".into(),
            ..form(1)
        }),
        "amount_too_large"
    );
    assert_eq!(
        code(Form {
            document: String::new(),
            ..form(1)
        }),
        "document_missing"
    );
    assert_eq!(form(1).parse(TODAY).unwrap().income_minor, 800_000);
    assert_eq!(
        Form {
            income: "0".into(),
            ..form(1)
        }
        .parse(TODAY)
        .unwrap()
        .income_minor,
        0
    );
    let body = "11010520090101001";
    let child = format!("{body}{}", check_character(body));
    assert_eq!(
        code(Form {
            document: child,
            ..form(1)
        }),
        "under_age"
    );
}

#[test]
fn a_supply_is_a_picture_or_a_correction() {
    let code = |files| Supply::parse("", "", files).unwrap_err()[0].code;
    assert_eq!(code(vec![]), "nothing_supplied");
    assert_eq!(code(vec![(FileKind::Other, b"MZ\x90".to_vec())]), "file_type");
    assert_eq!(
        code(vec![(FileKind::Other, vec![0xff; FILE_BYTES_MAX + 1])]),
        "file_too_large"
    );
    assert_eq!(
        code(vec![(FileKind::Other, b"%PDF".to_vec()); 6]),
        "too_many_files"
    );
    assert!(Supply::parse("", "3000", vec![]).is_ok());
}

fn inputs() -> impl Strategy<Value = Inputs> {
    let identity = prop_oneof![
        4 => Just(IdentityOpinion::Matches),
        1 => Just(IdentityOpinion::NameDiffers),
        1 => Just(IdentityOpinion::BirthDateDiffers),
        1 => Just(IdentityOpinion::Unknown),
        1 => Just(IdentityOpinion::Revoked),
        1 => Just(IdentityOpinion::Unavailable),
    ];
    let report = (300i64..950, 0i64..6, 0i64..200, any::<bool>()).prop_map(|(score, loans, days, agrees)| {
        CreditOpinion::Report {
            score,
            overdue_loans: loans,
            overdue_minor: loans * 50_000,
            worst_days_overdue: if loans > 0 { days } else { 0 },
            birth_date_agrees: agrees,
        }
    });
    let credit =
        prop_oneof![6 => report, 1 => Just(CreditOpinion::NoFile), 1 => Just(CreditOpinion::Unavailable)];
    (
        0i64..10_000_000_000,
        1i64..10_000_000_000,
        any::<bool>(),
        any::<bool>(),
        identity,
        credit,
    )
        .prop_map(
            |(income_minor, requested_limit_minor, documents_supplied, security_mark, identity, credit)| {
                Inputs {
                    income_minor: income_minor / 1_000,
                    requested_limit_minor,
                    documents_supplied,
                    security_mark,
                    identity,
                    credit,
                }
            },
        )
}

proptest! {
    #[test]
    fn no_walk_of_events_leaves_an_end_or_activates_unseen(events in prop::collection::vec(0usize..Event::ALL.len(), 1..60)) {
        let (mut state, mut looked_at) = (State::Draft, false);
        for index in events {
            let event = Event::ALL[index];
            let Some(next) = state.next(event) else { continue };
            prop_assert!(!matches!(state, State::Activated | State::Withdrawn));
            looked_at |= matches!(event, Event::Granted | Event::StaffApproved | Event::StaffActivated);
            prop_assert!(next != State::Activated || looked_at);
            state = next;
        }
    }

    #[test]
    fn a_decision_is_bounded_explained_and_repeatable(inputs in inputs()) {
        let decision = decide(&CN_1, &inputs);
        prop_assert_eq!(&decide(&CN_1, &inputs), &decision);
        let json = serde_json::to_string(&inputs).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Inputs>(&json).unwrap(), &inputs);
        prop_assert!(!decision.reasons.is_empty() && decision.reasons.len() <= 6);
        prop_assert_eq!(reason::decode(&reason::encode(&decision.reasons)).unwrap(), decision.reasons.clone());
        for reason in &decision.reasons {
            prop_assert!(reason.text(Language::ZhHans) != reason.text(Language::En));
        }
        let down = inputs.identity == IdentityOpinion::Unavailable || inputs.credit == CreditOpinion::Unavailable;
        match decision.outcome {
            Outcome::Grant { limit_minor, tier } => {
                prop_assert!(limit_minor > 0 && limit_minor <= inputs.requested_limit_minor);
                let cap = if tier == 1 { CN_1.tier_1_limit_minor } else { CN_1.tier_2_limit_minor };
                prop_assert!(limit_minor <= cap);
                prop_assert!(inputs.identity == IdentityOpinion::Matches && !down && !inputs.security_mark);
            }
            Outcome::NeedDocuments => prop_assert!(!inputs.documents_supplied && !down),
            Outcome::Decline => prop_assert!(!down, "a service that is down declines nobody"),
            Outcome::Refer => {}
        }
        prop_assert!(!down || decision.outcome == Outcome::Refer);
    }
}

#[test]
fn the_limit_granted_is_explained_with_its_figures() {
    let base = Inputs {
        income_minor: 800_000,
        requested_limit_minor: 5_000_000,
        documents_supplied: false,
        security_mark: false,
        identity: IdentityOpinion::Matches,
        credit: good_report(),
    };
    let decided = |inputs: Inputs| {
        let decision = decide(&CN_1, &inputs);
        let texts: Vec<String> = decision
            .reasons
            .iter()
            .map(|reason| reason.text(Language::En))
            .collect();
        (decision.outcome, texts.join(" "))
    };
    let grant = |limit_minor, tier| Outcome::Grant { limit_minor, tier };
    let (outcome, text) = decided(base.clone());
    assert_eq!(
        (outcome, text.as_str()),
        (grant(5_000_000, 2), "The limit is ¥50,000.00, as you asked.")
    );
    let (outcome, text) = decided(Inputs {
        income_minor: 350_000,
        ..base.clone()
    });
    assert_eq!(outcome, grant(4_200_000, 2));
    assert_eq!(
        text,
        "A limit is at most 12 months of income, that is ¥42,000.00."
    );
    let (outcome, text) = decided(Inputs {
        credit: report(700, 1, 5),
        ..base.clone()
    });
    assert_eq!(outcome, grant(2_500_000, 2));
    assert!(text.contains("halved to ¥25,000.00"), "{text}");
    let (outcome, _) = decided(Inputs {
        credit: CreditOpinion::NoFile,
        ..base.clone()
    });
    assert_eq!(outcome, grant(100_000, 1));
    let (outcome, _) = decided(Inputs {
        income_minor: 3_000_000,
        requested_limit_minor: 20_000_000,
        ..base.clone()
    });
    assert_eq!(outcome, grant(10_000_000, 2));
    let (outcome, text) = decided(Inputs {
        income_minor: 100_000,
        ..base.clone()
    });
    assert_eq!(outcome, Outcome::NeedDocuments);
    assert!(
        text.contains("Above ¥36,000.00 we need proof of income"),
        "{text}"
    );
    let (outcome, _) = decided(Inputs {
        income_minor: 5_000,
        requested_limit_minor: 150_000,
        ..base
    });
    assert_eq!(outcome, grant(100_000, 1));
}
