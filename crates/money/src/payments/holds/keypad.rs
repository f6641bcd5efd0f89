use crate::KeypadPolicy;
use base::Timestamp;

const DAY_SECS: i64 = 86_400;

/// Whether a 1 on the telephone's keypad is enough to post a held payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeypadRule {
    Allowed,
    /// The customer must sign in the app, because of these.
    SignInApp(Vec<KeypadObstacle>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeypadObstacle {
    OverCap,
    NumberChangedLately,
    DeviceChangedLately,
    CallForwarded,
    WarningSign,
}

/// What only the caller's room knows.
#[derive(Clone, Copy, Debug)]
pub struct KeypadEvidence {
    /// Since when the telephone number is the customer's.
    pub phone_since: Timestamp,
    /// Since when devices, authenticator and password are what they are; `None` without a device.
    pub device_since: Option<Timestamp>,
    /// The call was diverted (Diversion, History-Info, 181).
    pub forwarded: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct KeypadFacts {
    pub amount_minor: i64,
    /// A busy line, a failed second factor or wrong keys within the last day.
    pub warning_sign: bool,
    pub evidence: KeypadEvidence,
}

/// Pure. Every obstacle is named, so that the app can say why it asks.
pub fn keypad_rule(policy: &KeypadPolicy, facts: &KeypadFacts, now: Timestamp) -> KeypadRule {
    let unchanged_until = now.plus_secs(-policy.unchanged_days.saturating_mul(DAY_SECS));
    let evidence = &facts.evidence;
    let obstacles: Vec<KeypadObstacle> = [
        (facts.amount_minor > policy.cap_minor, KeypadObstacle::OverCap),
        (
            evidence.phone_since > unchanged_until,
            KeypadObstacle::NumberChangedLately,
        ),
        (
            evidence.device_since.is_none_or(|since| since > unchanged_until),
            KeypadObstacle::DeviceChangedLately,
        ),
        (evidence.forwarded, KeypadObstacle::CallForwarded),
        (facts.warning_sign, KeypadObstacle::WarningSign),
    ]
    .into_iter()
    .filter_map(|(stands, obstacle)| stands.then_some(obstacle))
    .collect();
    if obstacles.is_empty() {
        KeypadRule::Allowed
    } else {
        KeypadRule::SignInApp(obstacles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_obstacle_alone_asks_for_the_app() {
        let now = Timestamp::from_secs(1_800_000_000);
        let old = now.plus_secs(-8 * DAY_SECS);
        let sound = KeypadFacts {
            amount_minor: 200_000,
            warning_sign: false,
            evidence: KeypadEvidence {
                phone_since: old,
                device_since: Some(old),
                forwarded: false,
            },
        };
        let rule = |facts: KeypadFacts| keypad_rule(&KeypadPolicy::default(), &facts, now);
        assert_eq!(rule(sound), KeypadRule::Allowed);
        let with = |change: fn(&mut KeypadFacts, Timestamp)| {
            let mut facts = sound;
            change(&mut facts, now);
            rule(facts)
        };
        let only = |obstacle| KeypadRule::SignInApp(vec![obstacle]);
        assert_eq!(with(|f, _| f.amount_minor += 1), only(KeypadObstacle::OverCap));
        assert_eq!(
            with(|f, now| f.evidence.phone_since = now),
            only(KeypadObstacle::NumberChangedLately)
        );
        assert_eq!(
            with(|f, _| f.evidence.device_since = None),
            only(KeypadObstacle::DeviceChangedLately)
        );
        assert_eq!(
            with(|f, _| f.evidence.forwarded = true),
            only(KeypadObstacle::CallForwarded)
        );
        assert_eq!(
            with(|f, _| f.warning_sign = true),
            only(KeypadObstacle::WarningSign)
        );
    }
}
