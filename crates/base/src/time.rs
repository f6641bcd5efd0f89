#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the machine's clocks"
)]

use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs * 1_000_000)
    }

    pub const fn as_us(self) -> i64 {
        self.0
    }

    pub const fn as_ms(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1_000)))
    }

    pub const fn plus_secs(self, secs: i64) -> Self {
        self.plus_ms(secs.saturating_mul(1_000))
    }

    /// How long after `earlier`; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).max(0) as u64)
    }

    /// `2026-11-22T02:00:00Z` (RFC 3339).
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_microsecond(self.0)
            .map_or_else(|_| self.0.to_string(), |moment| moment.to_string())
    }
}

/// The source of the present. Clones of a manual clock share their hands.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    pub fn manual(start: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.0)))
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(since_epoch.as_micros() as i64)
            }
            Self::Manual(hands) => Timestamp(hands.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock.
    ///
    /// # Panics
    /// On the system's clock, which nobody moves.
    pub fn advance_ms(&self, ms: i64) {
        match self {
            Self::System => panic!("the system's clock cannot be advanced"),
            Self::Manual(hands) => hands.fetch_add(ms * 1_000, Ordering::SeqCst),
        };
    }
}

/// A calendar day in the operator's time zone, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalDay(pub i64);

/// The time zone by which the operator's days begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorZone(TimeZone);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone {0:?}; name one of the IANA database, for example Asia/Shanghai")]
pub struct UnknownZone(pub String);

impl OperatorZone {
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|_| UnknownZone(name.into()))
    }

    /// The name by which it was asked for, of the IANA database.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub fn day(&self, at: Timestamp) -> LocalDay {
        let offset_secs = self.offset_secs(at);
        LocalDay((at.as_secs() + offset_secs).div_euclid(86_400))
    }

    /// Seconds since local midnight by the wall clock.
    pub fn second_of_day(&self, at: Timestamp) -> i64 {
        (at.as_secs() + self.offset_secs(at)).rem_euclid(86_400)
    }

    /// The moment as a civil date and time of this zone.
    pub fn civil(&self, at: Timestamp) -> jiff::civil::DateTime {
        self.0
            .to_datetime(jiff::Timestamp::from_microsecond(at.0).unwrap_or_default())
    }

    /// The first moment at or after `at` whose wall clock shows `second_of_day` (0..86,400).
    /// A wall time that a change of the clocks skips is moved past the gap.
    pub fn next_at(&self, at: Timestamp, second_of_day: i64) -> Timestamp {
        let today = self.civil(at).date();
        for day in [
            Some(today),
            today.tomorrow().ok(),
            today.tomorrow().and_then(|d| d.tomorrow()).ok(),
        ]
        .into_iter()
        .flatten()
        {
            if let Some(moment) = self.moment(day, second_of_day).filter(|moment| *moment >= at) {
                return moment;
            }
        }
        at
    }

    /// When the wall clock of that day shows `second_of_day`; 86,400 is the midnight that ends it.
    /// A wall time that a change of the clocks skips is moved past the gap; of one that comes twice
    /// it is the first. `None` at the end of the calendar.
    pub fn moment(&self, day: jiff::civil::Date, second_of_day: i64) -> Option<Timestamp> {
        let (day, second) = match second_of_day {
            86_400 => (day.tomorrow().ok()?, 0),
            within => (day, within),
        };
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let wall = day.at(hour as i8, minute as i8, (second % 60) as i8, 0);
        let zoned = wall.to_zoned(self.0.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_microsecond()))
    }

    fn offset_secs(&self, at: Timestamp) -> i64 {
        let moment = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
        i64::from(self.0.to_offset(moment).seconds())
    }
}

/// Measures how long something takes, for metrics and benches; never for decisions.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Paces a thread of its own: each `wait` returns at the next multiple of the period, and says
/// how many periods were missed, so that a late thread skips them instead of bursting.
#[derive(Debug)]
pub struct Ticker {
    next: Instant,
    period: Duration,
}

impl Ticker {
    pub fn new(period: Duration) -> Self {
        Self {
            next: Instant::now() + period,
            period,
        }
    }

    /// Time left until the next tick; zero when it is due.
    pub fn until_due(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    /// If due: moves to the first tick in the future and returns the lateness and the number of
    /// whole periods that were missed.
    pub fn take_due(&mut self) -> Option<(Duration, u32)> {
        let late = Instant::now().checked_duration_since(self.next)?;
        let missed = (late.as_nanos() / self.period.as_nanos().max(1)) as u32;
        self.next += self.period * (missed + 1);
        Some((late, missed))
    }

    /// Sleeps until the next tick.
    pub fn wait(&mut self) -> u32 {
        std::thread::sleep(self.until_due());
        self.take_due().map_or(0, |(_, missed)| missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_operators_midnight() {
        let zone = OperatorZone::named("Asia/Shanghai").unwrap();
        let before = Timestamp::from_secs(1_700_063_999);
        assert_eq!(zone.day(before).0 + 1, zone.day(before.plus_secs(1)).0);
        assert_eq!(zone.second_of_day(before.plus_secs(1)), 0);
        assert!(OperatorZone::named("Mars/Olympus").is_err());
    }

    #[test]
    fn a_day_of_the_wall_clock_ends_where_the_next_begins() {
        let zone = OperatorZone::named("America/New_York").unwrap();
        assert_eq!(zone.name(), "America/New_York");
        let day = jiff::civil::date(2026, 11, 1);
        let next = day.tomorrow().unwrap();
        assert_eq!(zone.moment(day, 86_400), zone.moment(next, 0));
        // The clocks go back that day, which has 25 hours; 01:30 is the first of the two.
        let length = zone.moment(next, 0).unwrap().since(zone.moment(day, 0).unwrap());
        assert_eq!(length.as_secs(), 25 * 3600);
        assert_eq!(
            zone.moment(day, 5_400).unwrap().to_rfc3339(),
            "2026-11-01T05:30:00Z"
        );
    }

    #[test]
    fn a_wall_time_skipped_in_spring_is_moved_past_the_gap() {
        let zone = OperatorZone::named("Europe/Berlin").unwrap();
        // 2026-03-29 00:30 UTC is 01:30 CET; 02:30 does not exist that night.
        let at = Timestamp(
            jiff::civil::date(2026, 3, 29)
                .at(0, 30, 0, 0)
                .in_tz("UTC")
                .unwrap()
                .timestamp()
                .as_microsecond(),
        );
        let next = zone.next_at(at, 2 * 3600 + 1800);
        assert_eq!(next.to_rfc3339(), "2026-03-29T01:30:00Z");
    }
}
