/// How often and how much in a sliding window, estimated from two adjoining fixed ones: the
/// earlier one counts by the part of it that the sliding window still covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Which fixed window the counts are of: seconds since the epoch divided by its length.
    pub index: u32,
    pub count: u16,
    pub count_before: u16,
    pub sum_minor: u64,
    pub sum_before_minor: u64,
}

impl Window {
    pub fn add(&mut self, length_secs: u32, at_secs: u32, amount_minor: i64) {
        self.roll(at_secs / length_secs);
        self.count = self.count.saturating_add(1);
        self.sum_minor = self.sum_minor.saturating_add(amount_minor.max(0) as u64);
    }

    /// Payments and their sum in the `length_secs` that end at `at_secs`.
    pub fn estimate(&self, length_secs: u32, at_secs: u32) -> (u32, i64) {
        let mut rolled = self.clone();
        rolled.roll(at_secs / length_secs);
        let covered = u64::from(length_secs - at_secs % length_secs);
        let length = u64::from(length_secs);
        let count = u64::from(rolled.count) + u64::from(rolled.count_before) * covered / length;
        let before = u128::from(rolled.sum_before_minor) * u128::from(covered) / u128::from(length);
        let sum = u128::from(rolled.sum_minor) + before;
        (
            u32::try_from(count).unwrap_or(u32::MAX),
            i64::try_from(sum).unwrap_or(i64::MAX),
        )
    }

    /// Moves on to a later fixed window; an earlier one (a clock set back) is taken as this one.
    fn roll(&mut self, index: u32) {
        if index <= self.index {
            return;
        }
        let adjoining = index == self.index + 1;
        self.count_before = if adjoining { self.count } else { 0 };
        self.sum_before_minor = if adjoining { self.sum_minor } else { 0 };
        self.count = 0;
        self.sum_minor = 0;
        self.index = index;
    }
}
