use super::CODE_VERSION;
use crate::{Channel, Facts, Posted, Profile, ReasonCode, RiskPolicy, Verdict, WarningSign, assess};
use base::Timestamp;
use proptest::prelude::*;

const NOON: i64 = 12 * 3600;
const PAYEE: i64 = 2;

fn now() -> Timestamp {
    Timestamp::from_secs(1_700_000_000)
}

/// Twenty days of a payment of ¥100 to ¥290 to account 2.
fn habit() -> Profile {
    let mut profile = Profile::default();
    for day in 0..20 {
        profile.learn_paid(&Posted {
            amount_minor: 10_000 + day * 1_000,
            payee_account: PAYEE,
            at: now().plus_secs((day - 25) * 86_400),
        });
    }
    profile
}

fn facts(amount_minor: i64, payee_account: i64) -> Facts {
    Facts {
        amount_minor,
        payee_account,
        channel: Channel::App,
        at: now(),
        second_of_day: NOON,
        second_factor: true,
    }
}

fn known() -> Profile {
    let mut payee = Profile::default();
    payee.learn_received();
    payee
}

fn codes(assessment: &crate::Assessment) -> Vec<ReasonCode> {
    assessment.reasons.iter().map(|reason| reason.code).collect()
}

#[test]
fn a_usual_payment_is_approved_without_a_word() {
    let assessment = assess(&habit(), &known(), &facts(20_000, PAYEE), &RiskPolicy::default());
    assert_eq!(assessment.verdict, Verdict::Approve);
    assert!(assessment.reasons.is_empty());
}

#[test]
fn an_unusual_amount_to_a_new_payee_is_held_with_the_comparison() {
    let assessment = assess(&habit(), &known(), &facts(125_000, 7), &RiskPolicy::default());
    assert_eq!(assessment.verdict, Verdict::HoldAndCall);
    assert_eq!(codes(&assessment), [ReasonCode::AboveHabit, ReasonCode::NewPayee]);
}

#[test]
fn the_same_amount_to_a_known_payee_asks_for_a_second_factor() {
    let order = Facts {
        second_factor: false,
        ..facts(90_000, PAYEE)
    };
    let assessment = assess(&habit(), &known(), &order, &RiskPolicy::default());
    let with_factor = assess(&habit(), &known(), &facts(90_000, PAYEE), &RiskPolicy::default());
    assert_eq!(with_factor.verdict, Verdict::Approve);
    assert!(assessment.score_permille < 350 || assessment.verdict == Verdict::Challenge);
    let large = Facts {
        second_factor: false,
        ..facts(110_000, PAYEE)
    };
    let assessment = assess(&habit(), &known(), &large, &RiskPolicy::default());
    assert_eq!(assessment.verdict, Verdict::Challenge);
    assert!(codes(&assessment).contains(&ReasonCode::SecondFactorNeeded));
}

#[test]
fn a_first_small_payment_does_not_make_a_friend() {
    let policy = RiskPolicy::default();
    let mut payer = habit();
    let pay = |payer: &mut Profile, hours_ago: i64| {
        payer.learn_paid(&Posted {
            amount_minor: 100,
            payee_account: 7,
            at: now().plus_secs(-hours_ago * 3_600),
        });
    };
    let mut older = payer.clone();
    pay(&mut payer, 1);
    pay(&mut older, 30);
    let fresh = assess(&payer, &known(), &facts(125_000, 7), &policy);
    assert_eq!(fresh.verdict, Verdict::HoldAndCall);
    assert!(codes(&fresh).contains(&ReasonCode::FreshPayee));
    let friend = assess(&older, &known(), &facts(125_000, 7), &policy);
    assert_eq!(codes(&friend), [ReasonCode::AboveHabit]);
}

#[test]
fn without_a_habit_the_absolute_amount_decides() {
    let policy = RiskPolicy::default();
    let new = Profile::default();
    let verdict = |amount| assess(&new, &known(), &facts(amount, 7), &policy).verdict;
    assert_eq!(verdict(policy.cold_start_minor - 1), Verdict::Approve);
    assert_eq!(verdict(policy.cold_start_minor), Verdict::HoldAndCall);
}

#[test]
fn warning_signs_and_haste_raise_the_score() {
    let policy = RiskPolicy::default();
    let mut payer = habit();
    let calm = assess(&payer, &known(), &facts(60_000, 7), &policy);
    payer.learn_warning(WarningSign::BusyLine, now().plus_secs(-120));
    let busy = assess(&payer, &known(), &facts(60_000, 7), &policy);
    assert_ne!(calm.verdict, Verdict::HoldAndCall);
    assert_eq!(busy.verdict, Verdict::HoldAndCall);
    assert!(codes(&busy).contains(&ReasonCode::BusyLine));
    for _ in 0..12 {
        payer.learn_paid(&Posted {
            amount_minor: 20_000,
            payee_account: PAYEE,
            at: now(),
        });
    }
    payer.learn_warning(WarningSign::FailedSecondFactor, now());
    payer.learn_warning(WarningSign::FailedSecondFactor, now());
    let hasty = assess(&payer, &known(), &facts(300_000, 7), &policy);
    assert_eq!(hasty.verdict, Verdict::Refuse);
    assert!(codes(&hasty).contains(&ReasonCode::ManyInTenMinutes));
}

