//! What people decide about an application.

use super::*;

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
