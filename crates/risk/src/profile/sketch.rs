/// Places of the histogram.
pub const PLACES: usize = 80;
/// At this many amounts all counts are halved, so that old habits fade.
const FADES_AT: u32 = 240;

/// The upper bound of each place in minor units: each is a fifth above the one before, so a
/// quantile is off by a fifth at most; the last place takes everything above.
const UPPER_BOUNDS: [i64; PLACES] = upper_bounds();

const fn upper_bounds() -> [i64; PLACES] {
    let mut bounds = [0; PLACES];
    let mut bound = 100;
    let mut place = 0;
    while place < PLACES {
        bounds[place] = bound;
        bound = bound * 6 / 5;
        place += 1;
    }
    bounds
}

/// The distribution of the amounts an account pays: a histogram on a logarithmic scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountSketch(pub [u8; PLACES]);

impl Default for AmountSketch {
    fn default() -> Self {
        Self([0; PLACES])
    }
}

impl AmountSketch {
    pub fn add(&mut self, amount_minor: i64) {
        let place = UPPER_BOUNDS
            .partition_point(|bound| *bound < amount_minor)
            .min(PLACES - 1);
        self.0[place] = self.0[place].saturating_add(1);
        if self.total() >= FADES_AT {
            self.0.iter_mut().for_each(|count| *count /= 2);
        }
    }

    /// The amounts that are still remembered.
    pub fn total(&self) -> u32 {
        self.0.iter().map(|count| u32::from(*count)).sum()
    }

    /// The amount that `permille` of the payments do not exceed; `None` without any payment.
    pub fn quantile(&self, permille: u32) -> Option<i64> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        let rank = (total * permille).div_ceil(1000).max(1);
        let mut below = 0;
        for (place, count) in self.0.iter().enumerate() {
            let count = u32::from(*count);
            if below + count >= rank {
                return Some(within(place, rank - below, count));
            }
            below += count;
        }
        Some(UPPER_BOUNDS[PLACES - 1])
    }
}

/// The `nth` of `count` amounts that are spread evenly over a place.
fn within(place: usize, nth: u32, count: u32) -> i64 {
    let lower = place.checked_sub(1).map_or(0, |before| UPPER_BOUNDS[before]);
    let width = UPPER_BOUNDS[place] - lower;
    lower + width * i64::from(nth) / i64::from(count)
}
