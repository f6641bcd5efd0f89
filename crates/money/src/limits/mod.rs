//! How much an account may pay at once, a day and a year, and how much it may hold.

#[cfg(test)]
mod tests;

use base::LocalDay;
use serde::{Deserialize, Serialize};

/// The year of a limit that never begins anew.
pub const LIFE: i64 = 0;

/// The class of a payment account (PBOC [2015] No. 43), by how well its holder was identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// One outside check.
    One,
    /// Three outside checks.
    Two,
    /// Five outside checks, or face to face.
    Three,
}

/// Upper bounds of one account, inclusive, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub payment_minor: i64,
    pub day_minor: i64,
    pub year_minor: i64,
    pub balance_minor: i64,
}

/// A regulation's table. The defaults are regulation; an operator may set them lower or, where an
/// agreement allows it, higher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsProfile {
    pub name: String,
    pub one: Limits,
    pub two: Limits,
    pub three: Limits,
    /// The day's sum that may be paid with a password alone.
    pub single_factor_day_minor: i64,
}

/// What an account has used of its day and its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Usage {
    pub day: i64,
    pub day_used_minor: i64,
    pub year: i64,
    pub year_used_minor: i64,
}

/// Which limit an amount would pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    Payment { limit_minor: i64 },
    Day { left_minor: i64 },
    Year { left_minor: i64 },
}

impl Tier {
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    pub fn number(self) -> i64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.number() == number)
    }
}

impl LimitsProfile {
    /// Mainland China: ¥1,000 for life, ¥100,000 or ¥200,000 a year by class; ¥1,000 a day with one
    /// factor, ¥5,000 with two.
    pub fn cn() -> Self {
        let class = |day_minor, year_minor, balance_minor| Limits {
            payment_minor: day_minor,
            day_minor,
            year_minor,
            balance_minor,
        };
        Self {
            name: "cn".into(),
            one: class(100_000, 100_000, 100_000),
            two: class(500_000, 10_000_000, 10_000_000),
            three: class(500_000, 20_000_000, 50_000_000),
            single_factor_day_minor: 100_000,
        }
    }

    /// The tier's limits, each lowered to what was granted for a year's payments.
    pub fn of(&self, tier: Tier, granted_minor: i64) -> Limits {
        let limits = match tier {
            Tier::One => self.one,
            Tier::Two => self.two,
            Tier::Three => self.three,
        };
        Limits {
            payment_minor: limits.payment_minor.min(granted_minor),
            day_minor: limits.day_minor.min(granted_minor),
            year_minor: limits.year_minor.min(granted_minor),
            ..limits
        }
    }

    /// The year a limit of this tier is counted in: class one's is for life.
    pub fn first_year(&self, tier: Tier, year: i64) -> i64 {
        if tier == Tier::One { LIFE } else { year }
    }
}

impl Usage {
    /// The usage as it stands on a day: what was used on earlier days and years no longer counts.
    /// A clock that is set back does not bring a day's limit back: the later day goes on.
    pub fn on(self, day: LocalDay, year: i64) -> Self {
        let same_day = self.day >= day.0;
        let same_year = self.year == LIFE || self.year >= year;
        Self {
            day: self.day.max(day.0),
            day_used_minor: if same_day { self.day_used_minor } else { 0 },
            year: if same_year { self.year } else { year },
            year_used_minor: if same_year { self.year_used_minor } else { 0 },
        }
    }

    /// Whether `amount_minor` fits the limits on top of what was used.
    pub fn check(&self, limits: &Limits, amount_minor: i64) -> Result<(), Passed> {
        let day_left = (limits.day_minor - self.day_used_minor).max(0);
        let year_left = (limits.year_minor - self.year_used_minor).max(0);
        if amount_minor > limits.payment_minor {
            Err(Passed::Payment {
                limit_minor: limits.payment_minor,
            })
        } else if amount_minor > day_left {
            Err(Passed::Day { left_minor: day_left })
        } else if amount_minor > year_left {
            Err(Passed::Year {
                left_minor: year_left,
            })
        } else {
            Ok(())
        }
    }

    /// Amounts are bounded by the limits, which the check before has held them to.
    #[must_use]
    pub fn with(self, amount_minor: i64) -> Self {
        Self {
            day_used_minor: self.day_used_minor.saturating_add(amount_minor),
            year_used_minor: self.year_used_minor.saturating_add(amount_minor),
            ..self
        }
    }

    /// Gives an amount back to the day and the year that it was taken from; if they are over,
    /// there is nothing to give back.
    #[must_use]
    pub fn without(self, amount_minor: i64, day: i64, year: i64) -> Self {
        let back = |used: i64, same: bool| if same { (used - amount_minor).max(0) } else { used };
        Self {
            day_used_minor: back(self.day_used_minor, self.day == day),
            year_used_minor: back(self.year_used_minor, self.year == year),
            ..self
        }
    }
}
