use base::{CallingCodes, OperatorZone};
use std::cmp::Ordering;

/// How the institution calls its customers. Times are milliseconds unless named otherwise.
#[derive(Clone, Debug)]
pub struct CallPolicy {
    /// Attempts per case that count, interrupted ones included.
    pub max_attempts: u32,
    /// From the end of an unanswered attempt to the next.
    pub spacing_ms: i64,
    /// The same after a busy line.
    pub busy_spacing_ms: i64,
    /// How much later "call me later" is.
    pub later_ms: i64,
    /// How long the telephone may ring.
    pub ring_ms: u32,
    /// How long we listen for a key after a question.
    pub answer_ms: u32,
    /// The same where the customer is asked to sign in the app meanwhile.
    pub app_answer_ms: u32,
    /// The longest call.
    pub call_ms: u32,
    pub max_wrong_keys: u32,
    pub max_silences: u32,
    pub max_repeats: u32,
    pub quiet: QuietHours,
    /// A first call due this soon after the customer's own order ignores quiet hours.
    pub own_payment_ms: i64,
    /// An attempt or node without a sign of life for this long is not known to live.
    pub lease_ms: i64,
    /// Matching words are shown on devices enrolled at least this long.
    pub words_after_enrolled_ms: i64,
    /// A call within this time makes the status "not calling you" rather than "no recent calls".
    pub recent_ms: i64,
    /// How long a case about an application stays open.
    pub application_window_ms: i64,
    /// From an attempt that the trunk did not carry to the next; doubled each time.
    pub line_retry_ms: i64,
    /// The longest such pause. A case never gives up for the trunk's sake: its deadline ends it.
    pub line_retry_longest_ms: i64,
    /// Calls at the same time.
    pub concurrent_calls: usize,
    /// Where we place calls.
    pub countries: CallingCodes,
    /// Calls to one number within an hour, over all cases; further ones wait.
    pub per_number_hour: u32,
    /// The same within a day.
    pub per_number_day: u32,
    /// The number that the customer's telephone displays.
    pub displayed_number: String,
    /// Whose days quiet hours follow where a customer has no zone of their own.
    pub zone: OperatorZone,
}

/// When nobody is called, by the wall clock of the customer: seconds since local midnight.
/// `from > until` spans midnight; `from == until` is never quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    pub from_second: i64,
    pub until_second: i64,
}

impl QuietHours {
    pub const NONE: Self = Self {
        from_second: 0,
        until_second: 0,
    };

    pub fn cover(self, second: i64) -> bool {
        match self.from_second.cmp(&self.until_second) {
            Ordering::Equal => false,
            Ordering::Less => (self.from_second..self.until_second).contains(&second),
            Ordering::Greater => second >= self.from_second || second < self.until_second,
        }
    }

    /// The first stretch between these two seconds of one day in which a call may come.
    pub fn outside(self, from: i64, until: i64) -> Option<(i64, i64)> {
        let begin = if self.cover(from) { self.until_second } else { from };
        // Quiet until after midnight: not this day any more.
        if begin < from || begin >= until {
            return None;
        }
        let falls_quiet = self != Self::NONE && (begin..until).contains(&self.from_second);
        Some((begin, if falls_quiet { self.from_second } else { until }))
    }
}

impl CallPolicy {
    /// The defaults, for an operator in this zone.
    pub fn standard(zone: OperatorZone, displayed_number: impl Into<String>) -> Self {
        Self {
            max_attempts: 3,
            spacing_ms: 15 * 60_000,
            busy_spacing_ms: 5 * 60_000,
            later_ms: 30 * 60_000,
            ring_ms: 40_000,
            answer_ms: 8_000,
            app_answer_ms: 45_000,
            call_ms: 6 * 60_000,
            max_wrong_keys: 3,
            max_silences: 2,
            max_repeats: 5,
            quiet: QuietHours {
                from_second: 21 * 3600,
                until_second: 8 * 3600,
            },
            own_payment_ms: 60_000,
            lease_ms: 15_000,
            words_after_enrolled_ms: 24 * 3_600_000,
            recent_ms: 7 * 24 * 3_600_000,
            application_window_ms: 3 * 24 * 3_600_000,
            line_retry_ms: 15_000,
            line_retry_longest_ms: 60_000,
            concurrent_calls: 50,
            countries: CallingCodes::china(),
            per_number_hour: 6,
            per_number_day: 15,
            displayed_number: displayed_number.into(),
            zone,
        }
    }

    /// Everything within seconds, and never quiet: for tests against real telephones.
    pub fn short(zone: OperatorZone, displayed_number: impl Into<String>) -> Self {
        Self {
            spacing_ms: 400,
            busy_spacing_ms: 400,
            later_ms: 500,
            ring_ms: 1_500,
            answer_ms: 1_500,
            app_answer_ms: 3_000,
            call_ms: 60_000,
            quiet: QuietHours::NONE,
            lease_ms: 5_000,
            words_after_enrolled_ms: 0,
            per_number_hour: u32::MAX,
            per_number_day: u32::MAX,
            line_retry_ms: 200,
            line_retry_longest_ms: 800,
            ..Self::standard(zone, displayed_number)
        }
    }
}
