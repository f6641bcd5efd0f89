//! What a media thread and a call share.

use super::keypad::{Keypad, Settled};
use base::Stopwatch;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// Digits that wait to be asked for.
const MAX_DIGITS: usize = 32;
/// 400 ms of µ-law: as much as a spoken frame may wait.
const MAX_SPEECH: usize = 3_200;

/// Counters of one call's media.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaStats {
    /// RTP packets.
    pub sent: u64,
    pub received: u64,
    pub lost: u64,
    pub out_of_order: u64,
    /// Interarrival jitter of RFC 3550.
    pub jitter_us: u64,
    /// Packets from addresses that are not the peer's; they are not heard.
    pub from_strangers: u64,
    pub malformed: u64,
    pub rtcp_sent: u64,
    pub rtcp_received: u64,
    /// What the peer reports about our packets.
    pub peer_lost: u64,
    pub peer_jitter_us: u64,
    pub round_trip_us: Option<u64>,
    /// Frames that left more than 10 ms late.
    pub late_frames: u64,
    /// Frames that were never sent because the thread was held up.
    pub skipped_frames: u64,
    pub send_errors: u64,
    /// Digits that were heard; those that were dropped unheard are not counted.
    pub digits: u64,
    /// Digits that came faster than a hand presses keys; they are dropped.
    pub digits_too_fast: u64,
    /// Sound that the recording has as silence because the writer could not keep up.
    pub recording_lost_ms: u64,
}

/// How a digit came. A call listens to one method only: the first that delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigitMethod {
    TelephoneEvent = 1,
    Info = 2,
}

#[derive(Debug)]
pub(crate) struct StreamLink {
    digits: mpsc::Sender<char>,
    keypad: Mutex<Keypad>,
    /// A key waits in the keypad.
    key_waits: AtomicBool,
    since: Stopwatch,
    method: AtomicU8,
    /// Answered, and not on hold: digits count.
    live: AtomicBool,
    pub on_hold: AtomicBool,
    takes_events: AtomicBool,
    /// The number of the sound that was played last.
    pub played: watch::Sender<u64>,
    pub timed_out: watch::Sender<bool>,
    stats: Mutex<MediaStats>,
    speech: Mutex<VecDeque<u8>>,
}

impl StreamLink {
    pub(crate) fn new() -> (Self, mpsc::Receiver<char>) {
        let (digits, heard) = mpsc::channel(MAX_DIGITS);
        let link = Self {
            digits,
            keypad: Mutex::default(),
            key_waits: AtomicBool::new(false),
            since: Stopwatch::start(),
            method: AtomicU8::new(0),
            live: AtomicBool::new(false),
            on_hold: AtomicBool::new(false),
            takes_events: AtomicBool::new(false),
            played: watch::Sender::new(0),
            timed_out: watch::Sender::new(false),
            stats: Mutex::default(),
            speech: Mutex::default(),
        };
        (link, heard)
    }

    pub(crate) fn answered(&self) {
        self.live.store(true, Ordering::SeqCst);
    }

    /// The peer negotiated telephone events.
    pub(crate) fn takes_events(&self) -> bool {
        self.takes_events.load(Ordering::SeqCst)
    }

    pub(crate) fn set_takes_events(&self, takes: bool) {
        self.takes_events.store(takes, Ordering::SeqCst);
    }

    /// Takes a digit, unless the call is not answered, is on hold, or uses the other method. It is
    /// heard a moment later, if no other came with it.
    pub(crate) fn hear_digit(&self, method: DigitMethod, digit: char) -> bool {
        self.hear_digit_at(method, digit, self.now_ms())
    }

    /// What is known of the keys that came: how many are heard now, and how many came too fast.
    pub(crate) fn settle_digits(&self) -> (u64, u64) {
        if !self.key_waits() {
            return (0, 0);
        }
        self.settle_digits_at(self.now_ms())
    }

    pub(crate) fn key_waits(&self) -> bool {
        self.key_waits.load(Ordering::SeqCst)
    }

