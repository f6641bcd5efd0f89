//! Reads a script from its data file and refuses one that is unsound or asks for a secret.

use super::script::{Act, Ask, Key, Line, Next, Outcome, Script, Step, StepId};
use super::wording;
use crate::Disposition;
use base::Language;
use phone::prompts::PromptId;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Steps in one script.
const MAX_STEPS: usize = 200;

/// Why a script is not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    #[error("not a script file: {0}")]
    Form(String),
    #[error("two steps are named {0}")]
    Twice(String),
    #[error("{at} leads to {to}, which is no step")]
    NoSuchStep { at: String, to: String },
    #[error("step {0} is never reached")]
    Unreachable(String),
    #[error("step {step}: {what}")]
    Step { step: String, what: String },
    #[error("step {step} says {line}, which asks for {secret}: no call may ask for that")]
    AsksForSecret {
        step: String,
        line: String,
        secret: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    version: u32,
    first: String,
    wrong_keys: String,
    silent: String,
    elsewhere: Elsewhere,
    step: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    posted: String,
    stopped: String,
    expired: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    name: String,
    #[serde(default)]
    say: Vec<String>,
    #[serde(default)]
    early: BTreeMap<String, String>,
    again: Option<String>,
    then: Option<String>,
    ask: Option<AnswerType>,
    right: Option<String>,
    #[serde(default)]
    keys: BTreeMap<String, String>,
    wait: Option<Wait>,
    act: Option<String>,
    #[serde(default)]
    on: BTreeMap<String, String>,
    end: Option<String>,
}

/// The only types an answer can have.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AnswerType {
    Proof,
    Choice,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Wait {
    Long,
}

impl Script {
    /// # Errors
    /// When the file is malformed, leads nowhere, or asks for what no call may ask.
    pub fn load(text: &str) -> Result<Self, ScriptError> {
        let file: File = toml::from_str(text).map_err(|error| ScriptError::Form(error.to_string()))?;
        if file.step.len() > MAX_STEPS {
            return Err(ScriptError::Form(format!("more than {MAX_STEPS} steps")));
        }
        let mut names = BTreeMap::new();
        for (place, step) in file.step.iter().enumerate() {
            if names.insert(step.name.clone(), StepId(place)).is_some() {
                return Err(ScriptError::Twice(step.name.clone()));
            }
        }
        let names = Names(names);
        let steps: Vec<Step> = file
            .step
            .iter()
            .map(|raw| names.step(raw))
            .collect::<Result<_, _>>()?;
        let script = Self {
            first: names.find("first", &file.first)?,
            wrong_keys: names.find("wrong_keys", &file.wrong_keys)?,
            silent: names.find("silent", &file.silent)?,
            elsewhere: [
                names.find("elsewhere", &file.elsewhere.posted)?,
                names.find("elsewhere", &file.elsewhere.stopped)?,
                names.find("elsewhere", &file.elsewhere.expired)?,
            ],
            name: file.name,
            version: file.version,
            steps,
        };
        check_reachable(&script)?;
        Ok(script)
    }
}

struct Names(BTreeMap<String, StepId>);

impl Names {
    fn find(&self, at: &str, to: &str) -> Result<StepId, ScriptError> {
        self.0.get(to).copied().ok_or_else(|| ScriptError::NoSuchStep {
            at: at.into(),
            to: to.into(),
        })
    }

    fn step(&self, raw: &RawStep) -> Result<Step, ScriptError> {
        let say = raw
            .say
            .iter()
            .map(|text| line(&raw.name, text))
            .collect::<Result<_, _>>()?;
        Ok(Step {
            name: raw.name.clone(),
            say,
            early: self.keys(raw, &raw.early)?,
            again: raw
                .again
                .as_ref()
                .map(|to| self.find(&raw.name, to))
                .transpose()?,
            next: self.next(raw)?,
        })
    }

    fn next(&self, raw: &RawStep) -> Result<Next, ScriptError> {
        let wrong = |what: &str| Err(unsound(raw, what));
        if raw.ask.is_none() && (raw.right.is_some() || !raw.keys.is_empty() || raw.wait.is_some()) {
            return wrong("`right`, `keys` and `wait` belong to `ask`");
        }
        match (&raw.then, raw.ask, &raw.act, &raw.end) {
            (Some(then), None, None, None) => Ok(Next::Go(self.find(&raw.name, then)?)),
            (None, Some(ask), None, None) => self.ask(raw, ask).map(Next::Ask),
            (None, None, Some(act), None) => self.act(raw, act),
            (None, None, None, Some(end)) => match Disposition::from_code(end) {
                Some(disposition) => Ok(Next::End(disposition)),
                None => wrong("unknown end"),
            },
            _ => wrong("needs exactly one of then, ask, act, end"),
        }
    }

