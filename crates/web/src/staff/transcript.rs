//! What was said and heard on a call, in words.

use crate::shell::Page;
use crate::words::money;
use ::calls::transcripts::{Entry, Heard, Line, What};
use base::Language;

/// One line beside the recording.
pub struct Turn {
    /// From the beginning of the recording: `0:07`.
    pub when: String,
    pub ours: bool,
    pub text: String,
    /// Of the words, where it is not the page's own.
    pub lang: &'static str,
}

pub fn turns(p: &Page, entries: &[Entry]) -> Vec<Turn> {
    entries.iter().map(|entry| turn(p, entry)).collect()
}

fn turn(p: &Page, entry: &Entry) -> Turn {
    let secs = entry.from_ms / 1_000;
    let when = format!("{}:{:02}", secs / 60, secs % 60);
    let (ours, text, lang) = match &entry.what {
        What::Heard(heard) => (false, heard_text(p, *heard), p.lang()),
        What::Said {
            line,
            language,
            whole,
        } => {
            let (text, lang) = said_text(p, line, *language);
            let text = if *whole {
                text
            } else {
                p.t1("said-cut", "text", text)
            };
            (true, text, lang)
        }
    };
    Turn {
        when,
        ours,
        text,
        lang,
    }
}

/// A fixed line stands in the words and the language in which it was said.
fn said_text(p: &Page, line: &Line, language: Language) -> (String, &'static str) {
    if let Some(text) = line.text(language) {
        return (text.to_owned(), language.tag());
    }
    let text = match line {
        Line::PressDigit => p.t("said-press-digit"),
        Line::Words => p.t("said-words"),
        Line::Payment { amount, wallet_last4 } => {
            p.t2("said-payment", "amount", money(*amount), "last4", wallet_last4)
        }
        Line::Limit(limit) => p.t1("said-limit", "amount", money(*limit)),
        Line::Prompt(_) | Line::Former(_) => line.name().to_owned(),
    };
    (text, p.lang())
}

fn heard_text(p: &Page, heard: Heard) -> String {
    match heard {
        Heard::Proof => p.t("heard-proof"),
        Heard::WrongKey => p.t("heard-wrong"),
        Heard::Choice(key) => p.t1("heard-choice", "key", key),
        Heard::TooEarly => p.t("heard-early"),
        Heard::Silence => p.t("heard-silence"),
    }
}
