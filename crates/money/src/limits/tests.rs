use super::*;
use proptest::prelude::*;

const TODAY: LocalDay = LocalDay(20_000);

#[test]
fn the_regulations_table_holds_at_its_boundary() {
    let cn = LimitsProfile::cn();
    for (tier, payment, year) in [
        (Tier::One, 100_000, 100_000),
        (Tier::Two, 500_000, 10_000_000),
        (Tier::Three, 500_000, 20_000_000),
    ] {
        let limits = cn.of(tier, i64::MAX);
        let fresh = Usage::default().on(TODAY, 2026);
        assert_eq!(fresh.check(&limits, payment), Ok(()));
        assert_eq!(
            fresh.check(&limits, payment + 1),
            Err(Passed::Payment { limit_minor: payment })
        );
        let used = fresh.with(1);
        assert_eq!(
            used.check(&limits, payment),
            Err(Passed::Day {
                left_minor: payment - 1
            })
        );
        let year_used = Usage {
            year_used_minor: year - 10,
            ..fresh
        };
        assert_eq!(year_used.check(&limits, 10), Ok(()));
        assert_eq!(year_used.check(&limits, 11), Err(Passed::Year { left_minor: 10 }));
    }
}

#[test]
fn a_granted_limit_lowers_payment_day_and_year_and_raises_none() {
    let cn = LimitsProfile::cn();
    let of = |granted| {
        let limits = cn.of(Tier::Two, granted);
        let Limits {
            payment_minor,
            day_minor,
            year_minor,
            balance_minor,
        } = limits;
        [payment_minor, day_minor, year_minor, balance_minor]
    };
    assert_eq!(of(300_000), [300_000, 300_000, 300_000, 10_000_000]);
    assert_eq!(of(900_000), [500_000, 500_000, 900_000, 10_000_000]);
    assert_eq!(of(i64::MAX), [500_000, 500_000, 10_000_000, 10_000_000]);
}

#[test]
fn the_balance_is_bounded_by_class_as_the_regulation_has_it() {
    let balances = Tier::ALL.map(|tier| LimitsProfile::cn().of(tier, i64::MAX).balance_minor);
    assert_eq!(balances, [100_000, 10_000_000, 50_000_000]);
}

#[test]
fn class_one_counts_for_life_and_the_others_by_the_year() {
    let years = Tier::ALL.map(|tier| LimitsProfile::cn().first_year(tier, 2026));
    assert_eq!(years, [LIFE, 2026, 2026]);
}

#[test]
fn a_class_is_known_by_its_number_and_no_other_number_is_one() {
    assert_eq!(Tier::ALL.map(Tier::number), [1, 2, 3]);
    assert_eq!([1, 2, 3].map(Tier::from_number), Tier::ALL.map(Some));
    assert_eq!([0, 4, -1].map(Tier::from_number), [None; 3]);
}

#[test]
fn a_limit_for_life_survives_the_new_year() {
    let life = Usage {
        day: 1,
        day_used_minor: 5,
        year: LIFE,
        year_used_minor: 70,
    };
    assert_eq!(life.on(TODAY, 2027).year_used_minor, 70);
    assert_eq!(life.on(TODAY, 2027).day_used_minor, 0);
    let yearly = Usage { year: 2026, ..life };
    assert_eq!(yearly.on(TODAY, 2027).year_used_minor, 0);
}

#[test]
fn a_clock_set_back_over_midnight_gives_no_second_limit() {
    let used = Usage::default().on(TODAY, 2026).with(70);
    let back = used.on(LocalDay(TODAY.0 - 1), 2025);
    assert_eq!(back, used);
    assert_eq!(back.on(LocalDay(TODAY.0 + 1), 2026).day_used_minor, 0);
}

proptest! {
    #[test]
    fn what_is_used_never_passes_the_limit_and_what_is_given_back_was_used(
        steps in prop::collection::vec((1i64..400, 0i64..3, any::<bool>()), 1..100),
    ) {
        let limits = Limits { payment_minor: 300, day_minor: 500, year_minor: 900, balance_minor: 1_000 };
        let mut usage = Usage { year: 2026, ..Usage::default() };
        let mut taken: Vec<(i64, i64)> = Vec::new();
        let mut day = 0;
        for (amount, pass, give_back) in steps {
            day += pass;
            if give_back {
                if let Some((amount, of_day)) = taken.pop() {
                    usage = usage.without(amount, of_day, 2026);
                }
            } else {
                let now = usage.on(LocalDay(day), 2026);
                if now.check(&limits, amount).is_ok() {
                    usage = now.with(amount);
                    taken.push((amount, day));
                }
            }
            prop_assert!((0..=500).contains(&usage.day_used_minor));
            let of_year: i64 = taken.iter().map(|(amount, _)| amount).sum();
            prop_assert_eq!(usage.year_used_minor, of_year);
            let of_day: i64 = taken.iter().filter(|(_, of)| *of == usage.day).map(|(amount, _)| amount).sum();
            prop_assert_eq!(usage.day_used_minor, of_day);
        }
    }
}
