//! A hand presses one key after the other. What comes faster is a machine, a fault of the line or
//! two fingers at once: keys that come together are not heard, nor is one that follows another too
//! closely. Pure; times are milliseconds on one clock.

use std::collections::VecDeque;

/// Keys of a hand begin at least this far apart: by ITU-T Q.24 a signal and the pause after it
/// last 40 ms each, and no hand is as fast as that.
const APART_MS: u64 = 60;
/// So long a key is held back for another that came with it. The customer waits as long for what
/// the key does, so it is short.
const HELD_BACK_MS: u64 = 20;
/// No hand presses more keys within a second.
const MOST_PER_SECOND: usize = 10;

/// Holds a key back for a moment, until it is known that no other came with it.
#[derive(Debug, Default)]
pub(super) struct Keypad {
    waiting: Option<Waiting>,
    /// When the latest key came, heard or not.
    last_at: Option<u64>,
    /// When the latest keys were heard.
    heard: VecDeque<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    key: char,
    last_at: u64,
    /// Keys that came together.
    keys: u64,
    /// No hand is as fast after the key before.
    too_close: bool,
}

/// What became of the keys that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Heard(char),
    /// So many keys came faster than a hand presses them.
    TooFast(u64),
}

impl Keypad {
    /// `Some`: what waited before is settled by this key's coming.
    pub fn press(&mut self, key: char, now_ms: u64) -> Option<Settled> {
        let before = self.settle(now_ms);
        let gap = self.last_at.map(|last| now_ms.saturating_sub(last));
        self.last_at = Some(now_ms);
        let waiting = self.waiting.get_or_insert(Waiting {
            key,
            last_at: now_ms,
            keys: 0,
            too_close: gap.is_some_and(|gap| gap < APART_MS),
        });
        waiting.last_at = now_ms;
        waiting.keys += 1;
        before
    }

    /// To be asked again and again while a key waits.
    pub fn settle(&mut self, now_ms: u64) -> Option<Settled> {
        let over = |waiting: &mut Waiting| now_ms.saturating_sub(waiting.last_at) >= HELD_BACK_MS;
        let waiting = self.waiting.take_if(over)?;
        self.heard.retain(|at| now_ms.saturating_sub(*at) < 1_000);
        if waiting.keys > 1 || waiting.too_close || self.heard.len() >= MOST_PER_SECOND {
            return Some(Settled::TooFast(waiting.keys));
        }
        self.heard.push_back(now_ms);
        Some(Settled::Heard(waiting.key))
    }

    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Presses keys at these times and lets each millisecond pass.
    fn type_at(times: &[u64]) -> (Vec<char>, u64) {
        let (mut keypad, mut heard, mut too_fast) = (Keypad::default(), Vec::new(), 0);
        let end = times.last().unwrap_or(&0) + HELD_BACK_MS;
        for now in 0..=end {
            let pressed = times.iter().filter(|at| **at == now);
            let settled: Vec<_> = pressed.filter_map(|_| keypad.press('5', now)).collect();
            for settled in settled.into_iter().chain(keypad.settle(now)) {
                match settled {
                    Settled::Heard(key) => heard.push(key),
                    Settled::TooFast(keys) => too_fast += keys,
                }
            }
        }
        (heard, too_fast)
    }

    #[test]
    fn a_burst_is_dropped_whole_and_counted() {
        assert_eq!(type_at(&[10]), (vec!['5'], 0));
        assert_eq!(type_at(&[10, 15]), (vec![], 2));
        assert_eq!(type_at(&[10, 11, 12, 13, 60, 110, 400]), (vec!['5'], 6));
        assert_eq!(type_at(&[10, 10, 10]), (vec![], 3));
    }

    #[test]
    fn of_keys_a_little_too_fast_the_first_alone_is_heard() {
        assert_eq!(type_at(&[10, 50, 90, 130]), (vec!['5'], 3));
        assert_eq!(type_at(&[10, 50, 110]), (vec!['5', '5'], 1));
    }

    #[test]
    fn a_quick_hand_is_heard_and_more_than_a_hand_is_not() {
        let quick: Vec<u64> = (0..8).map(|n| n * 120).collect();
        assert_eq!(type_at(&quick), (vec!['5'; 8], 0));
        let machine: Vec<u64> = (0..14).map(|n| n * 65).collect();
        assert_eq!(type_at(&machine), (vec!['5'; MOST_PER_SECOND], 4));
    }

    proptest! {
        #[test]
        fn every_key_is_heard_or_counted(mut times in prop::collection::vec(0u64..3_000, 0..60)) {
            times.sort_unstable();
            let (heard, too_fast) = type_at(&times);
            prop_assert_eq!(heard.len() as u64 + too_fast, times.len() as u64);
        }
    }
}
