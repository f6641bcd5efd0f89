//! Walks through a script. Pure: what happens on the telephone goes in, what to do comes out.

use super::script::{Act, Ask, Ended, Key, Line, Next, Outcome, Script, Step, StepId};
use crate::Disposition;
use base::Language;
use phone::prompts::PromptId;

/// Outputs of one call; no conversation needs a tenth of them.
const MAX_OUTPUTS: u32 = 300;

/// How patient a call is.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub wrong_keys: u32,
    /// Unanswered questions in a row.
    pub silences: u32,
    /// Repeats and changes of language together.
    pub repeats: u32,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Everything that was to be said has been played to its end.
    Said,
    /// A key, `0` to `9`, `*` or `#`.
    Key(char),
    /// Nobody pressed a key in time.
    Silence,
    Did(Outcome),
    /// The matter was decided elsewhere.
    Elsewhere(Ended),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Say these lines, then tell `Said`; keys come in meanwhile. Ends whatever was being said.
    Say(Vec<Line>),
    /// Go on with what was being done: the key was dropped.
    GoOn,
    /// Wait for a key. `long` where the customer acts in the app meanwhile.
    Listen {
        long: bool,
    },
    Do(Act),
    End(Disposition),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Saying,
    Listening,
    Doing(Act),
    Over(Disposition),
}

/// One call's way through its script.
#[derive(Clone, Debug)]
pub struct Interpreter {
    script: &'static Script,
    bounds: Bounds,
    /// The digit that proves a person.
    proof: Key,
    language: Language,
    at: StepId,
    phase: Phase,
    proved: bool,
    heard: bool,
    /// A key came before its question had been said.
    dropped: bool,
    wrong_keys: u32,
    silences: u32,
    repeats: u32,
    outputs: u32,
    settled: Option<Disposition>,
}

impl Interpreter {
    /// The interpreter and the first thing to say.
    pub fn begin(script: &'static Script, bounds: Bounds, proof: Key, language: Language) -> (Self, Output) {
        let mut interpreter = Self {
            script,
            bounds,
            proof,
            language,
            at: script.first,
            phase: Phase::Saying,
            proved: false,
            heard: false,
            dropped: false,
            wrong_keys: 0,
            silences: 0,
            repeats: 0,
            outputs: 0,
            settled: None,
        };
        let first = interpreter.enter(script.first);
        (interpreter, first)
    }

    pub fn next(&mut self, input: Input) -> Output {
        self.outputs += 1;
        if self.outputs > MAX_OUTPUTS {
            return self.end(Disposition::TooLong);
        }
        match (self.phase, input) {
            (Phase::Over(disposition), _) => Output::End(disposition),
            (Phase::Doing(act), Input::Did(outcome)) => self.did(act, outcome),
            (Phase::Doing(_), _) => Output::GoOn,
            (_, Input::Elsewhere(ended)) => self.decided_elsewhere(ended),
            (_, Input::Key('0')) if self.may_switch_language() => self.switch_language(),
            (Phase::Saying, Input::Said) => self.said(),
            (Phase::Saying, Input::Key(key)) => self.key_while_saying(key),
            (Phase::Listening, Input::Key(key)) => self.answer(key),
            (Phase::Listening, Input::Silence) => self.silence(),
            (Phase::Saying | Phase::Listening, _) => Output::GoOn,
        }
    }

    pub fn language(&self) -> Language {
        self.language
    }