    fn ask(&self, raw: &RawStep, answer: AnswerType) -> Result<Ask, ScriptError> {
        if raw.say.is_empty() {
            return Err(unsound(raw, "asks without saying anything"));
        }
        match (answer, &raw.right) {
            (AnswerType::Proof, Some(right)) if raw.keys.is_empty() && raw.say == ["{press-n}"] => {
                Ok(Ask::Proof {
                    right: self.find(&raw.name, right)?,
                })
            }
            (AnswerType::Proof, _) => Err(unsound(raw, "a proof says {press-n} and has `right` alone")),
            (AnswerType::Choice, None) if !raw.keys.is_empty() => Ok(Ask::Choice {
                keys: self.keys(raw, &raw.keys)?,
                long: raw.wait.is_some(),
            }),
            (AnswerType::Choice, _) => Err(unsound(raw, "a choice has `keys` alone")),
        }
    }

    fn act(&self, raw: &RawStep, name: &str) -> Result<Next, ScriptError> {
        let Some(act) = Act::from_name(name) else {
            return Err(unsound(raw, "unknown act"));
        };
        if !raw.say.is_empty() {
            return Err(unsound(raw, "an act says nothing"));
        }
        let mut leads = BTreeMap::new();
        for (outcome, to) in &raw.on {
            let Some(outcome) = Outcome::from_name(outcome) else {
                return Err(unsound(raw, "unknown outcome"));
            };
            leads.insert(outcome, self.find(&raw.name, to)?);
        }
        if !leads.keys().eq(act.outcomes()) {
            return Err(unsound(raw, "`on` must name exactly the outcomes of its act"));
        }
        Ok(Next::Do(act, leads))
    }

    fn keys(
        &self,
        raw: &RawStep,
        keys: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<Key, StepId>, ScriptError> {
        keys.iter()
            .map(|(key, to)| {
                let key = key.parse().ok().and_then(Key::new);
                let key = key.ok_or_else(|| unsound(raw, "a key is one digit, 1 to 9"))?;
                Ok((key, self.find(&raw.name, to)?))
            })
            .collect()
    }
}

fn line(step: &str, text: &str) -> Result<Line, ScriptError> {
    match text {
        "{press-n}" => return Ok(Line::PressDigit),
        "{words}" => return Ok(Line::Words),
        "{details}" => return Ok(Line::Details),
        _ => {}
    }
    let Some(prompt) = PromptId::ALL.iter().copied().find(|prompt| prompt.id() == text) else {
        return Err(ScriptError::Step {
            step: step.into(),
            what: format!("there is no prompt named {text}"),
        });
    };
    for language in Language::ALL {
        if let Some(secret) = wording::asks_for(prompt.text(language)) {
            return Err(ScriptError::AsksForSecret {
                step: step.into(),
                line: text.into(),
                secret,
            });
        }
    }
    Ok(Line::Prompt(prompt))
}

fn unsound(raw: &RawStep, what: &str) -> ScriptError {
    ScriptError::Step {
        step: raw.name.clone(),
        what: what.into(),
    }
}

fn check_reachable(script: &Script) -> Result<(), ScriptError> {
    let mut seen: BTreeSet<StepId> = BTreeSet::new();
    let mut open = vec![script.first, script.wrong_keys, script.silent];
    open.extend(script.elsewhere);
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let step = script.step(id);
        open.extend(step.early.values().chain(step.again.as_ref()));
        match &step.next {
            Next::Go(to) | Next::Ask(Ask::Proof { right: to }) => open.push(*to),
            Next::Ask(Ask::Choice { keys, .. }) => open.extend(keys.values()),
            Next::Do(_, leads) => open.extend(leads.values()),
            Next::End(_) => {}
        }
    }
    match (0..script.steps.len()).find(|place| !seen.contains(&StepId(*place))) {
        Some(place) => Err(ScriptError::Unreachable(script.steps[place].name.clone())),
        None => Ok(()),
    }
}
