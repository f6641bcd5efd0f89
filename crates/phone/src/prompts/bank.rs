//! The sounds that ship: one µ-law file and one index for each language, made by
//! `voice/render/pack.py`. Nothing is decoded before it is spoken.

use crate::Sound;
use base::Language;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A phrase of the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    start: usize,
    length: usize,
    /// Cut out where the sentence went on, so that the next phrase follows without a gap.
    pub runs_on: bool,
}

/// What can be spoken in one language.
pub(super) struct Bank {
    phrases: HashMap<&'static str, Phrase>,
    sound: &'static [u8],
    /// In octets of UTF-8: no longer phrase need be looked up.
    pub longest: usize,
}

impl Bank {
    /// The bank of a language. The language offer is kept with the language that it is said in,
    /// so it is looked up by its own script.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::ZhHans => &CHINESE,
            Language::En => &ENGLISH,
        }
    }

    pub fn find(&self, phrase: &str) -> Option<Phrase> {
        self.phrases.get(phrase).copied()
    }

    pub fn sound(&self, phrase: Phrase) -> Sound {
        let octets = self.sound.get(phrase.start..phrase.start + phrase.length);
        Sound::from_ulaw(octets.unwrap_or_default())
    }

    #[cfg(test)]
    pub fn phrases(&self) -> impl Iterator<Item = (&'static str, Phrase)> + '_ {
        self.phrases.iter().map(|(text, phrase)| (*text, *phrase))
    }

    fn read(index: &'static str, sound: &'static [u8]) -> Self {
        let phrases: HashMap<_, _> = index
            .lines()
            .filter_map(|line| {
                let mut fields = line.split('\t');
                let text = fields.next()?;
                let start = fields.next()?.parse().ok()?;
                let length = fields.next()?.parse().ok()?;
                let runs_on = fields.next() == Some("on");
                Some((
                    text,
                    Phrase {
                        start,
                        length,
                        runs_on,
                    },
                ))
            })
            .collect();
        let longest = phrases.keys().map(|text| text.len()).max().unwrap_or(0);
        Self {
            phrases,
            sound,
            longest,
        }
    }
}

static CHINESE: LazyLock<Bank> = LazyLock::new(|| {
    let index = include_str!("../../prompts/zh.tsv");
    Bank::read(index, include_bytes!("../../prompts/zh.ulaw"))
});

static ENGLISH: LazyLock<Bank> = LazyLock::new(|| {
    let index = include_str!("../../prompts/en.tsv");
    Bank::read(index, include_bytes!("../../prompts/en.ulaw"))
});
