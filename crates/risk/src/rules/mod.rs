//! The first rules, fixed in code: each adds points and names its reason. Points add up to the
//! score; the policy's thresholds turn the score into a verdict.

mod policy;
#[cfg(test)]
mod tests;

pub use policy::RiskPolicy;

use crate::assessment::{Assessment, MAX_REASONS, Reason, ReasonCode, Verdict};
use crate::features::{Acquaintance, Features};

/// The version of the rules as code. Raised when the same policy would decide anything otherwise than
/// before, so that nobody judges old assessments by new code.
pub const CODE_VERSION: u32 = 2;
pub const MAX_SCORE: i64 = 999;
const HOUR_SECS: u32 = 3600;

#[derive(Clone, Copy, Debug)]
pub struct FixedRules;

impl FixedRules {
    pub fn assess(self, features: &Features, policy: &RiskPolicy) -> Assessment {
        let mut found = Found(Vec::new());
        amount_against_habit(features, policy, &mut found);
        payee(features, policy, &mut found);
        velocity(features, policy, &mut found);
        warning_signs(features, &mut found);
        if features.night && features.amount_minor >= policy.small_minor {
            found.add(ReasonCode::Night, 50, 0, 0);
        }
        let score: i64 = found.0.iter().map(|reason| reason.points).sum();
        let score_permille = score.min(MAX_SCORE);
        let needs_factor =
            !features.second_factor && features.amount_minor >= policy.second_factor_from_minor;
        // What is merely unusual is what the call is for; a refusal takes a sign of an attack.
        let verdict = if score_permille >= policy.refuse_from && found.alarms() {
            Verdict::Refuse
        } else if score_permille >= policy.hold_from {
            Verdict::HoldAndCall
        } else if needs_factor || (score_permille >= policy.challenge_from && !features.second_factor) {
            Verdict::Challenge
        } else {
            Verdict::Approve
        };
        if verdict == Verdict::Challenge && needs_factor {
            found.add(
                ReasonCode::SecondFactorNeeded,
                0,
                features.amount_minor,
                policy.second_factor_from_minor,
            );
        }
        Assessment {
            verdict,
            score_permille,
            reasons: found.heaviest_first(),
            rule_version: policy.version,
        }
    }
}

struct Found(Vec<Reason>);

impl Found {
    fn add(&mut self, code: ReasonCode, points: i64, this: i64, usual: i64) {
        self.0.push(Reason {
            code,
            points,
            this,
            usual,
        });
    }

    /// Haste, a telephone kept busy, or somebody who guesses.
    fn alarms(&self) -> bool {
        self.0.iter().any(|reason| match reason.code {
            ReasonCode::ManyInTenMinutes
            | ReasonCode::BusyLine
            | ReasonCode::FailedSecondFactor
            | ReasonCode::WrongKeys => true,
            ReasonCode::AboveHabit
            | ReasonCode::NoHabitYet
            | ReasonCode::NewPayee
            | ReasonCode::FreshPayee
            | ReasonCode::UnprovenPayee
            | ReasonCode::ManyInADay
            | ReasonCode::MuchInADay
            | ReasonCode::Night
            | ReasonCode::SecondFactorNeeded => false,
        })
    }

    fn heaviest_first(mut self) -> Vec<Reason> {
        self.0.sort_by_key(|reason| std::cmp::Reverse(reason.points));
        self.0.truncate(MAX_REASONS);
        self.0
    }
}

fn amount_against_habit(features: &Features, policy: &RiskPolicy, found: &mut Found) {
    let amount = features.amount_minor;
    let Some(habit) = features.habit_minor else {
        let points = if amount >= policy.cold_start_minor.saturating_mul(3) {
            600
        } else if amount >= policy.cold_start_minor {
            400
        } else {
            return;
        };
        return found.add(ReasonCode::NoHabitYet, points, amount, policy.cold_start_minor);
    };
    if amount < policy.small_minor {
        return;
    }
    let times_permille = i128::from(amount) * 1000 / i128::from(habit.max(1));
    let times_permille = i64::try_from(times_permille).unwrap_or(i64::MAX);
    let points = match times_permille {
        ..2_000 => return,
        2_000..5_000 => 150 + (times_permille - 2_000) / 10,
        5_000..10_000 => 450 + (times_permille - 5_000) / 50,
        10_000.. => 550,
    };
    found.add(ReasonCode::AboveHabit, points, amount, habit);
}

fn payee(features: &Features, policy: &RiskPolicy, found: &mut Found) {
    let code = match features.acquaintance {
        Acquaintance::Known => return,
        Acquaintance::Fresh => ReasonCode::FreshPayee,
        Acquaintance::Stranger => ReasonCode::NewPayee,
    };
    let small = features.amount_minor < policy.small_minor;
    found.add(code, if small { 40 } else { 250 }, 0, 0);
    if features.unproven_payee && !small {
        found.add(ReasonCode::UnprovenPayee, 60, 0, 0);
    }
}

fn velocity(features: &Features, policy: &RiskPolicy, found: &mut Found) {
    let (count, many) = (features.count_ten_minutes, policy.many_in_ten_minutes);
    if count >= many {
        let points = if count >= many.saturating_mul(2) { 300 } else { 200 };
        found.add(
            ReasonCode::ManyInTenMinutes,
            points,
            i64::from(count) + 1,
            i64::from(many),
        );
    }
    if features.count_day >= policy.many_in_a_day {
        found.add(
            ReasonCode::ManyInADay,
            50,
            i64::from(features.count_day) + 1,
            i64::from(policy.many_in_a_day),
        );
    }
    let sum = features.sum_day_minor.saturating_add(features.amount_minor);
    let usual = features.habit_minor.unwrap_or(0);
    // A single large payment is the business of the habit's rule.
    if features.count_day > 0 && sum >= policy.much_in_a_day_minor && sum >= usual.saturating_mul(10) {
        found.add(
            ReasonCode::MuchInADay,
            150,
            sum,
            usual.max(policy.much_in_a_day_minor),
        );
    }
}

fn warning_signs(features: &Features, found: &mut Found) {
    if let Some(age_secs) = features.busy_line_secs {
        let points = if age_secs < HOUR_SECS { 300 } else { 200 };
        found.add(ReasonCode::BusyLine, points, i64::from(age_secs / 60), 0);
    }
    let failures = i64::from(features.failed_second_factors);
    if failures > 0 {
        found.add(
            ReasonCode::FailedSecondFactor,
            (failures * 150).min(450),
            failures,
            0,
        );
    }
    if features.wrong_keys {
        found.add(ReasonCode::WrongKeys, 200, 0, 0);
    }
}