    fn hear_digit_at(&self, method: DigitMethod, digit: char, now_ms: u64) -> bool {
        if !self.live.load(Ordering::SeqCst) || self.on_hold.load(Ordering::SeqCst) {
            return false;
        }
        let chosen = self
            .method
            .compare_exchange(0, method as u8, Ordering::SeqCst, Ordering::SeqCst);
        if chosen.is_err_and(|earlier| earlier != method as u8) {
            return false;
        }
        let mut keypad = lock(&self.keypad);
        let settled = keypad.press(digit, now_ms);
        self.key_waits.store(true, Ordering::SeqCst);
        self.deliver(settled);
        true
    }

    fn settle_digits_at(&self, now_ms: u64) -> (u64, u64) {
        let mut keypad = lock(&self.keypad);
        let settled = keypad.settle(now_ms);
        self.key_waits.store(keypad.is_waiting(), Ordering::SeqCst);
        self.deliver(settled)
    }

    fn deliver(&self, settled: Option<Settled>) -> (u64, u64) {
        match settled {
            Some(Settled::Heard(digit)) => (u64::from(self.digits.try_send(digit).is_ok()), 0),
            Some(Settled::TooFast(keys)) => (0, keys),
            None => (0, 0),
        }
    }

    fn now_ms(&self) -> u64 {
        self.since.elapsed().as_millis() as u64
    }

    pub(crate) fn stats(&self) -> MediaStats {
        *lock(&self.stats)
    }

    pub(crate) fn publish(&self, stats: &MediaStats) {
        *lock(&self.stats) = *stats;
    }

    /// Queues µ-law to be sent; the oldest gives way when too much waits.
    pub(crate) fn speak(&self, ulaw: &[u8]) {
        let mut speech = lock(&self.speech);
        speech.extend(ulaw.iter().take(MAX_SPEECH));
        let excess = speech.len().saturating_sub(MAX_SPEECH);
        speech.drain(..excess);
    }

    /// Moves spoken µ-law into a frame; returns how much there was.
    pub(crate) fn take_speech(&self, frame: &mut [u8]) -> usize {
        let mut speech = lock(&self.speech);
        let length = speech.len().min(frame.len());
        for (place, octet) in frame.iter_mut().zip(speech.drain(..length)) {
            *place = octet;
        }
        length
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_method_that_delivers_is_the_only_one() {
        let (link, mut heard) = StreamLink::new();
        assert!(
            !link.hear_digit_at(DigitMethod::Info, '1', 0),
            "nobody has answered"
        );
        link.answered();
        assert!(link.hear_digit_at(DigitMethod::Info, '2', 100));
        assert!(!link.hear_digit_at(DigitMethod::TelephoneEvent, '2', 105));
        assert_eq!(link.settle_digits_at(200), (1, 0));
        assert!(link.hear_digit_at(DigitMethod::Info, '3', 300));
        link.on_hold.store(true, Ordering::SeqCst);
        assert!(!link.hear_digit_at(DigitMethod::Info, '4', 400));
        assert_eq!(link.settle_digits_at(500), (1, 0));
        assert_eq!((heard.try_recv(), heard.try_recv()), (Ok('2'), Ok('3')));
        assert!(heard.try_recv().is_err());
    }

    #[test]
    fn digits_faster_than_a_hand_are_counted_and_never_heard() {
        let (link, mut heard) = StreamLink::new();
        link.answered();
        for (digit, now_ms) in [('1', 100), ('2', 103), ('3', 110), ('1', 115)] {
            link.hear_digit_at(DigitMethod::TelephoneEvent, digit, now_ms);
        }
        assert_eq!(link.settle_digits_at(130), (0, 0));
        assert_eq!(link.settle_digits_at(200), (0, 4));
        assert!(heard.try_recv().is_err());
        link.hear_digit_at(DigitMethod::TelephoneEvent, '2', 300);
        assert_eq!(link.settle_digits_at(360), (1, 0));
        assert_eq!(heard.try_recv(), Ok('2'));
    }

    #[test]
    fn speech_that_waits_too_long_gives_way() {
        let (link, _heard) = StreamLink::new();
        for n in 0..30u8 {
            link.speak(&[n; 160]);
        }
        let mut frame = [0; 160];
        assert_eq!((link.take_speech(&mut frame), frame[0]), (160, 10));
    }
}
