use super::name::{self, SpokenName};
use super::reading::{amount_in_words, digits_in_words, english_digits};
use super::{MatchingWord, PromptId, fixed};
use base::{Amount, Language};

/// What a script says: a fixed line, or one with an amount, a name, digits or words in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SpokenLine {
    Fixed(PromptId),
    /// "To continue, press five": a digit from 3 to 9, which proves a person.
    PressDigit(u8),
    /// The two words that the app shows at this moment.
    MatchingWords([MatchingWord; 2]),
    /// Amount and payee of a held payment, in full.
    PaymentDetails {
        amount: Amount,
        payee_name: String,
        /// Four ASCII digits.
        payee_wallet_last4: String,
    },
    /// The limit of the wallet that was applied for.
    ApplicationDetails {
        limit: Amount,
    },
}

/// How much a speaker can pronounce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// A synthesizer: whole sentences, English spelling of names.
    Anything,
    /// The parts: no names in English.
    Parts,
    /// The parts, once more, when they lack a phrase of the amount: its digits one by one.
    PartsByDigits,
}

/// The text of a line as a synthesizer speaks it, for the timeline, the app and the judge.
/// The parts say less where they cannot pronounce a name; `Spoken::text` is what was really said.
pub fn transcript(language: Language, line: &SpokenLine) -> String {
    wording(language, line, Reach::Anything)
}

pub(super) fn wording(language: Language, line: &SpokenLine, reach: Reach) -> String {
    match line {
        SpokenLine::Fixed(prompt) => prompt.text(language).into(),
        SpokenLine::PressDigit(digit) => press(language, *digit),
        SpokenLine::MatchingWords([first, second]) => {
            let (first, second) = (first.text(language), second.text(language));
            match language {
                Language::ZhHans => format!("您的手机屏幕上写着，{first}，{second}。"),
                Language::En => format!("The words on your screen are {first}, {second}."),
            }
        }
        SpokenLine::PaymentDetails {
            amount,
            payee_name,
            payee_wallet_last4,
        } => {
            let amount = amount_words(language, *amount, reach);
            let payee = payee(language, payee_name, payee_wallet_last4, reach);
            match language {
                Language::ZhHans => format!("您要付款，总共{amount}。{payee}"),
                Language::En => format!("You are paying a total of {amount}. {payee}"),
            }
        }
        SpokenLine::ApplicationDetails { limit } => {
            let limit = amount_words(language, *limit, reach);
            match language {
                Language::ZhHans => format!("您申请了一个钱包，额度总共{limit}。"),
                Language::En => format!("You applied for a wallet with a limit of {limit}."),
            }
        }
    }
}

fn press(language: Language, digit: u8) -> String {
    let row = fixed::wording(&format!("press-{digit}"), language);
    row.map_or_else(|| digits_in_words(language, &digit.to_string()), Into::into)
}

fn amount_words(language: Language, amount: Amount, reach: Reach) -> String {
    match (language, reach) {
        (Language::En, Reach::PartsByDigits) => english_digits(amount),
        _ => amount_in_words(language, amount),
    }
}

fn payee(language: Language, name: &str, last4: &str, reach: Reach) -> String {
    let last4 = digits_in_words(language, last4);
    match (language, name::spoken(language, name), reach) {
        (Language::ZhHans, SpokenName::Words(name), _) => format!("收款人，{name}。"),
        (Language::ZhHans, SpokenName::Unspeakable, _) => {
            format!("收款人，钱包尾号{last4}。名字请看应用。")
        }
        (Language::En, SpokenName::Words(name), Reach::Anything) => {
            format!("The money goes to {name}, the wallet ending in {last4}.")
        }
        (Language::En, _, _) => {
            format!("The money goes to the wallet ending in {last4}. The name is in your app.")
        }
    }
}
