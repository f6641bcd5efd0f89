use super::*;
use proptest::prelude::*;

fn berlin() -> OperatorZone {
    OperatorZone::named("Europe/Berlin").unwrap()
}

fn policy() -> CallPolicy {
    CallPolicy::standard(berlin(), "95138")
}

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

fn standing(attempts: u32, deadline: Timestamp) -> Standing {
    Standing {
        attempts,
        max_attempts: 3,
        line_failures: 0,
        deadline,
        awake_until: None,
    }
}

#[test]
fn a_call_in_the_night_waits_for_the_morning_on_both_sides_of_the_clock_change() {
    let quiet = policy().quiet;
    // The clocks of Berlin go forward on 2026-03-29 and back on 2026-10-25.
    for (night, morning) in [
        ("2026-03-27T22:30:00Z", "2026-03-28T07:00:00Z"),
        ("2026-03-28T22:30:00Z", "2026-03-29T06:00:00Z"),
        ("2026-03-29T01:00:00Z", "2026-03-29T06:00:00Z"),
        ("2026-10-24T19:00:00Z", "2026-10-25T07:00:00Z"),
        ("2026-10-25T00:30:00Z", "2026-10-25T07:00:00Z"),
        ("2026-10-25T01:30:00Z", "2026-10-25T07:00:00Z"),
    ] {
        assert_eq!(
            after_quiet(quiet, &berlin(), at(night)).to_rfc3339(),
            morning,
            "called at {night}"
        );
    }
}

#[test]
fn quiet_hours_that_end_in_the_skipped_hour_end_after_it() {
    let quiet = QuietHours {
        from_second: 0,
        until_second: 2 * 3600 + 1800,
    };
    let due = after_quiet(quiet, &berlin(), at("2026-03-29T00:30:00Z"));
    assert_eq!(due.to_rfc3339(), "2026-03-29T01:30:00Z");
    assert!(!is_quiet(quiet, &berlin(), due));
}

#[test]
fn the_edge_of_quiet_hours_belongs_to_the_night_in_the_evening_and_to_the_day_in_the_morning() {
    let quiet = policy().quiet;
    assert!(!is_quiet(quiet, &berlin(), at("2026-06-01T18:59:59Z")));
    assert!(is_quiet(quiet, &berlin(), at("2026-06-01T19:00:00Z")));
    assert!(is_quiet(quiet, &berlin(), at("2026-06-02T05:59:59Z")));
    assert!(!is_quiet(quiet, &berlin(), at("2026-06-02T06:00:00Z")));
}

#[test]
fn a_call_about_the_payment_of_this_minute_comes_at_midnight_too_but_not_an_hour_later() {
    let midnight = at("2026-06-01T22:00:00Z");
    let deadline = midnight.plus_secs(24 * 3600);
    let call = |ordered: i64| {
        let ordered_at = midnight.plus_secs(-ordered);
        first_call(&policy(), &berlin(), midnight, Some(ordered_at), deadline)
    };
    assert_eq!(call(1), Next::At(midnight));
    assert_eq!(call(60), Next::At(midnight));
    assert_eq!(call(61), Next::At(at("2026-06-02T06:00:00Z")));
    assert_eq!(
        first_call(&policy(), &berlin(), midnight, None, midnight.plus_secs(3600)),
        Next::NoTimeLeft
    );
}

#[test]
fn attempts_are_spaced_and_capped() {
    let noon = at("2026-06-01T10:00:00Z");
    let deadline = noon.plus_secs(3 * 3600);
    let next = |disposition, attempts| {
        after_attempt(
            &policy(),
            &berlin(),
            noon,
            disposition,
            standing(attempts, deadline),
        )
    };
    assert_eq!(next(Disposition::NoAnswer, 1), Next::At(noon.plus_secs(15 * 60)));
    assert_eq!(next(Disposition::Busy, 2), Next::At(noon.plus_secs(5 * 60)));
    assert_eq!(next(Disposition::NoAnswer, 3), Next::AttemptsSpent);
    assert_eq!(
        next(Disposition::Interrupted, 1),
        Next::At(noon.plus_secs(15 * 60))
    );
    assert_eq!(next(Disposition::Confirmed, 1), Next::Concluded);
    assert_eq!(next(Disposition::WrongNumber, 1), Next::AttemptsSpent);
    assert_eq!(next(Disposition::LineDown, 0), Next::At(noon.plus_secs(15)));
}

#[test]
fn the_pause_after_a_failure_of_our_line_grows_to_a_minute() {
    let pauses: Vec<i64> = (1..=5).map(|n| line_pause_ms(&policy(), n) / 1_000).collect();
    assert_eq!(pauses, [15, 30, 60, 60, 60]);
    assert_eq!(line_pause_ms(&policy(), u32::MAX), 60_000);
}

#[test]
fn a_booked_call_is_kept_within_the_deadline_and_whatever_the_hour() {
    let evening = at("2026-06-01T18:50:00Z");
    let far = standing(1, evening.plus_secs(3 * 3600));
    let next = after_attempt(&policy(), &berlin(), evening, Disposition::Later, far);
    assert_eq!(next, Next::At(evening.plus_secs(1800)));
    let near = standing(1, evening.plus_secs(30 * 60));
    assert_eq!(
        offer_later(&policy(), evening, near),
        Some(evening.plus_secs(15 * 60))
    );
    assert_eq!(
        offer_later(&policy(), evening, standing(1, evening.plus_secs(60))),
        None
    );
    assert_eq!(offer_later(&policy(), evening, standing(3, far.deadline)), None);
}

proptest! {
    #[test]
    fn a_case_is_never_called_past_its_deadline_nor_beyond_its_attempts(
        start in 1_760_000_000i64..1_800_000_000,
        window_secs in 1i64..200_000,
        ends in prop::collection::vec(0usize..Disposition::ALL.len(), 1..60),
    ) {
        let (policy, zone) = (policy(), berlin());
        let begin = Timestamp::from_secs(start);
        let mut standing = standing(0, begin.plus_secs(window_secs));
        let mut next = first_call(&policy, &zone, begin, None, standing.deadline);
        for end in ends {
            let Next::At(due) = next else { break };
            let disposition = Disposition::ALL[end];
            prop_assert!(due <= standing.deadline);
            if due == standing.deadline {
                break;
            }
            if disposition.counts() { standing.attempts += 1 } else { standing.line_failures += 1 }
            prop_assert!(standing.attempts <= standing.max_attempts);
            let ended = due.plus_secs(30);
            next = after_attempt(&policy, &zone, ended, disposition, standing);
            let line_down = disposition == Disposition::LineDown;
            let ends = matches!(next, Next::AttemptsSpent | Next::Concluded);
            prop_assert!(!line_down || !ends, "only its deadline ends it");
            if let Next::At(again) = next && again < standing.deadline {
                prop_assert!(again > ended);
                prop_assert!(disposition == Disposition::Later || !is_quiet(policy.quiet, &zone, again));
            }
        }
    }
}
