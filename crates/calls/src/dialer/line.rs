//! Whether the line carries calls, and how many may begin. Pure. A line that is down is tried by
//! one call at a time, with growing pauses: no case spends its time on a trunk that is away. Times
//! are since the process began.

use crate::{CallPolicy, schedule};
use std::time::Duration;

/// So many calls refused in a row mean the trunk, not the number that was called.
const REFUSALS_IN_A_ROW: u32 = 3;

/// What became of a call, as far as the line is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// It rang, or the network answered for the telephone.
    Yes,
    /// The trunk refused it before anything rang.
    Refused,
    /// The trunk did not reply.
    No,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LineWatch {
    refused: u32,
    down: Option<Down>,
}

#[derive(Clone, Copy, Debug)]
struct Down {
    /// Probes that failed, and the failure that began it.
    failures: u32,
    probe_at: Duration,
    /// A probe is on its way: its failure lengthens the pause.
    probing: bool,
}

impl LineWatch {
    pub fn is_up(&self) -> bool {
        self.down.is_none()
    }

    /// How many calls may begin at this moment, of so many that are free.
    pub fn room(&self, now: Duration, free: usize) -> usize {
        match self.down {
            None => free,
            Some(down) if now >= down.probe_at => free.min(1),
            Some(_) => 0,
        }
    }

    /// A call begins. While the line is down it is the probe, and the next waits its turn.
    pub fn begun(&mut self, now: Duration, policy: &CallPolicy) {
        if let Some(down) = &mut self.down {
            down.probing = true;
            down.probe_at = now + pause(policy, down.failures);
        }
    }

    pub fn note(&mut self, now: Duration, carried: Carried, policy: &CallPolicy) {
        self.refused = match carried {
            Carried::Yes => {
                self.down = None;
                0
            }
            Carried::Refused => self.refused + 1,
            Carried::No => self.refused,
        };
        let failed = match carried {
            Carried::Yes => false,
            Carried::Refused => self.refused >= REFUSALS_IN_A_ROW || self.down.is_some(),
            Carried::No => true,
        };
        if failed {
            self.fail(now, policy);
        }
    }

    fn fail(&mut self, now: Duration, policy: &CallPolicy) {
        let failures = match self.down {
            None => 1,
            Some(down) if down.probing => down.failures.saturating_add(1),
            // A call that began before the line was known to be down says nothing new.
            Some(_) => return,
        };
        self.down = Some(Down {
            failures,
            probe_at: now + pause(policy, failures),
            probing: false,
        });
    }
}

fn pause(policy: &CallPolicy, failures: u32) -> Duration {
    Duration::from_millis(schedule::line_pause_ms(policy, failures).max(0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::OperatorZone;

    fn policy() -> CallPolicy {
        CallPolicy::standard(OperatorZone::named("Asia/Shanghai").unwrap(), "95138")
    }

    #[test]
    fn a_line_that_is_down_is_probed_by_one_call_after_growing_pauses() {
        let (policy, mut line) = (policy(), LineWatch::default());
        let mut now = Duration::ZERO;
        assert_eq!(line.room(now, 50), 50);
        // Sixteen calls that began together fail together: one failure of the line.
        for _ in 0..16 {
            line.note(now, Carried::No, &policy);
        }
        let mut pauses = Vec::new();
        for _ in 0..5 {
            let since = now;
            while line.room(now, 50) == 0 {
                now += Duration::from_secs(1);
            }
            assert_eq!(line.room(now, 50), 1);
            pauses.push((now - since).as_secs());
            line.begun(now, &policy);
            assert_eq!(line.room(now, 50), 0, "one at a time");
            line.note(now, Carried::No, &policy);
        }
        assert_eq!(pauses, [15, 30, 60, 60, 60]);
        assert!(!line.is_up());
        line.note(now, Carried::Yes, &policy);
        assert_eq!(line.room(now, 50), 50);
    }

    #[test]
    fn one_number_that_the_trunk_refuses_is_not_the_trunk() {
        let (policy, mut line) = (policy(), LineWatch::default());
        let now = Duration::ZERO;
        for _ in 0..10 {
            line.note(now, Carried::Refused, &policy);
            line.note(now, Carried::Refused, &policy);
            line.note(now, Carried::Yes, &policy);
            assert!(line.is_up());
        }
        for _ in 0..REFUSALS_IN_A_ROW {
            line.note(now, Carried::Refused, &policy);
        }
        assert!(!line.is_up());
    }
}
