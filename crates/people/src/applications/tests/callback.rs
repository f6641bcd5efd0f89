//! What the verifying call brings.

use super::*;

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
