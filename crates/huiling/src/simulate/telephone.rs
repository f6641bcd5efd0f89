//! Calls without a wire: the carrier's and the customer's part is drawn, the program's is its own
//! scripts, cases and attempts.

use super::doors::NODE;
use super::world::{Broken, Step, World};
use base::{CallId, Timestamp};
use calls::attempts::{self, Begun, Words};
use calls::cases::{CaseKind, CaseState};
use calls::scripts::{Act, Ask, Bounds, Ended, Input, Interpreter, Key, Next, Outcome, Output};
use calls::{Disposition, Rules, cases, status};

/// Between two tries of a call's transaction.
const PAUSE_MS: i64 = 700;
/// How long an answered customer waits for a commit.
const PATIENCE_MS: i64 = 8_000;
const TAKEN_AT_ONCE: usize = 16;

/// Where a call has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Rings,
    /// The carrier or the customer decides.
    Decides,
    Said,
    Heard,
    Acts(Act, Timestamp),
    Ends(Disposition),
}

/// What the customer and the carrier make of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Fails(Disposition),
    Confirms,
    Stops,
    Later,
    WrongKeys,
    Silent,
    HangsUp,
    SignsIn,
}

/// A call under way.
pub struct Talking {
    begun: Begun,
    fate: Fate,
    forwarded: bool,
    words: Words,
    answering_since: Option<Timestamp>,
    interpreter: Option<Interpreter>,
}

impl World {
    /// Says that the program lives, as the dialer does.
    pub fn beat(&mut self) -> Result<(), Broken> {
        let (now, until) = (self.now(), self.now().plus_ms(self.call_policy.lease_ms));
        self.write("a sign of life", move |tx| {
            Ok(status::beat(tx, NODE, now, until, status::LineState::Up)?)
        })?;
        Ok(())
    }

    /// Begins the calls that are due.
    pub fn dial(&mut self) -> Result<usize, Broken> {
        if !self.house.as_ref().is_some_and(|house| house.settled) {
            return Ok(0);
        }
        let (ambient, policy) = (self.ambient.clone(), self.call_policy.clone());
        let begun = self.write("taking due cases", move |tx| {
            Ok(attempts::begin_due(tx, &ambient, &policy, NODE, TAKEN_AT_ONCE)?)
        })?;
        let begun = begun.unwrap_or_default();
        let count = begun.len();
        for begun in begun {
            let call = begun.attempt.id;
            let talking = Talking {
                fate: self.fate(),
                forwarded: self.percent(3),
                words: Words::random(&self.ambient.rng),
                answering_since: None,
                interpreter: None,
                begun,
            };
            self.month.calls += 1;
            if let Some(house) = &mut self.house {
                house.live.insert(call, talking);
            }
            let soon_ms = self.draw(300, 3_000);
            self.later_ms(soon_ms, Step::Call(call, Moment::Rings));
        }
        Ok(count)
    }

    fn fate(&self) -> Fate {
        match self.chance.below(100) {
            0..5 => Fate::Fails(Disposition::Busy),
            5..17 => Fate::Fails(Disposition::NoAnswer),
            17..19 => Fate::Fails(Disposition::Declined),
            19..21 => Fate::Fails(Disposition::Unreachable),
            21..25 => Fate::Fails(Disposition::LineDown),
            25 => Fate::Fails(Disposition::WrongNumber),
            26..67 => Fate::Confirms,
            67..73 => Fate::Stops,
            73..79 => Fate::Later,
            79..84 => Fate::WrongKeys,
            84..88 => Fate::Silent,
            88..94 => Fate::HangsUp,
            _ => Fate::SignsIn,
        }
    }

    /// The next moment of a call; one that died with its process has none.
    pub fn call_goes_on(&mut self, call: CallId, moment: Moment) -> Result<(), Broken> {
        let Some(mut talking) = self.house.as_mut().and_then(|house| house.live.remove(&call)) else {
            return Ok(());
        };
        let next = match moment {
            Moment::Rings => self.rings(&talking)?,
            Moment::Decides => self.decides(&mut talking)?,
            Moment::Said => self.said(&mut talking)?,
            Moment::Heard => self.heard(&mut talking)?,
            Moment::Acts(act, since) => self.acts(&mut talking, act, since)?,
            Moment::Ends(disposition) => {
                if self.end_attempt(call, disposition)? {
                    self.wake();
                    return Ok(());
                }
                Some((self.draw(500, 5_000), moment))
            }
        };
        let Some(house) = &mut self.house else {
            return Ok(());
        };
        house.live.insert(call, talking);
        if let Some((after_ms, moment)) = next {
            self.later_ms(after_ms, Step::Call(call, moment));
        }
        Ok(())
    }

