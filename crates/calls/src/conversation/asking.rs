//! Saying and listening, for both conversations: what is said can be cut short by a key that
//! counts, and goes on after one that does not.

use super::{Elsewhere, Minutes, is_consent, spoken};
use crate::attempts::{Begun, Words};
use crate::dialer::Desk;
use crate::recordings;
use crate::scripts::{self, Input};
use base::{Language, Stopwatch};
use phone::prompts::{PromptId, SpokenLine};
use phone::{Call, Hangup, Heard, PlayEnd, Sound};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// After this many keys during the details nothing cuts them short any more.
const MAX_RESTARTS: u32 = 3;
/// A sound that goes on after a key begins this much earlier, so that nothing is missed.
const OVERLAP_MS: u64 = 120;
const SAMPLES_PER_MS: u64 = 8;

/// What came of saying or listening.
pub(super) enum Turn {
    Input(Input),
    Over(Hangup),
}

/// The telephone's side of a conversation.
pub(super) struct Asking<'a> {
    desk: &'a Arc<Desk>,
    begun: &'a Begun,
    words: Option<Words>,
    call: &'a mut Call,
    elsewhere: Elsewhere,
    minutes: &'a Minutes,
    language: Language,
    queue: VecDeque<(SpokenLine, Sound)>,
    /// The line that a key has interrupted, and when it began: it goes on, or is cut short.
    interrupted: Option<(i64, SpokenLine)>,
    restarts: u32,
    /// Set while listening: how much of the wait is left.
    wait_ms: Option<u64>,
}

impl<'a> Asking<'a> {
    pub fn new(
        desk: &'a Arc<Desk>,
        begun: &'a Begun,
        words: Option<Words>,
        call: &'a mut Call,
        elsewhere: Elsewhere,
        minutes: &'a Minutes,
    ) -> Self {
        Self {
            desk,
            begun,
            words,
            call,
            elsewhere,
            minutes,
            language: begun.matter.language,
            queue: VecDeque::new(),
            interrupted: None,
            restarts: 0,
            wait_ms: None,
        }
    }

    pub fn forwarded(&self) -> bool {
        self.call.forwarded()
    }

    /// Puts lines into sound; they replace what was still to be said. `false` when one of them
    /// has no sound: what was not said must never count as heard.
    pub async fn prepare(&mut self, language: Language, lines: &[scripts::Line]) -> bool {
        let lines: Vec<SpokenLine> = lines
            .iter()
            .filter_map(|line| spoken(line, self.begun, self.words))
            .collect();
        let sounds = sounds(self.desk, language, lines.clone()).await;
        let complete = sounds.len() == lines.len() && sounds.iter().all(|sound| !sound.is_empty());
        self.queue = lines.into_iter().zip(sounds).collect();
        self.language = language;
        self.restarts = 0;
        self.wait_ms = None;
        complete
    }

    /// Says what is left to be said.
    pub async fn say(&mut self) -> Turn {
        while let Some((line, sound)) = self.queue.front().cloned() {
            let went_on = self.interrupted.take().map(|(from_ms, _)| from_ms);
            let from_ms = went_on.unwrap_or_else(|| self.minutes.now_ms());
            let cut_short = self.say_line(&line, sound).await;
            if matches!(cut_short, Some(Turn::Input(Input::Key(_)))) {
                self.interrupted = Some((from_ms, line.clone()));
                // The details begin anew: what was said of them stands for itself.
                if is_details(&line) {
                    self.put_down();
                }
            } else {
                self.minutes
                    .said(from_ms, &line, self.language, cut_short.is_none());
            }
            if let Some(turn) = cut_short {
                return turn;
            }
            self.played(&line);
            self.queue.pop_front();
        }
        Turn::Input(Input::Said)
    }

    /// It is decided on this call: what follows is said in one piece.
    pub fn decided_here(&mut self) {
        self.elsewhere.rest();
    }

    /// What a key has interrupted does not go on: it was cut short.
    pub fn put_down(&mut self) {
        if let Some((from_ms, line)) = self.interrupted.take() {
            self.minutes.said(from_ms, &line, self.language, false);
        }
    }

