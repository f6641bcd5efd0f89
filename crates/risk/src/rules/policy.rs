use serde::{Deserialize, Serialize};

/// What an operator may set. Amounts are in minor units of the wallet's currency, scores and
/// points in permille.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RiskPolicy {
    /// Written into every assessment; raise it with every change.
    pub version: u32,
    /// From this score on, an order without a second factor is challenged for one.
    pub challenge_from: i64,
    /// From this score on, the payment is held and the customer called.
    pub hold_from: i64,
    /// From this score on, the payment is refused if there is a sign of an attack: haste, a busy line,
    /// a failed second factor, wrong keys.
    pub refuse_from: i64,
    /// An order of this amount or more needs a second factor whatever its score.
    pub second_factor_from_minor: i64,
    /// Below this amount a new payee or an unusual amount weighs little.
    pub small_minor: i64,
    /// A payee counts as known so many hours after the first payment.
    pub fresh_payee_hours: u16,
    /// Payments that make a habit; before that, the cold start's thresholds count.
    pub history_needed: u32,
    /// Without a habit, an amount from here on is suspicious, three times as much very.
    pub cold_start_minor: i64,
    /// Payments within ten minutes that are too many.
    pub many_in_ten_minutes: u32,
    /// Payments within a day that are too many.
    pub many_in_a_day: u32,
    /// The day's sum, this payment included, that is too much if it is also ten times the habit.
    pub much_in_a_day_minor: i64,
    /// Night ends at this hour of the operator's clock; zero: there is none.
    pub night_until_hour: i64,
}

impl Default for RiskPolicy {
    fn default() -> Self {
        Self {
            version: 1,
            challenge_from: 350,
            hold_from: 600,
            refuse_from: 950,
            second_factor_from_minor: 100_000,
            small_minor: 10_000,
            fresh_payee_hours: 24,
            history_needed: 5,
            cold_start_minor: 100_000,
            many_in_ten_minutes: 5,
            many_in_a_day: 40,
            much_in_a_day_minor: 200_000,
            night_until_hour: 5,
        }
    }
}
