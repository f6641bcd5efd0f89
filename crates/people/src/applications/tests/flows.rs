//! From submission to every end, on both engines.

use super::*;

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
        let files = office.write(move |tx, _, _| supplied_files(tx, id));
        assert_eq!((files.len(), files[0].media_type.as_str()), (1, "image/jpeg"));
        let file = files[0].id;
        let opened = office.write(move |tx, _, keyring| open_file(tx, keyring, id, file));
        assert_eq!(opened.unwrap().bytes, [0xff, 0xd8, 0xff, 1]);
        let other = office.submitted("k0", draft(9));
        let elsewhere = office.write(move |tx, _, keyring| open_file(tx, keyring, other, file));
        assert_eq!(elsewhere, None, "a file is opened beside its application alone");
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
        let id = office.submitted("k1", draft(1));
        let application = office.screened(id, IdentityOpinion::Unavailable, good_report());
        assert_eq!(application.state, State::Referred);
        let most = *staff_limits_minor(&application).end();
        let moved = office.write(move |tx, ambient, _| refer_approve(tx, ambient, id, most));
        assert_eq!(moved, Moved::Done(State::Callback));
        office.write(move |tx, ambient, _| callback_confirmed(tx, ambient, id));
        let granted = office.get(id).grant.unwrap();
        assert_eq!((granted.limit_minor, granted.tier), (most, 2));

        let other = office.submitted("k2", draft(2));
        office.screened(other, IdentityOpinion::Matches, CreditOpinion::Unavailable);
        let moved = office.write(move |tx, ambient, _| refer_activate(tx, ambient, other, 100_000));
        assert_eq!(moved, Moved::Done(State::Activated));
        assert_eq!(
            office.get(other).grant.unwrap().tier,
            1,
            "a small limit is of class I"
        );
        let moved = office.write(move |tx, ambient, _| refer_decline(tx, ambient, other));
        assert_eq!(moved, Moved::NotNow(State::Activated));
    });
}

#[test]
fn staff_grant_less_than_was_asked_for_but_never_more_and_the_applicant_reads_it() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        let application = office.screened(id, IdentityOpinion::Unavailable, good_report());
        let limits = staff_limits_minor(&application);
        let asked = application.requested_limit_minor;
        assert_eq!(*limits.end(), asked.min(Rules::current().tier_2_limit_minor));
        for beyond in [limits.end() + 1, limits.start() - 1, 0, -1, i64::MAX] {
            let moved = office.write(move |tx, ambient, _| refer_approve(tx, ambient, id, beyond));
            assert_eq!(moved, Moved::NotNow(State::Referred), "{beyond}");
        }
        assert_eq!(office.get(id), application, "nothing has changed");
        let moved = office.write(move |tx, ambient, _| refer_approve(tx, ambient, id, 2_000_000));
        assert_eq!(moved, Moved::Done(State::Callback));
        let texts: Vec<String> = office
            .get(id)
            .reasons
            .iter()
            .map(|reason| reason.text(Language::En))
            .collect();
        assert!(
            texts.iter().any(|text| text.contains("set it at ¥20,000.00")),
            "{texts:?}"
        );
    });
}

#[test]
fn what_staff_ask_for_comes_back_to_staff() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        office.screened(id, IdentityOpinion::Unavailable, good_report());
        office.events();
        let ask = |wanted: &'static [FileKind]| {
            office.write(move |tx, ambient, _| refer_ask_documents(tx, ambient, id, wanted))
        };
        assert_eq!(ask(&[]), Moved::NotNow(State::Referred));
        let both = ask(&[FileKind::IncomeProof, FileKind::IdentityDocument]);
        assert_eq!(both, Moved::Done(State::MoreDocuments));
        assert_eq!(office.events(), [events::DOCUMENTS_WANTED]);
        let codes = |application: Application| -> Vec<_> {
            application.reasons.iter().map(|reason| reason.code).collect()
        };
        assert_eq!(
            codes(office.get(id)),
            [
                ReasonCode::IdentityCheckDown,
                ReasonCode::IncomeProofWanted,
                ReasonCode::IdentityDocumentWanted
            ]
        );
        let supply = Supply::parse("", "", vec![(FileKind::Other, b"%PDF-1.7".to_vec())]).unwrap();
        let moved =
            office.write(move |tx, ambient, keyring| supply_documents(tx, ambient, keyring, id, &supply));
        assert_eq!(moved, Moved::Done(State::Referred));
        assert_eq!(codes(office.get(id)), [ReasonCode::IdentityCheckDown]);
        assert_eq!(office.events(), [events::APPLICATION_REFERRED]);
        // No check was asked again: a person had asked, a person decides. The first round's two
        // jobs are all there are.
        let jobs =
            office.write(|tx, ambient, _| Ok(jobs::claim(tx, ambient, crate::checks::JOB_KIND, 10, 1_000)?));
        assert!(jobs.iter().all(|job| !job.unique_key.ends_with("-1")), "{jobs:?}");
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
