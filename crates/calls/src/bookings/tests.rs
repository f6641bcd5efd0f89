use super::*;
use crate::QuietHours;
use proptest::prelude::*;

fn zone(name: &str) -> OperatorZone {
    OperatorZone::named(name).unwrap()
}

fn policy() -> CallPolicy {
    let mut policy = CallPolicy::standard(zone("Asia/Shanghai"), "95138");
    policy.quiet.until_second = 8 * 3600 + 1800;
    policy
}

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

/// `code from until`.
fn listed(policy: &CallPolicy, zone: &OperatorZone, now: &str) -> Vec<String> {
    let windows = windows(policy, zone, at(now));
    let text = |window: &Window| {
        let (from, until) = (window.from.to_rfc3339(), window.until.to_rfc3339());
        format!("{} {from} {until}", window.code)
    };
    windows.iter().map(text).collect()
}

#[test]
fn three_days_are_offered_inside_the_calling_hours_of_london_while_its_clocks_go_back() {
    // Saturday afternoon; the clocks go back on Sunday at 01:00 UTC.
    let london = zone("Europe/London");
    assert_eq!(
        listed(&policy(), &london, "2026-10-24T13:10:00Z"),
        [
            "2026-10-24-afternoon 2026-10-24T11:00:00Z 2026-10-24T17:00:00Z",
            "2026-10-24-evening 2026-10-24T17:00:00Z 2026-10-24T20:00:00Z",
            "2026-10-25-morning 2026-10-25T08:30:00Z 2026-10-25T12:00:00Z",
            "2026-10-25-afternoon 2026-10-25T12:00:00Z 2026-10-25T18:00:00Z",
            "2026-10-25-evening 2026-10-25T18:00:00Z 2026-10-25T21:00:00Z",
            "2026-10-26-morning 2026-10-26T08:30:00Z 2026-10-26T12:00:00Z",
            "2026-10-26-afternoon 2026-10-26T12:00:00Z 2026-10-26T18:00:00Z",
            "2026-10-26-evening 2026-10-26T18:00:00Z 2026-10-26T21:00:00Z",
        ]
    );
}

#[test]
fn tomorrow_morning_in_new_york_is_its_morning_on_both_sides_of_the_clock_change() {
    let new_york = zone("America/New_York");
    for (now, code, from) in [
        // Forward on 2026-03-08, back on 2026-11-01.
        (
            "2026-03-06T20:00:00Z",
            "2026-03-07-morning",
            "2026-03-07T13:30:00Z",
        ),
        (
            "2026-03-07T20:00:00Z",
            "2026-03-08-morning",
            "2026-03-08T12:30:00Z",
        ),
        (
            "2026-10-30T20:00:00Z",
            "2026-10-31-morning",
            "2026-10-31T12:30:00Z",
        ),
        (
            "2026-10-31T20:00:00Z",
            "2026-11-01-morning",
            "2026-11-01T13:30:00Z",
        ),
    ] {
        let found = read(&policy(), &new_york, at(now), code).unwrap();
        assert_eq!(
            (found.from.to_rfc3339().as_str(), found.part),
            (from, DayPart::Morning)
        );
        let offered = windows(&policy(), &new_york, at(now));
        assert!(offered.contains(&found), "{code}");
    }
}

#[test]
fn the_calendar_is_the_applicants_own() {
    // One moment: Monday 01:00 in Shanghai, Sunday noon in New York.
    let now = "2026-11-22T17:00:00Z";
    let first = |name| listed(&policy(), &zone(name), now)[0][..18].to_owned();
    assert_eq!(first("Asia/Shanghai"), "2026-11-23-morning");
    assert_eq!(first("America/New_York"), "2026-11-22-afterno");
}

#[test]
fn what_is_over_too_far_or_no_window_is_not_read() {
    let (policy, shanghai) = (policy(), zone("Asia/Shanghai"));
    let now = at("2026-11-23T04:10:00Z"); // 12:10
    let known = |code| read(&policy, &shanghai, now, code).is_some();
    assert!(known("2026-11-23-afternoon") && known("2026-11-25-evening"));
    // A request that is sent again a little later is the same request.
    assert!(known("2026-11-23-morning"));
    let offered = windows(&policy, &shanghai, now);
    assert!(offered.iter().all(|window| window.code != "2026-11-23-morning"));
    for wrong in [
        "",
        "-",
        "evening",
        "2026-11-23",
        "2026-11-22-evening",
        "2026-11-26-morning",
        "2026-11-23-night",
        "2026-11-31-morning",
        "2026-11-23T00:00:00-evening",
        "20261123-evening",
    ] {
        assert!(!known(wrong), "{wrong}");
    }
}

#[test]
fn quiet_hours_cut_the_windows_whatever_they_are() {
    let quiet = |from: i64, until: i64| QuietHours {
        from_second: from * 3600,
        until_second: until * 3600,
    };
    for (hours, expected) in [
        (QuietHours::NONE, vec!["06–12", "12–18", "18–24"]),
        (quiet(21, 8), vec!["08–12", "12–18", "18–21"]),
        (quiet(17, 13), vec!["13–17"]),
        (quiet(12, 14), vec!["06–12", "14–18", "18–24"]),
        (quiet(0, 9), vec!["09–12", "12–18", "18–24"]),
        (quiet(20, 0), vec!["06–12", "12–18", "18–20"]),
    ] {
        let mut policy = policy();
        policy.quiet = hours;
        let utc = zone("UTC");
        let found = windows(&policy, &utc, at("2026-06-01T00:00:00Z"));
        let shown = |window: &Window| {
            let end = |at: Timestamp| match utc.second_of_day(at) / 3600 {
                0 => 24,
                hour => hour,
            };
            format!("{:02}–{:02}", end(window.from), end(window.until))
        };
        let first: Vec<String> = found.iter().take(found.len() / 3).map(shown).collect();
        assert_eq!(first, expected, "{hours:?}");
    }
}

proptest! {
    #[test]
    fn a_window_is_never_quiet_and_its_call_falls_inside_it(
        start in 1_760_000_000i64..1_800_000_000,
        place in 0usize..4,
        quiet_from in 0i64..24, quiet_until in 0i64..24,
    ) {
        let names = ["Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"];
        let zone = zone(names[place]);
        let now = Timestamp::from_secs(start);
        let mut policy = policy();
        policy.quiet = QuietHours { from_second: quiet_from * 3600, until_second: quiet_until * 3600 };
        for window in windows(&policy, &zone, now) {
            prop_assert!(window.from < window.until);
            prop_assert_eq!(read(&policy, &zone, now, &window.code), Some(window.clone()));
            let deadline = now.plus_secs(4 * 86_400);
            let next = schedule::chosen_call(&policy, &zone, now, Some(window.call_time()), deadline);
            let Next::At(due) = next else { panic!("{next:?}") };
            prop_assert!(!schedule::is_quiet(policy.quiet, &zone, due));
            prop_assert!(window.from.max(now) <= due && due < window.until);
        }
    }
}