#[test]
fn what_is_merely_unusual_is_held_and_never_refused() {
    let policy = RiskPolicy::default();
    let order = |amount_minor| Facts {
        second_of_day: 3_600,
        ..facts(amount_minor, 7)
    };
    // A newcomer who pays an unproven stranger very much in the night.
    let newcomer = Profile::default();
    let assessment = assess(&newcomer, &Profile::default(), &order(5_000_000), &policy);
    assert!(assessment.score_permille >= policy.refuse_from);
    assert_eq!(assessment.verdict, Verdict::HoldAndCall);
    for sign in [
        WarningSign::BusyLine,
        WarningSign::FailedSecondFactor,
        WarningSign::WrongKeys,
    ] {
        let mut warned = newcomer.clone();
        warned.learn_warning(sign, now().plus_secs(-60));
        let assessment = assess(&warned, &Profile::default(), &order(5_000_000), &policy);
        assert_eq!(assessment.verdict, Verdict::Refuse, "{sign:?}");
    }
}

#[test]
fn each_rule_begins_at_its_own_threshold() {
    let policy = RiskPolicy::default();
    let found = |payer: &Profile, amount_minor| {
        let assessment = assess(payer, &known(), &facts(amount_minor, PAYEE), &policy);
        let of = |code| {
            assessment
                .reasons
                .iter()
                .find(|reason| reason.code == code)
                .copied()
        };
        [
            ReasonCode::AboveHabit,
            ReasonCode::ManyInTenMinutes,
            ReasonCode::BusyLine,
        ]
        .map(of)
    };
    // A habit of a few yuan: an amount may be far above it and still be small.
    let mut modest = Profile::default();
    for day in 0..20 {
        modest.learn_paid(&Posted {
            amount_minor: 300,
            payee_account: PAYEE,
            at: now().plus_secs((day - 25) * 86_400),
        });
    }
    assert_eq!(found(&modest, policy.small_minor - 1)[0], None);
    assert!(found(&modest, policy.small_minor)[0].is_some());

    let mut quick = habit();
    for payment in 1..=policy.many_in_ten_minutes {
        assert_eq!(found(&quick, 500)[1], None, "before payment {payment}");
        quick.learn_paid(&Posted {
            amount_minor: 500,
            payee_account: PAYEE,
            at: now(),
        });
    }
    let many = found(&quick, 500)[1].unwrap();
    let [this, usual] = [policy.many_in_ten_minutes + 1, policy.many_in_ten_minutes].map(i64::from);
    assert_eq!((many.points, many.this, many.usual), (200, this, usual));

    let busy = |secs_ago: i64| {
        let mut payer = habit();
        payer.learn_warning(WarningSign::BusyLine, now().plus_secs(-secs_ago));
        found(&payer, 500)[2].map(|reason| reason.points)
    };
    assert_eq!([busy(3_599), busy(3_600)], [Some(300), Some(200)]);
    assert_eq!([busy(86_399), busy(86_400)], [Some(200), None]);
}

proptest! {
    #[test]
    fn more_money_is_never_less_risky(a in 1i64..10_000_000, more in 0i64..10_000_000, new in any::<bool>()) {
        let payer = if new { Profile::default() } else { habit() };
        let policy = RiskPolicy::default();
        let less = assess(&payer, &known(), &facts(a, 7), &policy);
        let more = assess(&payer, &known(), &facts(a + more, 7), &policy);
        prop_assert!(less.score_permille <= more.score_permille);
    }

    #[test]
    fn every_verdict_but_approval_has_a_reason(amount in 1i64..100_000_000, factor in any::<bool>(), night in any::<bool>()) {
        let order = Facts { second_factor: factor, second_of_day: if night { 60 } else { NOON }, ..facts(amount, 7) };
        let assessment = assess(&habit(), &Profile::default(), &order, &RiskPolicy::default());
        prop_assert!(assessment.verdict == Verdict::Approve || !assessment.reasons.is_empty());
    }
}

/// Every verdict of a grid of payments and profiles, in one figure.
fn decisions_of_a_grid() -> u64 {
    let mut figure: u64 = 0xcbf2_9ce4_8422_2325;
    let mut warned = habit();
    warned.learn_warning(WarningSign::BusyLine, now().plus_secs(-7_000));
    warned.learn_warning(WarningSign::FailedSecondFactor, now().plus_secs(-600));
    let mut hasty = habit();
    for second in 0..12 {
        hasty.learn_paid(&Posted {
            amount_minor: 30_000,
            payee_account: 9,
            at: now().plus_secs(second - 60),
        });
    }
    for payer in [Profile::default(), habit(), warned, hasty] {
        for payee in [Profile::default(), known()] {
            for amount_minor in [500, 9_999, 10_000, 60_000, 150_000, 400_000, 5_000_000] {
                for (account, second_of_day, second_factor) in
                    [(PAYEE, NOON, true), (9, 3_600, true), (7, NOON, false)]
                {
                    let facts = Facts {
                        second_of_day,
                        second_factor,
                        ..facts(amount_minor, account)
                    };
                    for byte in assess(&payer, &payee, &facts, &RiskPolicy::default())
                        .encode()
                        .bytes()
                    {
                        figure = (figure ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                    }
                }
            }
        }
    }
    figure
}

#[test]
fn the_code_decides_as_its_version_says() {
    // Another figure means that old assessments cannot be made again: raise CODE_VERSION with it.
    assert_eq!(
        (CODE_VERSION, decisions_of_a_grid()),
        (2, 12_935_291_392_278_036_882)
    );
}
