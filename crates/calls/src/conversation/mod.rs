//! What happens between the answer and the hanging up: the script's interpreter says what to do,
//! this folder does it on the telephone and in the database.

mod application_callback;
mod asking;
mod elsewhere;
mod minutes;
mod number_check;
mod payment_confirmation;
mod yes_or_no;

pub(crate) use elsewhere::Elsewhere;
pub use elsewhere::decided;
pub(crate) use minutes::Minutes;

use crate::attempts::{Begun, Words};
use crate::cases::{self, CaseKind, Happening};
use crate::dialer::Desk;
use crate::scripts::{self, Act, Bounds, Input, Interpreter, Key, Outcome, Output, Script};
use crate::transcripts::Heard;
use crate::{CallPolicy, CallsError, Disposition};
use asking::{Asking, Turn};
use base::Ambient;
use phone::prompts::{PromptId, SpokenLine};
use phone::{Call, Hangup};
use std::sync::Arc;
use std::time::Duration;
use store::Tx;

/// How long a customer on the line waits for a commit.
const ACT_PATIENCE: Duration = Duration::from_secs(8);

/// Renders the sentences of this call while the telephone rings.
pub(crate) fn warm(desk: &Arc<Desk>, begun: &Begun) {
    let (voice, language) = (desk.parts.voice.clone(), begun.matter.language);
    let lines = [
        begun.matter.details.clone(),
        SpokenLine::PressDigit(begun.attempt.proof_digit),
    ];
    tokio::task::spawn_blocking(move || {
        for line in &lines {
            voice.warm(language, line);
        }
    });
}

/// Talks until the script has ended, the customer hangs up, the time is over, or we are told to stop.
pub(crate) async fn hold(
    desk: &Arc<Desk>,
    begun: &Begun,
    words: Option<Words>,
    call: &mut Call,
    elsewhere: Elsewhere,
    minutes: &Minutes,
) -> Disposition {
    let policy = &desk.parts.policy;
    let Some((script, proof)) = script_of(begun.case.kind).zip(Key::new(begun.attempt.proof_digit)) else {
        return Disposition::Trouble;
    };
    let bounds = Bounds {
        wrong_keys: policy.max_wrong_keys,
        silences: policy.max_silences,
        repeats: policy.max_repeats,
    };
    let (interpreter, first) = Interpreter::begin(script, bounds, proof, begun.matter.language);
    let mut talk = Talk {
        desk,
        begun,
        interpreter,
        asking: Asking::new(desk, begun, words, call, elsewhere, minutes),
        minutes,
    };
    let longest = Duration::from_millis(u64::from(policy.call_ms));
    let cut_short = tokio::select! {
        disposition = talk.go_on(first) => return disposition,
        () = tokio::time::sleep(longest) => Disposition::TooLong,
        () = desk.stop.cancelled() => Disposition::Interrupted,
    };
    talk.interpreter.settled().unwrap_or(cut_short)
}

/// Something failed before anything could be asked.
pub(crate) async fn apologize(desk: &Arc<Desk>, begun: &Begun, call: &mut Call) {
    let line = SpokenLine::Fixed(PromptId::Trouble);
    for sound in asking::sounds(desk, begun.matter.language, vec![line]).await {
        call.play(sound).await;
    }
}

struct Talk<'a> {
    desk: &'a Arc<Desk>,
    begun: &'a Begun,
    interpreter: Interpreter,
    asking: Asking<'a>,
    minutes: &'a Minutes,
}