    fn rings(&mut self, talking: &Talking) -> Result<Option<(i64, Moment)>, Broken> {
        let (ambient, attempt, forwarded) = (
            self.ambient.clone(),
            talking.begun.attempt.clone(),
            talking.forwarded,
        );
        self.write("ringing", move |tx| {
            Ok(attempts::ringing(tx, &ambient, &attempt, forwarded)?)
        })?;
        let rings_ms = match talking.fate {
            Fate::Fails(Disposition::NoAnswer) => i64::from(self.call_policy.ring_ms),
            _ => self.draw(800, 25_000),
        };
        Ok(Some((rings_ms, Moment::Decides)))
    }

    fn decides(&mut self, talking: &mut Talking) -> Result<Option<(i64, Moment)>, Broken> {
        if self.decided_elsewhere(&talking.begun)?.is_some() {
            return Ok(Some((0, Moment::Ends(Disposition::DecidedElsewhere))));
        }
        if let Fate::Fails(disposition) = talking.fate {
            return Ok(Some((0, Moment::Ends(disposition))));
        }
        let now = self.now();
        let since = *talking.answering_since.get_or_insert(now);
        let (ambient, begun, words, forwarded) = (
            self.ambient.clone(),
            talking.begun.clone(),
            talking.words,
            talking.forwarded,
        );
        let spoken = matches!(begun.case.kind, CaseKind::PaymentConfirmation(_));
        let answered = self.write("answering", move |tx| {
            let words = spoken.then_some(words);
            Ok(attempts::answered(
                tx,
                &ambient,
                &begun.case,
                &begun.attempt,
                words,
                forwarded,
            )?)
        })?;
        match answered {
            Some(true) => {}
            Some(false) => return Ok(Some((0, Moment::Ends(Disposition::Interrupted)))),
            None if now.since(since).as_millis() < 5_000 => return Ok(Some((PAUSE_MS, Moment::Decides))),
            None => return Ok(Some((0, Moment::Ends(Disposition::Trouble)))),
        }
        self.month.answered += 1;
        let script = calls::script_of(talking.begun.case.kind);
        let script = script.ok_or_else(|| self.broken("a case that no machine calls about was called"))?;
        let proof = Key::new(talking.begun.attempt.proof_digit);
        let proof = proof.ok_or_else(|| self.broken("the proof digit is no key"))?;
        let bounds = Bounds {
            wrong_keys: self.call_policy.max_wrong_keys,
            silences: self.call_policy.max_silences,
            repeats: self.call_policy.max_repeats,
        };
        let (interpreter, first) = Interpreter::begin(script, bounds, proof, talking.begun.matter.language);
        talking.interpreter = Some(interpreter);
        Ok(Some(self.follow(first)))
    }

    /// What the program does next, and how long it takes.
    fn follow(&self, output: Output) -> (i64, Moment) {
        match output {
            Output::Say(_) => (self.draw(1_500, 12_000), Moment::Said),
            Output::Listen { .. } | Output::GoOn => (self.draw(600, 7_000), Moment::Heard),
            Output::Do(act) => (20, Moment::Acts(act, self.now().plus_ms(20))),
            Output::End(disposition) => (0, Moment::Ends(disposition)),
        }
    }

    fn input(&self, talking: &mut Talking, input: Input) -> Result<Option<(i64, Moment)>, Broken> {
        let interpreter = talking.interpreter.as_mut();
        let interpreter = interpreter.ok_or_else(|| self.broken("nobody talks on this call"))?;
        let output = interpreter.next(input);
        Ok(Some(self.follow(output)))
    }

    /// Somebody may hang up at any time, and the matter may be decided elsewhere.
    fn cut(&mut self, talking: &mut Talking) -> Result<Option<(i64, Moment)>, Broken> {
        let settled = talking.interpreter.as_ref().and_then(Interpreter::settled);
        let hangs_up = self.percent(if talking.fate == Fate::HangsUp { 30 } else { 1 });
        if hangs_up {
            let disposition = settled.unwrap_or(Disposition::HungUp);
            return Ok(Some((0, Moment::Ends(disposition))));
        }
        if settled.is_some() {
            return Ok(None);
        }
        match self.decided_elsewhere(&talking.begun)? {
            Some(ended) => self.input(talking, Input::Elsewhere(ended)),
            None => Ok(None),
        }
    }

    fn said(&mut self, talking: &mut Talking) -> Result<Option<(i64, Moment)>, Broken> {
        if let Some(cut) = self.cut(talking)? {
            return Ok(Some(cut));
        }
        // Impatient fingers: a key in the middle of a line.
        if self.percent(6) {
            let key = char::from(b'0' + self.chance.below(10) as u8);
            if key != '1' && key != '2' {
                return self.input(talking, Input::Key(key));
            }
        }
        self.input(talking, Input::Said)
    }

