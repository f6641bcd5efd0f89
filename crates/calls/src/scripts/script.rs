use crate::Disposition;
use phone::prompts::PromptId;
use std::collections::BTreeMap;

/// A script: steps that name each other. Made only by [`Script::load`], which checks it whole.
#[derive(Clone, Debug)]
pub struct Script {
    pub name: String,
    pub version: u32,
    pub(super) steps: Vec<Step>,
    pub(super) first: StepId,
    pub(super) wrong_keys: StepId,
    pub(super) silent: StepId,
    pub(super) elsewhere: [StepId; 3],
}

/// The place of a step in its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepId(pub(super) usize);

#[derive(Clone, Debug)]
pub struct Step {
    pub name: String,
    pub say: Vec<Line>,
    /// Keys that count while the step is spoken.
    pub early: BTreeMap<Key, StepId>,
    /// Where a change of language begins anew.
    pub again: Option<StepId>,
    pub next: Next,
}

/// One thing that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Prompt(PromptId),
    /// "Press N", with this call's random N.
    PressDigit,
    /// The matching words of this call.
    Words,
    /// What the call is about, in full: a payment's amount and payee, an application's limit.
    Details,
}

/// What follows when a step has been said.
#[derive(Clone, Debug)]
pub enum Next {
    Go(StepId),
    Ask(Ask),
    Do(Act, BTreeMap<Outcome, StepId>),
    End(Disposition),
}

/// The answers that a script can ask for. There is no type for text, numbers or secrets:
/// an answer is one key, and each key means one thing.
#[derive(Clone, Debug)]
pub enum Ask {
    /// The random digit just named: proof that a person listens.
    Proof {
        right: StepId,
    },
    Choice {
        keys: BTreeMap<Key, StepId>,
        long: bool,
    },
}

/// `1` to `9`; zero is the change of language, everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(u8);

impl Key {
    pub fn new(digit: u8) -> Option<Self> {
        (1..=9).contains(&digit).then_some(Self(digit))
    }

    pub fn digit(self) -> u8 {
        self.0
    }

    pub fn character(self) -> char {
        char::from(b'0' + self.0)
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$item_doc])* $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.name() == name)
            }
        }
    };
}

named! {
    /// What a call can do. Each is one short transaction.
    Act {
        /// Notes that amount and payee (or the application's limit) were played in full.
        RecordDetails = "record-details",
        /// Asks whether this payment may be released by key on this call.
        KeypadRule = "keypad-rule",
        Release = "release",
        /// Voids the payment and freezes the wallet.
        Stop = "stop",
        /// Books another call.
        Later = "later",
        /// The applicant says that it was them.
        Confirm = "confirm",
        /// The applicant says that it was not them.
        Deny = "deny",
    }
}

named! {
    /// How an act went.
    Outcome {
        Recorded = "recorded",
        Allowed = "allowed",
        AppOnly = "app-only",
        Posted = "posted",
        NotWaiting = "not-waiting",
        Expired = "expired",
        Failed = "failed",
        Stopped = "stopped",
        Booked = "booked",
        NoRoom = "no-room",
        Confirmed = "confirmed",
        Denied = "denied",
        Trouble = "trouble",
    }
}

named! {
    /// How the matter of the call was decided while we were speaking.
    Ended {
        Posted = "posted",
        Stopped = "stopped",
        Expired = "expired",
    }
}

impl Act {
    /// Every outcome that this act can have, in order.
    pub fn outcomes(self) -> &'static [Outcome] {
        match self {
            Self::RecordDetails => &[Outcome::Recorded, Outcome::Trouble],
            Self::KeypadRule => &[Outcome::Allowed, Outcome::AppOnly, Outcome::Trouble],
            Self::Release => &[
                Outcome::AppOnly,
                Outcome::Posted,
                Outcome::NotWaiting,
                Outcome::Expired,
                Outcome::Failed,
                Outcome::Trouble,
            ],
            Self::Stop => &[Outcome::NotWaiting, Outcome::Stopped, Outcome::Trouble],
            Self::Later => &[Outcome::Booked, Outcome::NoRoom, Outcome::Trouble],
            Self::Confirm => &[Outcome::NotWaiting, Outcome::Confirmed, Outcome::Trouble],
            Self::Deny => &[Outcome::NotWaiting, Outcome::Denied, Outcome::Trouble],
        }
    }
}

impl Step {
    /// Whether this key is one of the choices here, or the change of language.
    pub fn offers(&self, key: char) -> bool {
        let digit = key.to_digit(10).and_then(|digit| Key::new(digit as u8));
        let asked = match &self.next {
            Next::Ask(Ask::Choice { keys, .. }) => digit.is_some_and(|key| keys.contains_key(&key)),
            _ => false,
        };
        key == '0' || asked || digit.is_some_and(|key| self.early.contains_key(&key))
    }
}

impl Script {
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0]
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(super) fn elsewhere(&self, ended: Ended) -> StepId {
        match ended {
            Ended::Posted => self.elsewhere[0],
            Ended::Stopped => self.elsewhere[1],
            Ended::Expired => self.elsewhere[2],
        }
    }
}
