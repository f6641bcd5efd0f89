use crate::limits::LimitsProfile;
use base::OperatorZone;
use risk::RiskPolicy;
use serde::{Deserialize, Serialize};

/// All that an operator decides about payments.
#[derive(Clone, Debug)]
pub struct Policy {
    pub risk: RiskPolicy,
    pub limits: LimitsProfile,
    pub hold: HoldPolicy,
    pub keypad: KeypadPolicy,
    /// By this zone the days and years of limits begin.
    pub zone: OperatorZone,
}

/// How long a held payment waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoldPolicy {
    /// From the order to the deadline that voids it.
    pub window_secs: i64,
    /// What an answered call may add, once.
    pub extension_secs: i64,
}

/// When a 1 on the keypad is enough, without signing in the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeypadPolicy {
    pub cap_minor: i64,
    /// The device and the number must have been the same for so long.
    pub unchanged_days: i64,
}

impl Policy {
    /// Mainland China's limits, Shanghai's days, and defaults for the rest.
    pub fn cn() -> Self {
        Self {
            risk: RiskPolicy::default(),
            limits: LimitsProfile::cn(),
            hold: HoldPolicy::default(),
            keypad: KeypadPolicy::default(),
            zone: OperatorZone::named("Asia/Shanghai").expect("the time zone database is built in"),
        }
    }
}

impl Default for HoldPolicy {
    fn default() -> Self {
        Self {
            window_secs: 30 * 60,
            extension_secs: 10 * 60,
        }
    }
}

impl Default for KeypadPolicy {
    fn default() -> Self {
        Self {
            cap_minor: 200_000,
            unchanged_days: 7,
        }
    }
}