    fn heard(&mut self, talking: &mut Talking) -> Result<Option<(i64, Moment)>, Broken> {
        if let Some(cut) = self.cut(talking)? {
            return Ok(Some(cut));
        }
        let Some(interpreter) = &talking.interpreter else {
            return Err(self.broken("nobody listens on this call"));
        };
        let input = match &interpreter.step().next {
            Next::Ask(Ask::Proof { .. }) => match talking.fate {
                Fate::Silent => Input::Silence,
                Fate::WrongKeys => Input::Key('1'),
                _ => Input::Key(char::from(b'0' + talking.begun.attempt.proof_digit)),
            },
            Next::Ask(Ask::Choice { long, .. }) => self.chosen(talking, *long),
            Next::Go(_) | Next::Do(..) | Next::End(_) => Input::Said,
        };
        self.input(talking, input)
    }

    fn chosen(&mut self, talking: &Talking, app_only: bool) -> Input {
        let case = talking.begun.case.kind;
        match talking.fate {
            Fate::Stops => Input::Key('2'),
            Fate::Later => Input::Key('8'),
            Fate::WrongKeys => Input::Key('5'),
            Fate::Silent | Fate::HangsUp | Fate::Fails(_) => Input::Silence,
            Fate::Confirms if !app_only => {
                if let CaseKind::PaymentConfirmation(_) = case {
                    self.memory.pressed_one.insert(talking.begun.attempt.id);
                }
                Input::Key('1')
            }
            Fate::Confirms | Fate::SignsIn => {
                if let CaseKind::PaymentConfirmation(payment) = case {
                    let soon_ms = self.draw(2_000, 20_000);
                    self.later_ms(soon_ms, Step::SignIn(payment));
                }
                if app_only { Input::Key('1') } else { Input::Silence }
            }
        }
    }

    fn acts(
        &mut self,
        talking: &mut Talking,
        act: Act,
        since: Timestamp,
    ) -> Result<Option<(i64, Moment)>, Broken> {
        let Some(outcome) = self.act(talking, act)? else {
            if (self.now().since(since).as_millis() as i64) < PATIENCE_MS {
                return Ok(Some((PAUSE_MS, Moment::Acts(act, since))));
            }
            return self.input(talking, Input::Did(Outcome::Trouble));
        };
        // The same act once more, as after an answer that was lost.
        if self.percent(10)
            && let Some(again) = self.act(talking, act)?
        {
            self.must(again == outcome, || {
                format!("{act:?} on a call was {outcome:?}, and again {again:?}")
            })?;
        }
        self.input(talking, Input::Did(outcome))
    }

    fn act(&self, talking: &Talking, act: Act) -> Result<Option<Outcome>, Broken> {
        let (ambient, begun, forwarded) = (self.ambient.clone(), talking.begun.clone(), talking.forwarded);
        let (policy, money) = (self.call_policy.clone(), self.policy.clone());
        self.write("an act on a call", move |tx| {
            let rules = Rules {
                calls: &policy,
                money: &money,
            };
            Ok(calls::act(tx, &ambient, &rules, &begun, act, forwarded)?)
        })
    }

    fn decided_elsewhere(&self, begun: &Begun) -> Result<Option<Ended>, Broken> {
        let kind = begun.case.kind;
        Ok(self
            .read("what became of a call's matter", move |tx| {
                Ok(calls::decided(tx, kind)?)
            })?
            .flatten())
    }

    /// Writes the end of an attempt, now and then twice; `false`: not yet.
    pub fn end_attempt(&mut self, call: CallId, disposition: Disposition) -> Result<bool, Broken> {
        let (ambient, policy) = (self.ambient.clone(), self.call_policy.clone());
        let end =
            move |tx: &mut store::Tx<'_>| Ok(attempts::finish(tx, &ambient, &policy, call, disposition)?);
        if self.write("ending a call", end.clone())?.is_none() {
            return Ok(false);
        }
        if self.percent(10) {
            let again = self.write("ending a call again", end)?;
            self.must(again != Some(true), || format!("the call {call} ended twice"))?;
        }
        Ok(true)
    }

    /// Every case that is being called has its call here, and every call its case.
    pub fn prove_calls(&self) -> Result<(), Broken> {
        let now = self.now();
        let unfinished = self.read("unfinished calls", move |tx| {
            Ok(attempts::unfinished_of(tx, NODE, now)?)
        })?;
        let live = self
            .house
            .as_ref()
            .map(|house| house.live.keys().copied().collect::<Vec<_>>());
        let live = live.unwrap_or_default();
        for attempt in unfinished.unwrap_or_default() {
            self.must(live.contains(&attempt.id), || {
                format!("the call {} is not under way", attempt.id)
            })?;
        }
        let calling = self.read("cases on call", |tx| {
            Ok(cases::list(tx, Some(CaseState::Calling), None)?.cases)
        })?;
        for case in calling.unwrap_or_default() {
            let here = self.house.as_ref().is_some_and(|house| {
                house
                    .live
                    .values()
                    .any(|talking| talking.begun.case.id == case.id)
            });
            self.must(here, || {
                format!("the case {} waits for a call that does not exist", case.id)
            })?;
        }
        Ok(())
    }
}
