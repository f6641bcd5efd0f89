//! Figures a verdict is made from, drawn from both profiles and the payment itself.

use crate::profile::{DAY_SECS, Profile, TEN_MINUTES_SECS, secs};
use crate::rules::RiskPolicy;
use base::Timestamp;

/// Where an order came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    App,
    Api,
    Phone,
    Staff,
}

/// The payment to be assessed.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub amount_minor: i64,
    pub payee_account: i64,
    pub channel: Channel,
    pub at: Timestamp,
    /// Seconds since midnight by the operator's wall clock.
    pub second_of_day: i64,
    /// Whether the payer has proved a second factor for this order.
    pub second_factor: bool,
}

/// How well the payer knows the payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquaintance {
    /// Not among those paid lately.
    Stranger,
    /// First paid so lately that a fraudster's own small payment could be it.
    Fresh,
    Known,
}

#[derive(Clone, Copy, Debug)]
pub struct Features {
    pub amount_minor: i64,
    /// The 90th percentile of what the payer pays; `None` at a cold start.
    pub habit_minor: Option<i64>,
    pub acquaintance: Acquaintance,
    /// Nobody has paid this payee yet.
    pub unproven_payee: bool,
    /// Payments of the payer in the last ten minutes, without this one.
    pub count_ten_minutes: u32,
    /// Payments of the payer in the last day, without this one.
    pub count_day: u32,
    pub sum_day_minor: i64,
    /// Since the last call that found the line busy; `None` after a day.
    pub busy_line_secs: Option<u32>,
    /// Within the last day.
    pub failed_second_factors: u8,
    pub wrong_keys: bool,
    pub night: bool,
    pub second_factor: bool,
}

impl Features {
    pub fn of(payer: &Profile, payee: &Profile, facts: &Facts, policy: &RiskPolicy) -> Self {
        let now = secs(facts.at);
        let age = |at: u32| {
            (at > 0)
                .then(|| now.saturating_sub(at))
                .filter(|age| *age < DAY_SECS)
        };
        let habit = (payer.amounts.total() >= policy.history_needed)
            .then(|| payer.amounts.quantile(900))
            .flatten();
        let (count_ten_minutes, _) = payer.ten_minutes.estimate(TEN_MINUTES_SECS, now);
        let (count_day, sum_day_minor) = payer.day.estimate(DAY_SECS, now);
        Self {
            amount_minor: facts.amount_minor,
            habit_minor: habit,
            acquaintance: match payer.payee_known_hours(facts.payee_account, facts.at) {
                None => Acquaintance::Stranger,
                Some(hours) if hours < policy.fresh_payee_hours => Acquaintance::Fresh,
                Some(_) => Acquaintance::Known,
            },
            unproven_payee: payee.received_count == 0,
            count_ten_minutes,
            count_day,
            sum_day_minor,
            busy_line_secs: age(payer.busy_line_at),
            failed_second_factors: age(payer.failed_second_factor_at)
                .map_or(0, |_| payer.failed_second_factors),
            wrong_keys: age(payer.wrong_keys_at).is_some(),
            night: facts.second_of_day < policy.night_until_hour * 3600,
            second_factor: facts.second_factor,
        }
    }
}
