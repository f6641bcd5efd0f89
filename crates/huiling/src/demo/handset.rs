//! The visitor's telephone: one number with a SIP user agent behind it, and any number of browser
//! windows in front. The sound and the keys that a window sees are those of a real SIP call.

use phone::{Call, DeclineReason, IncomingCall};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{broadcast, mpsc};

/// Frames that a slow window may lag behind before it loses some.
const FRAMES_MAX: usize = 1_024;
const MESSAGES_MAX: usize = 30;

/// What a window is told.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Told {
    Ringing {
        from: String,
        name: String,
    },
    Answered,
    Idle,
    Message {
        text: String,
    },
    /// 20 ms of µ-law; sent as a binary message.
    #[serde(skip)]
    Sound(Arc<[u8]>),
}

/// What a person does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Answer,
    Decline,
    HangUp,
    Press(char),
}

pub struct Handset {
    /// The digits that a caller dials.
    pub number: String,
    /// Where its messages are kept, so that a new start still shows them.
    kept: PathBuf,
    told: broadcast::Sender<Told>,
    acts: mpsc::Sender<Act>,
    shown: Mutex<Shown>,
}

/// What a window that opens now must show.
#[derive(Default)]
struct Shown {
    ringing: Option<Told>,
    answered: bool,
    messages: Vec<String>,
}

impl Handset {
    /// The telephone with the messages of earlier starts, and the task that answers its calls.
    pub fn new(number: &str, kept: PathBuf, calls: mpsc::Receiver<IncomingCall>) -> Arc<Self> {
        let (acts, done) = mpsc::channel(64);
        let told = broadcast::Sender::new(FRAMES_MAX);
        let shown = Shown {
            messages: messages(&kept),
            ..Shown::default()
        };
        let handset = Arc::new(Self {
            number: number.into(),
            kept,
            told,
            acts,
            shown: Mutex::new(shown),
        });
        tokio::spawn(take_calls(handset.clone(), calls, done));
        handset
    }

    pub fn watch(&self) -> broadcast::Receiver<Told> {
        self.told.subscribe()
    }

    /// What to tell a window that opens now, and the messages so far, oldest first.
    pub fn at_present(&self) -> (Vec<String>, Option<Told>) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let now = if shown.answered {
            Some(Told::Answered)
        } else {
            shown.ringing.clone()
        };
        (shown.messages.clone(), now)
    }

    /// A key or button; lost when the telephone is overrun.
    pub fn act(&self, act: Act) {
        let _ = self.acts.try_send(act);
    }

    pub fn receive_message(&self, text: String) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.messages.len() == MESSAGES_MAX {
            shown.messages.remove(0);
        }
        shown.messages.push(text.clone());
        if let Err(error) = keep(&self.kept, &shown.messages) {
            tracing::warn!(%error, "the handset's messages are not kept for the next start");
        }
        drop(shown);
        self.tell(Told::Message { text });
    }

    fn tell(&self, told: Told) {
        // Nobody may be watching.
        let _ = self.told.send(told);
    }

    fn show(&self, ringing: Option<Told>, answered: bool) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        (shown.ringing, shown.answered) = (ringing.clone(), answered);
        drop(shown);
        self.tell(ringing.unwrap_or(if answered { Told::Answered } else { Told::Idle }));
    }
}

/// What an earlier start kept; nothing where it kept none, or did not come to the end of it.
fn messages(kept: &Path) -> Vec<String> {
    let text = std::fs::read(kept).unwrap_or_default();
    let mut messages: Vec<String> = serde_json::from_slice(&text).unwrap_or_default();
    let surplus = messages.len().saturating_sub(MESSAGES_MAX);
    messages.drain(..surplus);
    messages
}

fn keep(kept: &Path, messages: &[String]) -> std::io::Result<()> {
    std::fs::write(kept, serde_json::to_vec(messages)?)
}

async fn take_calls(
    handset: Arc<Handset>,
    mut calls: mpsc::Receiver<IncomingCall>,
    mut done: mpsc::Receiver<Act>,
) {
    while let Some(incoming) = calls.recv().await {
        while done.try_recv().is_ok() {}
        incoming.ringing();
        let ringing = Told::Ringing {
            from: incoming.from_number.clone(),
            name: incoming.from_display.clone(),
        };
        handset.show(Some(ringing), false);
        if let Some(call) = decide(incoming, &mut done).await {
            handset.show(None, true);
            talk(&handset, call, &mut done).await;
        }
        handset.show(None, false);
    }
}

/// Rings until somebody answers or declines, or the caller gives up.
async fn decide(mut incoming: IncomingCall, done: &mut mpsc::Receiver<Act>) -> Option<Call> {
    loop {
        tokio::select! {
            () = incoming.cancelled() => return None,
            act = done.recv() => match act? {
                Act::Answer => break,
                Act::Decline | Act::HangUp => {
                    incoming.decline(DeclineReason::Declined);
                    return None;
                }
                Act::Press(_) => {}
            }
        }
    }
    incoming.accept().await.ok()
}

async fn talk(handset: &Handset, mut call: Call, done: &mut mpsc::Receiver<Act>) {
    let mut sound = call.audio();
    loop {
        tokio::select! {
            frame = sound.recv() => match frame {
                Some(frame) => handset.tell(Told::Sound(frame.into())),
                None => break,
            },
            _ = call.ended() => break,
            act = done.recv() => match act {
                Some(Act::Press(key)) => call.send_digit(key).await,
                Some(Act::HangUp | Act::Decline) | None => break,
                Some(Act::Answer) => {}
            }
        }
    }
    call.hang_up().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_start_shows_the_messages_of_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let start = || Handset::new("+8613800000001", folder.path().join("m.json"), mpsc::channel(1).1);
        let first = start();
        for number in 0..=MESSAGES_MAX {
            first.receive_message(format!("message {number}"));
        }
        let (shown, _) = start().at_present();
        assert_eq!(shown.len(), MESSAGES_MAX);
        assert_eq!(shown.last().unwrap(), &format!("message {MESSAGES_MAX}"));
        std::fs::write(folder.path().join("m.json"), "[\"half").unwrap();
        assert!(
            start().at_present().0.is_empty(),
            "a file that is cut off stops nothing"
        );
    }
}
