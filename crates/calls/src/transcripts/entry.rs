use base::{Amount, Language};
use phone::prompts::{PromptId, SpokenLine};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Milliseconds since the call was answered.
    pub from_ms: i64,
    /// The same for a key.
    pub until_ms: i64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Said {
        line: Line,
        language: Language,
        /// Played to its end; otherwise a key, the app or the customer's hanging up cut it short.
        whole: bool,
    },
    Heard(Heard),
}

/// What was said, without what must not be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Prompt(PromptId),
    /// "Press N": which N is not kept.
    PressDigit,
    /// The words on the screen: which words is not kept.
    Words,
    Payment {
        amount: Amount,
        wallet_last4: String,
    },
    Limit(Amount),
    /// A prompt that an earlier version had, by its name.
    Former(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The digit that proves a person.
    Proof,
    /// A key that is no answer here; which one is not kept.
    WrongKey,
    /// An answer that the script offers.
    Choice(char),
    /// A key before its question; which one is not kept.
    TooEarly,
    /// No key within the time for an answer.
    Silence,
}

impl Line {
    pub(crate) fn of(spoken: &SpokenLine) -> Self {
        match spoken {
            SpokenLine::Fixed(prompt) => Self::Prompt(*prompt),
            SpokenLine::PressDigit(_) => Self::PressDigit,
            SpokenLine::MatchingWords(_) => Self::Words,
            SpokenLine::PaymentDetails {
                amount,
                payee_wallet_last4,
                ..
            } => Self::Payment {
                amount: *amount,
                wallet_last4: payee_wallet_last4.clone(),
            },
            SpokenLine::ApplicationDetails { limit } => Self::Limit(*limit),
        }
    }

    /// The wording of a line that has no blanks, as it was said.
    pub fn text(&self, language: Language) -> Option<&'static str> {
        match self {
            Self::Prompt(prompt) => Some(prompt.text(language)),
            Self::PressDigit | Self::Words | Self::Payment { .. } | Self::Limit(_) | Self::Former(_) => None,
        }
    }

    /// The name of the line; that of a fixed one is its row in the prompts.
    pub fn name(&self) -> &str {
        match self {
            Self::Prompt(prompt) => prompt.id(),
            Self::PressDigit => PRESS,
            Self::Words => WORDS,
            Self::Payment { .. } => PAYMENT,
            Self::Limit(_) => LIMIT,
            Self::Former(name) => name,
        }
    }

    /// Reads a stored name with its blanks.
    pub(super) fn read(name: String, amount: Option<Amount>, wallet_last4: Option<String>) -> Self {
        match (name.as_str(), amount) {
            (PRESS, _) => Self::PressDigit,
            (WORDS, _) => Self::Words,
            (PAYMENT, Some(amount)) => Self::Payment {
                amount,
                wallet_last4: wallet_last4.unwrap_or_default(),
            },
            (LIMIT, Some(limit)) => Self::Limit(limit),
            _ => match PromptId::ALL.iter().find(|prompt| prompt.id() == name) {
                Some(prompt) => Self::Prompt(*prompt),
                None => Self::Former(name),
            },
        }
    }
}

const PRESS: &str = "press-n";
const WORDS: &str = "words";
const PAYMENT: &str = "payment-details";
const LIMIT: &str = "application-details";

impl Heard {
    pub(super) fn code(self) -> String {
        match self {
            Self::Proof => "proof".into(),
            Self::WrongKey => "wrong".into(),
            Self::Choice(key) => key.into(),
            Self::TooEarly => "early".into(),
            Self::Silence => "silence".into(),
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        let mut characters = code.chars();
        match (code, characters.next(), characters.next()) {
            ("proof", ..) => Some(Self::Proof),
            ("wrong", ..) => Some(Self::WrongKey),
            ("early", ..) => Some(Self::TooEarly),
            ("silence", ..) => Some(Self::Silence),
            (_, Some(key), None) => Some(Self::Choice(key)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Currency;

    #[test]
    fn what_was_heard_is_read_back() {
        let all = [
            Heard::Proof,
            Heard::WrongKey,
            Heard::Choice('1'),
            Heard::TooEarly,
            Heard::Silence,
        ];
        for heard in all {
            assert_eq!(Heard::from_code(&heard.code()), Some(heard));
        }
        assert_eq!(Heard::from_code("12"), None);
        assert_eq!(Heard::from_code(""), None);
    }

    #[test]
    fn lines_are_read_back_and_a_former_one_keeps_its_name() {
        let amount = Amount::new(5, Currency::Cny);
        let lines = [
            Line::PressDigit,
            Line::Words,
            Line::Limit(amount),
            Line::Former("a-prompt-of-old".into()),
        ];
        let fixed = PromptId::ALL.iter().map(|prompt| Line::Prompt(*prompt));
        for line in lines.into_iter().chain(fixed) {
            assert_eq!(Line::read(line.name().into(), Some(amount), None), line);
        }
    }

    #[test]
    fn neither_the_digit_nor_the_words_nor_a_name_are_kept() {
        let details = SpokenLine::PaymentDetails {
            amount: Amount::new(125_000, Currency::Cny),
            payee_name: "王小明".into(),
            payee_wallet_last4: "1688".into(),
        };
        let word = phone::prompts::MatchingWord::from_random(7);
        for spoken in [
            SpokenLine::PressDigit(7),
            SpokenLine::MatchingWords([word, word]),
            details,
        ] {
            let kept = format!("{:?}", Line::of(&spoken));
            assert!(
                !kept.contains("小明") && !kept.contains('7') && !kept.contains("MatchingWord"),
                "{kept}"
            );
        }
    }
}