    /// `None` when it was played to its end.
    async fn say_line(&mut self, line: &SpokenLine, sound: Sound) -> Option<Turn> {
        let is_details = is_details(line);
        if is_details && self.restarts > MAX_RESTARTS {
            return self.say_undisturbed(sound).await;
        }
        let begun = Stopwatch::start();
        match self.heard_while(sound).await {
            Ok(Heard::Played) => None,
            Ok(Heard::Digit(key)) => {
                self.cut(is_details, begun.elapsed());
                Some(Turn::Input(Input::Key(key)))
            }
            Ok(Heard::HungUp | Heard::TimedOut) => Some(self.over().await),
            Err(input) => Some(Turn::Input(input)),
        }
    }

    /// Waits for a key.
    pub async fn listen(&mut self, long: bool) -> Turn {
        let policy = &self.desk.parts.policy;
        let wait_ms = if long {
            policy.app_answer_ms
        } else {
            policy.answer_ms
        };
        self.listen_for(u64::from(wait_ms)).await
    }

    /// Goes on with what a dropped key has cut short.
    pub async fn go_on(&mut self) -> Turn {
        match self.wait_ms {
            Some(wait_ms) => self.listen_for(wait_ms).await,
            None => self.say().await,
        }
    }

    async fn listen_for(&mut self, wait_ms: u64) -> Turn {
        let begun = Stopwatch::start();
        let heard = tokio::select! {
            heard = self.call.digit(wait_ms) => heard,
            ended = self.elsewhere.ended() => return Turn::Input(Input::Elsewhere(ended)),
        };
        let waited_ms = begun.elapsed().as_millis() as u64;
        self.wait_ms = Some(wait_ms.saturating_sub(waited_ms));
        match heard {
            Heard::Digit(key) => Turn::Input(Input::Key(key)),
            Heard::TimedOut | Heard::Played => Turn::Input(Input::Silence),
            Heard::HungUp => self.over().await,
        }
    }

    async fn heard_while(&mut self, sound: Sound) -> Result<Heard, Input> {
        tokio::select! {
            heard = self.call.play_until_digit(sound) => Ok(heard),
            ended = self.elsewhere.ended() => Err(Input::Elsewhere(ended)),
        }
    }

    async fn say_undisturbed(&mut self, sound: Sound) -> Option<Turn> {
        tokio::select! {
            end = self.call.play(sound) => match end {
                PlayEnd::Played => None,
                PlayEnd::HungUp => Some(Turn::Over(self.call.ended().await)),
            },
            ended = self.elsewhere.ended() => Some(Turn::Input(Input::Elsewhere(ended))),
        }
    }

    /// A key came in the middle of a line. The details begin anew, because only what was heard
    /// in one piece counts as heard; anything else goes on where it was.
    fn cut(&mut self, is_details: bool, said: Duration) {
        let Some((_, sound)) = self.queue.front_mut() else {
            return;
        };
        if is_details {
            self.restarts += 1;
            return;
        }
        let said_ms = (said.as_millis() as u64).saturating_sub(OVERLAP_MS);
        let from = ((said_ms * SAMPLES_PER_MS) as usize).min(sound.samples().len());
        *sound = Sound::from_samples(&sound.samples()[from..]);
    }

    fn played(&self, line: &SpokenLine) {
        if !is_consent(line) {
            return;
        }
        let (desk, call) = (self.desk.clone(), self.begun.attempt.id);
        tokio::spawn(async move {
            let noted = desk
                .write(move |tx, ambient| recordings::note_consent(tx, call, ambient.now()))
                .await;
            if let Err(error) = noted {
                tracing::warn!(
                    error = %store::causes(&error),
                    "the consent line was not noted"
                );
            }
        });
    }

    async fn over(&mut self) -> Turn {
        Turn::Over(self.call.ended().await)
    }
}

/// Renders on a thread that may wait for a synthesizer.
pub(super) async fn sounds(desk: &Arc<Desk>, language: Language, lines: Vec<SpokenLine>) -> Vec<Sound> {
    let voice = desk.parts.voice.clone();
    let rendered =
        tokio::task::spawn_blocking(move || lines.iter().map(|line| voice.line(language, line)).collect());
    rendered.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a line could not be rendered");
        Vec::new()
    })
}

fn is_details(line: &SpokenLine) -> bool {
    matches!(
        line,
        SpokenLine::PaymentDetails { .. }
            | SpokenLine::ApplicationDetails { .. }
            | SpokenLine::Fixed(PromptId::NumberDetails)
    )
}
