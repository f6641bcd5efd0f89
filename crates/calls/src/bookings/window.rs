use crate::{CallPolicy, QuietHours};
use base::{OperatorZone, Timestamp};
use jiff::civil::Date;
use people::applications::CallTime;

/// Today, and so many days more.
pub const DAYS_AHEAD: usize = 2;
/// A window with less time left is not offered.
const USEFUL_MS: i64 = 30 * 60_000;
/// For so long after its end a window is still read, so that a request that is sent again is the
/// same request: its call comes as soon as possible.
const GRACE_MS: i64 = 15 * 60_000;

/// A part of the day, by the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayPart {
    Morning,
    Afternoon,
    Evening,
}

/// A time that may be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// `2026-11-23-morning`, by the applicant's calendar.
    pub code: String,
    pub part: DayPart,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// The windows of today and the days after that a call could still use, earliest first.
pub fn windows(policy: &CallPolicy, zone: &OperatorZone, earliest: Timestamp) -> Vec<Window> {
    let mut day = zone.civil(earliest).date();
    let mut found = Vec::new();
    for _ in 0..=DAYS_AHEAD {
        for part in DayPart::ALL {
            let window = Window::of(policy.quiet, zone, day, part);
            found.extend(window.filter(|window| earliest.plus_ms(USEFUL_MS) <= window.until));
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    found
}

/// The window that a code names, if it is near enough.
pub fn read(policy: &CallPolicy, zone: &OperatorZone, now: Timestamp, code: &str) -> Option<Window> {
    let (day, part) = code.rsplit_once('-')?;
    let part = DayPart::ALL.into_iter().find(|known| known.word() == part)?;
    let day: Date = day.parse().ok()?;
    let last = (0..DAYS_AHEAD).try_fold(zone.civil(now).date(), |day, _| day.tomorrow().ok())?;
    let window = Window::of(policy.quiet, zone, day, part)?;
    let near = day <= last && now < window.until.plus_ms(GRACE_MS);
    // One moment has one code.
    Some(window).filter(|window| near && window.code == code)
}

impl Window {
    /// What of this part of the day is not quiet; `None` when nothing is.
    fn of(quiet: QuietHours, zone: &OperatorZone, day: Date, part: DayPart) -> Option<Self> {
        let (from, until) = part.seconds();
        let (from, until) = quiet.outside(from, until)?;
        let (from, until) = (zone.moment(day, from)?, zone.moment(day, until)?);
        (from < until).then(|| Self {
            code: format!("{day}-{}", part.word()),
            part,
            from,
            until,
        })
    }

    pub fn call_time(&self) -> CallTime {
        CallTime {
            from: self.from,
            until: self.until,
        }
    }
}

impl DayPart {
    pub const ALL: [Self; 3] = [Self::Morning, Self::Afternoon, Self::Evening];

    pub fn word(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
        }
    }

    /// Seconds since midnight.
    fn seconds(self) -> (i64, i64) {
        match self {
            Self::Morning => (6 * 3600, 12 * 3600),
            Self::Afternoon => (12 * 3600, 18 * 3600),
            Self::Evening => (18 * 3600, 24 * 3600),
        }
    }
}
