//! Fields, rules and reasons.

use super::*;
use proptest::prelude::*;

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
    let problems = wrong.parse(&Terms::china(TODAY)).unwrap_err();
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
    let code = |form: Form| form.parse(&Terms::china(TODAY)).unwrap_err()[0].code;
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
    assert_eq!(form(1).parse(&Terms::china(TODAY)).unwrap().income_minor, 800_000);
    assert_eq!(
        Form {
            income: "0".into(),
            ..form(1)
        }
        .parse(&Terms::china(TODAY))
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
fn a_number_that_we_do_not_call_is_refused_with_those_that_we_do() {
    let abroad = |phone: &str, countries: &[&str]| {
        let terms = Terms {
            countries: base::CallingCodes::parse(countries).unwrap(),
            ..Terms::china(TODAY)
        };
        let phone = phone.into();
        Form { phone, ..form(1) }.parse(&terms)
    };
    let refused = abroad("+882 16 5555 0000", &["86", "852"]).unwrap_err();
    assert_eq!(
        (refused[0].field, refused[0].code),
        (Field::Phone, "phone_country")
    );
    assert!(refused[0].text(Language::En).contains("+86, +852"));
    assert!(refused[0].text(Language::ZhHans).contains("+86, +852"));
    assert!(abroad("+852 5123 4567", &["86", "852"]).is_ok());
    assert!(abroad("13800138000", &["852"]).is_err());
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