    /// The step that the call has reached, for the timeline.
    pub fn step(&self) -> &'static Step {
        self.script.step(self.at)
    }

    /// Whether the random digit was pressed.
    pub fn proved(&self) -> bool {
        self.proved
    }

    /// What has been decided on this call so far: it stands even if the line is lost before the
    /// customer has heard it.
    pub fn settled(&self) -> Option<Disposition> {
        self.settled
    }

    fn enter(&mut self, id: StepId) -> Output {
        // A chain of steps that say nothing is no longer than the script.
        let mut id = id;
        for _ in 0..=self.script.steps().len() {
            self.at = id;
            self.dropped = false;
            let step = self.step();
            if !step.say.is_empty() {
                self.phase = Phase::Saying;
                return Output::Say(step.say.clone());
            }
            match &step.next {
                Next::Go(to) => id = *to,
                Next::Do(act, _) => return self.act(*act),
                Next::End(disposition) => return self.end(*disposition),
                Next::Ask(_) => unreachable!("the loader refuses a question without words"),
            }
        }
        self.end(Disposition::Trouble)
    }

    fn act(&mut self, act: Act) -> Output {
        let allowed = match act {
            Act::Release | Act::Confirm => self.proved && self.heard,
            Act::RecordDetails | Act::KeypadRule | Act::Stop | Act::Later | Act::Deny => self.proved,
        };
        self.phase = Phase::Doing(act);
        if allowed {
            Output::Do(act)
        } else {
            // A script that leads here is wrong; it moves no money.
            self.did(act, Outcome::Trouble)
        }
    }

    fn did(&mut self, act: Act, outcome: Outcome) -> Output {
        match outcome {
            Outcome::Recorded => self.heard = true,
            Outcome::Posted | Outcome::Confirmed => self.settled = Some(Disposition::Confirmed),
            Outcome::Stopped | Outcome::Denied => self.settled = Some(Disposition::Stopped),
            Outcome::Booked => self.settled = Some(Disposition::Later),
            Outcome::NotWaiting => self.settled = Some(Disposition::DecidedElsewhere),
            Outcome::Failed => self.settled = Some(Disposition::NotPossible),
            Outcome::Expired => self.settled = Some(Disposition::Expired),
            Outcome::Allowed | Outcome::AppOnly | Outcome::NoRoom | Outcome::Trouble => {}
        }
        let Next::Do(expected, leads) = &self.step().next else {
            return self.end(Disposition::Trouble);
        };
        match leads.get(&outcome) {
            Some(to) if *expected == act => self.enter(*to),
            _ => self.end(Disposition::Trouble),
        }
    }

    fn said(&mut self) -> Output {
        match &self.step().next {
            Next::Go(to) => self.enter(*to),
            Next::Ask(ask) => {
                self.phase = Phase::Listening;
                Output::Listen {
                    long: matches!(ask, Ask::Choice { long: true, .. }),
                }
            }
            Next::Do(act, _) => self.act(*act),
            Next::End(disposition) => self.end(*disposition),
        }
    }

    fn key_while_saying(&mut self, key: char) -> Output {
        let step = self.step();
        if let Some(to) = digit(key).and_then(|key| step.early.get(&key)) {
            return self.enter(*to);
        }
        match &step.next {
            Next::Ask(Ask::Choice { .. }) => self.answer(key),
            _ => {
                self.dropped = true;
                Output::GoOn
            }
        }
    }

    fn answer(&mut self, key: char) -> Output {
        let Next::Ask(ask) = &self.step().next else {
            return Output::GoOn;
        };
        let key = digit(key);
        match ask {
            Ask::Proof { right } if key == Some(self.proof) => {
                self.proved = true;
                self.silences = 0;
                self.enter(*right)
            }
            Ask::Choice { keys, .. } => match key.and_then(|key| keys.get(&key)) {
                Some(to) => self.choose(*to),
                None => self.wrong_key(),
            },
            Ask::Proof { .. } => self.wrong_key(),
        }
    }

    fn choose(&mut self, to: StepId) -> Output {
        self.silences = 0;
        let acts = matches!(self.script.step(to).next, Next::Do(..));
        if !acts {
            self.repeats += 1;
            if self.repeats > self.bounds.repeats {
                return self.wrong_key();
            }
        }
        self.enter(to)
    }

    fn wrong_key(&mut self) -> Output {
        self.wrong_keys += 1;
        if self.wrong_keys >= self.bounds.wrong_keys {
            self.settled = Some(Disposition::WrongKeys);
            return self.enter(self.script.wrong_keys);
        }
        self.ask_again(PromptId::NotUnderstood)
    }

    fn silence(&mut self) -> Output {
        self.silences += 1;
        if self.silences >= self.bounds.silences {
            return self.enter(self.script.silent);
        }
        if self.dropped {
            self.ask_again(PromptId::KeysAfterQuestion)
        } else {
            self.ask_again(PromptId::NoInput)
        }
    }

    fn ask_again(&mut self, why: PromptId) -> Output {
        self.phase = Phase::Saying;
        self.dropped = false;
        let mut lines = vec![Line::Prompt(why)];
        lines.extend(self.step().say.iter().cloned());
        Output::Say(lines)
    }

    fn may_switch_language(&self) -> bool {
        self.settled.is_none() && self.repeats < self.bounds.repeats
    }

    fn switch_language(&mut self) -> Output {
        self.repeats += 1;
        self.language = self.language.other();
        let again = self.step().again.unwrap_or(self.at);
        match self.enter(again) {
            Output::Say(lines) => {
                let mut switched = vec![Line::Prompt(PromptId::LanguageSwitched)];
                switched.extend(lines);
                Output::Say(switched)
            }
            other => other,
        }
    }

    fn decided_elsewhere(&mut self, ended: Ended) -> Output {
        if self.settled.is_some() {
            return Output::GoOn;
        }
        self.settled = Some(match ended {
            Ended::Posted | Ended::Stopped => Disposition::DecidedElsewhere,
            Ended::Expired => Disposition::Expired,
        });
        self.enter(self.script.elsewhere(ended))
    }

    fn end(&mut self, disposition: Disposition) -> Output {
        let disposition = self.settled.unwrap_or(disposition);
        self.phase = Phase::Over(disposition);
        Output::End(disposition)
    }
}

fn digit(key: char) -> Option<Key> {
    key.to_digit(10).and_then(|digit| Key::new(digit as u8))
}
