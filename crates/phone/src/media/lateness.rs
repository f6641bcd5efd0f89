//! How late frames leave.

use std::sync::atomic::{AtomicU64, Ordering};

const BUCKETS: usize = 500;
const BUCKET_US: u64 = 100;

/// Lateness of sent frames against their schedule, since the line opened or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaReport {
    pub frames: u64,
    /// In steps of 100 µs; at most 50 ms is told.
    pub late_p50_us: u64,
    pub late_p99_us: u64,
    pub late_over_10ms: u64,
    /// Frames that were never sent because a thread was held up.
    pub skipped: u64,
}

/// Shared by the threads that send and whoever asks.
#[derive(Debug)]
pub(crate) struct Lateness {
    buckets: Vec<AtomicU64>,
    skipped: AtomicU64,
}

impl Lateness {
    pub(crate) fn new() -> Self {
        Self {
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            skipped: AtomicU64::new(0),
        }
    }

    pub(crate) fn count(&self, late_us: u64) {
        let bucket = ((late_us / BUCKET_US) as usize).min(BUCKETS - 1);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn skip(&self, frames: u64) {
        self.skipped.fetch_add(frames, Ordering::Relaxed);
    }

    pub(crate) fn report(&self) -> MediaReport {
        let counts: Vec<u64> = self
            .buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed))
            .collect();
        let frames: u64 = counts.iter().sum();
        let percentile = |percent: u64| {
            let wanted = (frames * percent).div_ceil(100);
            let mut seen = 0;
            let at = counts.iter().position(|count| {
                seen += count;
                seen >= wanted && seen > 0
            });
            at.map_or(0, |bucket| (bucket as u64 + 1) * BUCKET_US)
        };
        MediaReport {
            frames,
            late_p50_us: percentile(50),
            late_p99_us: percentile(99),
            late_over_10ms: counts[(10_000 / BUCKET_US) as usize..].iter().sum(),
            skipped: self.skipped.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn reset(&self) {
        for counter in self.buckets.iter().chain([&self.skipped]) {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_counted() {
        let lateness = Lateness::new();
        assert_eq!(lateness.report(), MediaReport::default());
        for n in 0..100 {
            lateness.count(if n < 98 { 150 } else { 12_000 });
        }
        let report = lateness.report();
        assert_eq!(
            (report.frames, report.late_p50_us, report.late_p99_us),
            (100, 200, 12_100)
        );
        assert_eq!(report.late_over_10ms, 2);
        lateness.reset();
        assert_eq!(lateness.report().frames, 0);
    }
}
