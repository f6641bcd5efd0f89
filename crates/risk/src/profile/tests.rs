use super::*;
use proptest::prelude::*;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs)
}

fn pay(profile: &mut Profile, amount_minor: i64, payee_account: i64, secs: i64) {
    profile.learn_paid(&Posted {
        amount_minor,
        payee_account,
        at: at(secs),
    });
}

#[test]
fn the_twelve_payees_paid_last_are_known() {
    let mut profile = Profile::default();
    (1..=13).for_each(|payee| pay(&mut profile, 100, payee, payee));
    let knows = |profile: &Profile, payee| profile.payee_known_hours(payee, at(7_200)).is_some();
    assert!(!knows(&profile, 1));
    assert!((2..=13).all(|payee| knows(&profile, payee)));
    // Paying one again keeps it, and forgets nobody.
    pay(&mut profile, 100, 2, 20);
    pay(&mut profile, 100, 99, 21);
    assert!(knows(&profile, 2) && knows(&profile, 99) && !knows(&profile, 3));
    assert_eq!(profile.payee_known_hours(2, at(7_200)), Some(2));
}

#[test]
fn warning_signs_fade_after_a_day() {
    let mut profile = Profile::default();
    profile.learn_warning(WarningSign::FailedSecondFactor, at(0));
    profile.learn_warning(WarningSign::FailedSecondFactor, at(60));
    assert_eq!(profile.failed_second_factors, 2);
    assert!(profile.has_warning(at(120), DAY_SECS));
    assert!(!profile.has_warning(at(90_000), DAY_SECS));
    profile.learn_warning(WarningSign::FailedSecondFactor, at(200_000));
    assert_eq!(profile.failed_second_factors, 1);
}

#[test]
fn a_window_slides() {
    let mut window = Window::default();
    (0..10).for_each(|_| window.add(600, 6_000, 50));
    assert_eq!(window.estimate(600, 6_000), (10, 500));
    assert_eq!(window.estimate(600, 6_900), (5, 250));
    assert_eq!(window.estimate(600, 7_200), (0, 0));
}

#[test]
fn a_foreign_blob_is_refused() {
    assert_eq!(Profile::decode(&[1, 2]), Err(BadProfile::Length(2)));
    let mut bytes = Profile::default().encode();
    bytes[0] = 9;
    assert_eq!(Profile::decode(&bytes), Err(BadProfile::Version(9)));
}

proptest! {
    #[test]
    fn a_stored_profile_is_read_back(
        payments in prop::collection::vec((1i64..10_000_000, 1i64..50, 0i64..1_000_000), 0..400),
        busy in any::<bool>(),
    ) {
        let mut profile = Profile::default();
        for (amount, payee, secs) in payments {
            pay(&mut profile, amount, payee, secs);
        }
        if busy {
            profile.learn_warning(WarningSign::BusyLine, at(5));
        }
        prop_assert_eq!(Profile::decode(&profile.encode()).unwrap(), profile);
    }

    #[test]
    fn a_quantile_is_off_by_a_fifth_at_most(mut amounts in prop::collection::vec(100i64..100_000_000, 1..239)) {
        let mut sketch = AmountSketch::default();
        amounts.iter().for_each(|amount| sketch.add(*amount));
        amounts.sort_unstable();
        let rank = (amounts.len() * 900).div_ceil(1000).max(1);
        let exact = amounts[rank - 1];
        let found = sketch.quantile(900).unwrap();
        prop_assert!(found * 10 >= exact * 8 && found * 10 <= exact * 12 + 20, "{} for {}", found, exact);
    }
}
