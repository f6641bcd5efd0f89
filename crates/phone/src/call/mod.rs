//! A call that was answered.

mod info;
mod keeper;
pub(crate) mod session_timer;

pub(crate) use keeper::{CallSetup, start_call};

use crate::media::{MediaStats, StreamHandle, StreamLink};
use crate::sound::Sound;
use keeper::Control;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// How a sound that nobody may interrupt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayEnd {
    Played,
    HungUp,
}

/// What was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// `0` to `9`, `*`, `#`, `A` to `D`.
    Digit(char),
    /// The sound is over and no digit came.
    Played,
    TimedOut,
    HungUp,
}

/// Who or what ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hangup {
    Us,
    Peer,
    /// No RTP came for too long.
    MediaTimeout,
    /// The line was closed, signalling broke down, or the session was not refreshed.
    LineFailed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEnd {
    pub by: Hangup,
    /// From the answer on.
    pub duration_ms: u64,
    pub stats: MediaStats,
}

/// Both directions of an answered call. Dropping it hangs up.
#[derive(Debug)]
pub struct Call {
    link: Arc<StreamLink>,
    stream: Arc<StreamHandle>,
    digits: mpsc::Receiver<char>,
    ended: watch::Receiver<Option<Hangup>>,
    control: mpsc::Sender<Control>,
    keeper: JoinHandle<CallEnd>,
    forwarded: bool,
    sip_call_id: String,
    sounds: u64,
}

/// µ-law frames as they arrive; a listener who does not keep up misses some.
const MAX_HEARD_FRAMES: usize = 50;

impl Call {
    /// The network said that somebody else's telephone may have answered (181, Diversion,
    /// History-Info).
    pub fn forwarded(&self) -> bool {
        self.forwarded
    }

    pub fn sip_call_id(&self) -> &str {
        &self.sip_call_id
    }

    /// Plays to the end. Digits pressed meanwhile are forgotten. On hold the sound waits.
    pub async fn play(&mut self, sound: Sound) -> PlayEnd {
        let heard = self.play_until(sound, false).await;
        self.drop_digits();
        if heard == Heard::HungUp {
            PlayEnd::HungUp
        } else {
            PlayEnd::Played
        }
    }

    /// Plays until a digit comes, one that is already waiting included.
    pub async fn play_until_digit(&mut self, sound: Sound) -> Heard {
        self.play_until(sound, true).await
    }

    /// The next digit, of those waiting or within `wait_ms`.
    pub async fn digit(&mut self, wait_ms: u64) -> Heard {
        let mut ended = self.ended.clone();
        tokio::select! {
            biased;
            Some(digit) = self.digits.recv() => Heard::Digit(digit),
            _ = ended.wait_for(Option::is_some) => Heard::HungUp,
            () = tokio::time::sleep(Duration::from_millis(wait_ms)) => Heard::TimedOut,
        }
    }

    /// Forgets the digits heard so far.
    pub fn drop_digits(&mut self) {
        while self.digits.try_recv().is_ok() {}
    }

    /// Presses a key: as a telephone event when the peer takes them, else by INFO.
    pub async fn send_digit(&mut self, digit: char) {
        if self.link.takes_events() {
            self.stream.press(digit);
        } else {
            self.send_digit_by_info(digit).await;
        }
    }

    /// Presses a key by SIP INFO (`application/dtmf-relay`).
    pub async fn send_digit_by_info(&mut self, digit: char) {
        let (sent, answered) = oneshot::channel();
        if self.control.send(Control::Info(digit, sent)).await.is_ok() {
            let _ = answered.await;
        }
    }

    /// What the peer says, in frames of µ-law (usually 20 ms). A second listener replaces the first.
    pub fn audio(&mut self) -> mpsc::Receiver<Vec<u8>> {
        let (listener, frames) = mpsc::channel(MAX_HEARD_FRAMES);
        self.stream.listen(listener);
        frames
    }

    /// Says µ-law, after what was said before. Of more than 400 ms waiting the oldest is lost.
    /// A sound that plays goes first.
    pub fn speak(&mut self, ulaw_frame: &[u8]) {
        self.link.speak(ulaw_frame);
    }

    pub fn hung_up_by_peer(&self) -> bool {
        *self.ended.borrow() == Some(Hangup::Peer)
    }

    /// Waits until the call is over for whatever reason.
    pub async fn ended(&mut self) -> Hangup {
        let end = self.ended.wait_for(Option::is_some).await;
        end.ok().and_then(|end| *end).unwrap_or(Hangup::LineFailed)
    }

    pub fn on_hold(&self) -> bool {
        self.link.on_hold.load(Ordering::SeqCst)
    }

    /// Tells whether the call is on hold, while the call itself is busy playing.
    pub fn hold_watch(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let link = self.link.clone();
        move || link.on_hold.load(Ordering::SeqCst)
    }

    /// At most a fifth of a second old.
    pub fn stats(&self) -> MediaStats {
        self.link.stats()
    }

    /// Ends the call, if the peer has not, and waits for its recording to be complete.
    pub async fn hang_up(self) -> CallEnd {
        let Self {
            control,
            keeper,
            link,
            ..
        } = self;
        drop(control);
        keeper.await.unwrap_or_else(|_| CallEnd {
            by: Hangup::LineFailed,
            duration_ms: 0,
            stats: link.stats(),
        })
    }

    async fn play_until(&mut self, sound: Sound, digit_ends: bool) -> Heard {
        if digit_ends && let Ok(digit) = self.digits.try_recv() {
            return Heard::Digit(digit);
        }
        self.sounds += 1;
        let number = self.sounds;
        let mut played = self.link.played.subscribe();
        let mut ended = self.ended.clone();
        // A caller that stops waiting stops the sound.
        let _cut = CutOff {
            stream: &self.stream,
            number,
        };
        self.stream.play(number, sound);
        tokio::select! {
            biased;
            _ = ended.wait_for(Option::is_some) => Heard::HungUp,
            Some(digit) = self.digits.recv(), if digit_ends => Heard::Digit(digit),
            _ = played.wait_for(|last| *last >= number) => Heard::Played,
        }
    }
}

struct CutOff<'a> {
    stream: &'a StreamHandle,
    number: u64,
}

impl Drop for CutOff<'_> {
    fn drop(&mut self) {
        self.stream.stop_playing(self.number);
    }
}
