use super::*;
use base::{Currency, Language};
use proptest::prelude::*;

#[test]
fn a_reason_compares_with_the_habit() {
    let reason = Reason {
        code: ReasonCode::AboveHabit,
        points: 410,
        this: 125_000,
        usual: 27_000,
    };
    assert_eq!(
        reason.text(Language::En, Currency::Cny),
        "4.6 × the usual maximum (¥270)"
    );
    assert_eq!(
        reason.text(Language::ZhHans, Currency::Cny),
        "是平时最高付款（¥270）的 4.6 倍"
    );
}

#[test]
fn every_reason_has_a_text_in_both_languages() {
    for code in ReasonCode::ALL {
        let reason = Reason {
            code,
            points: 1,
            this: 2,
            usual: 3,
        };
        let [zh, en] = Language::ALL.map(|language| reason.text(language, Currency::Cny));
        assert!(!zh.is_ascii() && en.len() > 5 && zh != en);
    }
}

#[test]
fn what_is_not_an_assessment_is_named() {
    for text in ["", "1", "1 hold", "1 hold x", "1 hold 3 night:1", "1 held 3"] {
        assert_eq!(Assessment::decode(text), Err(BadAssessment(text.into())));
    }
}

proptest! {
    #[test]
    fn a_stored_assessment_is_read_back(
        verdict in 0usize..4, score in 0i64..1000, version in any::<u32>(),
        reasons in prop::collection::vec((0usize..13, any::<i64>(), any::<i64>(), any::<i64>()), 0..=MAX_REASONS),
    ) {
        let reasons = reasons.into_iter()
            .map(|(code, points, this, usual)| Reason { code: ReasonCode::ALL[code], points, this, usual })
            .collect();
        let assessment = Assessment { verdict: Verdict::ALL[verdict], score_permille: score, reasons, rule_version: version };
        prop_assert_eq!(Assessment::decode(&assessment.encode()).unwrap(), assessment);
    }
}
