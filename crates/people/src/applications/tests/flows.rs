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