impl Talk<'_> {
    async fn go_on(&mut self, first: Output) -> Disposition {
        let mut output = first;
        loop {
            if output != Output::GoOn {
                self.asking.put_down();
            }
            if self.interpreter.settled().is_some() {
                self.asking.decided_here();
            }
            let turn = match output {
                Output::Say(lines) => {
                    if !self.asking.prepare(self.interpreter.language(), &lines).await {
                        tracing::error!(step = self.interpreter.step().name, "a line has no sound");
                        return self.interpreter.settled().unwrap_or(Disposition::Trouble);
                    }
                    self.asking.say().await
                }
                Output::Listen { long } => self.asking.listen(long).await,
                Output::GoOn => self.asking.go_on().await,
                Output::Do(act) => Turn::Input(Input::Did(self.perform(act).await)),
                Output::End(disposition) => return disposition,
            };
            let input = match turn {
                Turn::Input(input) => input,
                Turn::Over(by) => return self.interpreter.settled().unwrap_or_else(|| lost(by)),
            };
            output = self.advance(input);
        }
    }

    /// One step of the interpreter, noted where it is part of the story.
    fn advance(&mut self, input: Input) -> Output {
        let (step, proved, language) = (
            self.interpreter.step(),
            self.interpreter.proved(),
            self.interpreter.language(),
        );
        let output = self.interpreter.next(input);
        if let Input::Key(key) = input {
            // What is no choice here might be anything; it is not written down.
            let shown = if step.offers(key) { key } else { '•' };
            self.note(Happening::Key, shown.to_string());
            self.minutes.heard(match &output {
                _ if self.interpreter.proved() && !proved => Heard::Proof,
                Output::GoOn => Heard::TooEarly,
                _ if step.offers(key) => Heard::Choice(key),
                _ => Heard::WrongKey,
            });
        }
        if input == Input::Silence {
            self.minutes.heard(Heard::Silence);
        }
        if self.interpreter.proved() && !proved {
            self.note(Happening::Proved, String::new());
        }
        if self.interpreter.language() != language {
            self.note(
                Happening::LanguageSwitched,
                self.interpreter.language().tag().into(),
            );
        }
        output
    }

    /// Beside the call; a note that is lost changes nothing.
    fn note(&self, happening: Happening, detail: String) {
        let (desk, case, call) = (self.desk.clone(), self.begun.case.id, self.begun.attempt.id);
        let at = desk.parts.ambient.now();
        tokio::spawn(async move {
            let noted = desk
                .write(move |tx, ambient| {
                    cases::note_at(tx, ambient, at, case, Some(call), happening, &detail)
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(
                    error = %store::causes(&error),
                    "a step of a call was not noted"
                );
            }
        });
    }

    /// One transaction. An outcome that is not known is `Trouble`: nothing is claimed about it.
    async fn perform(&self, act: Act) -> Outcome {
        let (desk, begun) = (self.desk.clone(), self.begun.clone());
        let forwarded = self.asking.forwarded();
        let done = self
            .desk
            .write_patiently(ACT_PATIENCE, move |tx, ambient| {
                let rules = Rules {
                    calls: &desk.parts.policy,
                    money: &desk.parts.money,
                };
                self::act(tx, ambient, &rules, &begun, act, forwarded)
            })
            .await;
        done.unwrap_or_else(|error| {
            tracing::error!(
                act = act.name(),
                error = %store::causes(&error),
                "an act on a call failed"
            );
            Outcome::Trouble
        })
    }
}

/// What the acts of a call obey.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'r> {
    pub calls: &'r CallPolicy,
    /// When a 1 on the keypad is enough.
    pub money: &'r money::Policy,
}

/// One act of a call, in one transaction, whatever carries the voice.
pub fn act(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rules: &Rules<'_>,
    begun: &Begun,
    act: Act,
    forwarded: bool,
) -> Result<Outcome, CallsError> {
    match begun.case.kind {
        CaseKind::PaymentConfirmation(payment) => {
            payment_confirmation::perform(tx, ambient, rules, begun, payment, act, forwarded)
        }
        CaseKind::ApplicationCallback(application) => {
            yes_or_no::perform(tx, ambient, rules, begun, act, |tx, answer| {
                application_callback::answer(tx, ambient, begun, application, answer)
            })
        }
        CaseKind::NumberCheck(check) => yes_or_no::perform(tx, ambient, rules, begun, act, |tx, answer| {
            number_check::answer(tx, ambient, begun, check, answer)
        }),
        CaseKind::Security(_) => Ok(Outcome::Trouble),
    }
}

/// What is said and asked about such a case; `None` where no machine calls.
pub fn script_of(kind: CaseKind) -> Option<&'static Script> {
    match kind {
        CaseKind::PaymentConfirmation(_) => Some(scripts::payment_confirmation()),
        CaseKind::ApplicationCallback(_) => Some(scripts::application_callback()),
        CaseKind::NumberCheck(_) => Some(scripts::number_check()),
        CaseKind::Security(_) => None,
    }
}

fn lost(by: Hangup) -> Disposition {
    match by {
        Hangup::Us | Hangup::Peer => Disposition::HungUp,
        Hangup::MediaTimeout => Disposition::MediaLost,
        Hangup::LineFailed => Disposition::Trouble,
    }
}

/// The prompt that says that the call is recorded.
fn is_consent(line: &SpokenLine) -> bool {
    matches!(
        line,
        SpokenLine::Fixed(
            PromptId::PaymentGreeting | PromptId::ApplicationGreeting | PromptId::NumberGreeting
        )
    )
}

/// Books "call me later", if a time is left. The call that asks is counted.
fn later(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rules: &Rules<'_>,
    begun: &Begun,
) -> Result<Outcome, CallsError> {
    let case = cases::get(tx, begun.case.id)?.ok_or(CallsError::Missing { what: "row" })?;
    let mut standing = case.standing();
    standing.attempts += 1;
    let Some(due) = crate::schedule::offer_later(rules.calls, ambient.now(), standing) else {
        return Ok(Outcome::NoRoom);
    };
    cases::note(
        tx,
        ambient,
        case.id,
        Some(begun.attempt.id),
        Happening::Booked,
        &due.to_rfc3339(),
    )?;
    Ok(Outcome::Booked)
}

fn spoken(line: &scripts::Line, begun: &Begun, words: Option<Words>) -> Option<SpokenLine> {
    Some(match line {
        scripts::Line::Prompt(prompt) => SpokenLine::Fixed(*prompt),
        scripts::Line::PressDigit => SpokenLine::PressDigit(begun.attempt.proof_digit),
        scripts::Line::Words => SpokenLine::MatchingWords(words?.0),
        scripts::Line::Details => begun.matter.details.clone(),
    })
}
