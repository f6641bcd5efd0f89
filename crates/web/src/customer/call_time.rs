//! The times from which an applicant chooses when to be called, in words.

use crate::shell::Page;
use crate::words::Calendar;
use base::OperatorZone;
use calls::bookings::{DayPart, Window};
use people::applications::CallTime;

/// One line of the choice.
pub struct Choice {
    pub code: String,
    pub text: String,
    pub chosen: bool,
}

/// What may be chosen; the first is as soon as possible. `typed` is the code of a form that is
/// shown again.
pub fn choices(
    p: &Page,
    zone: &OperatorZone,
    windows: &[Window],
    booked: Option<CallTime>,
    typed: &str,
) -> Vec<Choice> {
    let soon = Choice {
        code: String::new(),
        text: p.t("calltime-soon"),
        chosen: false,
    };
    let mut choices = vec![soon];
    choices.extend(windows.iter().map(|window| Choice {
        code: window.code.clone(),
        text: window_text(&in_zone(p, zone), p, window),
        chosen: typed == window.code || (typed.is_empty() && booked == Some(window.call_time())),
    }));
    choices
}

/// `Tomorrow 18:00–21:00`, by the applicant's own clock.
pub fn span(p: &Page, zone: &OperatorZone, time: CallTime) -> String {
    in_zone(p, zone).window(time.from, time.until)
}

/// Whose clock is meant, where it is not the operator's.
pub fn foreign_zone(p: &Page, zone: Option<&OperatorZone>) -> Option<String> {
    let zone = zone.filter(|zone| **zone != p.calendar.zone)?;
    Some(whose_clock(p, zone.name()))
}

/// Whose clock a zone is, by the place that people know it by.
pub fn whose_clock(p: &Page, zone: &str) -> String {
    match zone.rsplit('/').next().unwrap_or(zone) {
        "Shanghai" => p.t("calltime-zone-china"),
        place => p.t1("calltime-zone", "place", place.replace('_', " ")),
    }
}

pub fn in_zone(p: &Page, zone: &OperatorZone) -> Calendar {
    Calendar {
        zone: zone.clone(),
        ..p.calendar.clone()
    }
}

fn window_text(calendar: &Calendar, p: &Page, window: &Window) -> String {
    let part = match window.part {
        DayPart::Morning => "calltime-morning",
        DayPart::Afternoon => "calltime-afternoon",
        DayPart::Evening => "calltime-evening",
    };
    let until = match calendar.zone.second_of_day(window.until) {
        0 => "24:00".to_owned(),
        _ => calendar.time(window.until),
    };
    let hours = format!("{}–{until}", calendar.time(window.from));
    let day = calendar.day(window.from);
    p.t2(part, "day", day, "hours", hours)
}
