//! Lock-out after failed attempts. Counted by what was typed (as a blind index), not by login:
//! a telephone number that nobody uses is locked just the same, and tells nothing.

mod store;

use crate::SecurityError;
use crate::sealing::Keyring;
use ::store::Tx;
use base::{LoginId, PhoneNumber, Timestamp};
use std::time::Duration;

pub use self::store::ALL as STATEMENTS;

/// Failures in a row until the door is locked.
pub const ATTEMPTS: u32 = 5;
const FIRST_LOCK_SECS: i64 = 15 * 60;
const LONGEST_LOCK_SECS: i64 = 24 * 3600;
/// Without any attempt for this long, with the door open, all is forgotten.
const FORGET_AFTER_SECS: i64 = 24 * 3600;

/// Whom the attempts are counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject(pub(crate) [u8; 32]);

impl Subject {
    pub fn phone(keyring: &Keyring, phone: &PhoneNumber) -> Self {
        Self(keyring.mac("login.phone", phone.as_str().as_bytes()))
    }

    /// Replacing a forgotten password is counted apart: whoever knows only a number must not be
    /// able to lock its owner out of what needs the second factor.
    pub fn recovery(keyring: &Keyring, phone: &PhoneNumber) -> Self {
        Self(keyring.mac("login.recovery", phone.as_str().as_bytes()))
    }

    pub fn staff_name(keyring: &Keyring, name: &str) -> Self {
        Self(keyring.mac("login.staff_name", name.trim().to_lowercase().as_bytes()))
    }

    /// The second factor of a login has a count of its own: whoever guesses codes already knows
    /// the password.
    pub fn second_factor(keyring: &Keyring, login: LoginId) -> Self {
        Self(keyring.mac("login.second_factor", login.as_bytes()))
    }
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    Right,
    Wrong,
    /// What was right a moment ago, by a request that was sent twice: refused, but no guess.
    Repeated,
}

impl From<bool> for Attempt {
    fn from(is_right: bool) -> Self {
        if is_right { Self::Right } else { Self::Wrong }
    }
}

/// How an attempt was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed {
        attempts_left: u32,
    },
    /// Nothing was looked at, or this failure closed the door.
    Locked {
        until: Timestamp,
    },
}

impl Verdict {
    /// How long the door stays locked.
    pub fn remaining(self, now: Timestamp) -> Option<Duration> {
        match self {
            Self::Locked { until } => Some(until.since(now)),
            Self::Passed | Self::Failed { .. } => None,
        }
    }
}

/// Puts this transaction behind every other that judges this subject: what is looked at from here on is
/// as they left it.
pub(crate) fn wait_turn(tx: &mut Tx, now: Timestamp, subject: Subject) -> Result<(), SecurityError> {
    store::lock(tx, subject, now)?;
    Ok(())
}

/// Judges one attempt and counts it. `check` runs only when the door is open; the row stays
/// locked meanwhile, so that guesses made at the same time are counted one by one.
pub(crate) fn judge(
    tx: &mut Tx,
    now: Timestamp,
    subject: Subject,
    check: impl FnOnce(&mut Tx) -> Result<Attempt, SecurityError>,
) -> Result<Verdict, SecurityError> {
    let mut count = store::lock(tx, subject, now)?;
    if count.locked_until > now {
        return Ok(Verdict::Locked {
            until: count.locked_until,
        });
    }
    match check(tx)? {
        Attempt::Right => {
            store::forget(tx, subject)?;
            return Ok(Verdict::Passed);
        }
        Attempt::Repeated => {
            let attempts_left = ATTEMPTS.saturating_sub(count.failed as u32);
            return Ok(Verdict::Failed { attempts_left });
        }
        Attempt::Wrong => {}
    }
    let quiet_since = count.last_attempt_at.max(count.locked_until);
    if now.since(quiet_since).as_secs() as i64 >= FORGET_AFTER_SECS {
        (count.failed, count.times) = (0, 0);
    }
    let verdict = count.one_more(now);
    store::save(tx, subject, &count, now)?;
    Ok(verdict)
}

/// Removes counts that nobody has touched for a day; at most `max` of them.
pub fn sweep(tx: &mut Tx, now: Timestamp, max: i64) -> Result<u64, SecurityError> {
    Ok(store::sweep(tx, now.plus_secs(-FORGET_AFTER_SECS), max)?)
}

struct Count {
    failed: i64,
    times: i64,
    locked_until: Timestamp,
    last_attempt_at: Timestamp,
}

impl Count {
    /// The fifth failure locks: 15 minutes, then twice as long each time, a day at most.
    fn one_more(&mut self, now: Timestamp) -> Verdict {
        self.failed += 1;
        if self.failed < i64::from(ATTEMPTS) {
            return Verdict::Failed {
                attempts_left: ATTEMPTS - self.failed as u32,
            };
        }
        let lock_secs = (FIRST_LOCK_SECS << self.times.clamp(0, 16)).min(LONGEST_LOCK_SECS);
        self.failed = 0;
        self.times += 1;
        self.locked_until = now.plus_secs(lock_secs);
        Verdict::Locked {
            until: self.locked_until,
        }
    }
}

#[cfg(test)]
mod tests;
