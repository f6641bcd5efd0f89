//! Speaks a text by the longest phrases that the bank has.

use super::SpokenLine;
use super::bank::{Bank, Phrase};
use super::line::{Reach, wording};
use super::name;
use crate::Sound;
use base::Language;

/// The voice that ships: whole fixed prompts, phrases of amounts, syllables of names.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartsVoice;

/// What is played: a phrase, or a pause in milliseconds.
#[derive(Debug)]
enum Piece {
    Phrase(Phrase),
    Pause(u32),
}

/// Between sentences, and at a comma.
const SENTENCE_MS: u32 = 350;
const COMMA_MS: u32 = 180;
/// Between phrases that were each spoken to their end.
const JOIN_MS: u32 = 40;
/// A text of the bank's own rows is far shorter.
const LONGEST_TEXT: usize = 2_000;

impl PartsVoice {
    /// The sound of a line and the words that it says; a name that has no parts is replaced by
    /// the wallet's last digits.
    pub fn speak(self, language: Language, line: &SpokenLine) -> (Sound, String) {
        for reach in [Reach::Parts, Reach::PartsByDigits] {
            let text = wording(language, line, reach);
            if let Some(sound) = self.speak_text(language, &text) {
                return (sound, text);
            }
        }
        let text = wording(language, line, Reach::PartsByDigits);
        tracing::error!(?language, "a line has no parts; it is not spoken");
        (Sound::default(), text)
    }

    /// The sound of a text, or nothing when a word of it has no part.
    pub fn speak_text(self, language: Language, text: &str) -> Option<Sound> {
        let language = script_of(text).unwrap_or(language);
        let bank = Bank::of(language);
        let pieces = pieces(language, bank, text)?;
        Some(join(bank, &pieces))
    }

    /// Whether a text is one recording of the bank: then nothing can say it better.
    pub(super) fn has_whole(self, language: Language, text: &str) -> bool {
        Bank::of(script_of(text).unwrap_or(language)).find(text).is_some()
    }
}

/// A line is spoken by the voice of its own script: the language offer is in the other language.
pub(super) fn script_of(text: &str) -> Option<Language> {
    if text.chars().any(|char| ('\u{4e00}'..='\u{9fff}').contains(&char)) {
        Some(Language::ZhHans)
    } else if text.chars().any(|char| char.is_ascii_alphabetic()) {
        Some(Language::En)
    } else {
        None
    }
}

/// The text in as few phrases as can be, for every seam is heard. What no phrase covers is a
/// pause, or in Chinese the syllables of a name.
fn pieces(language: Language, bank: &Bank, text: &str) -> Option<Vec<Piece>> {
    let text = text.get(..LONGEST_TEXT).unwrap_or(text);
    let mut pieces = Vec::new();
    let mut from = 0;
    while let Some(char) = text[from..].chars().next() {
        let end = if let Some(ms) = pause_of(char) {
            pieces.push(Piece::Pause(ms));
            from + char.len_utf8()
        } else if char == ' ' {
            from + 1
        } else if let Some(whole) = whole_line(language, bank, &text[from..]) {
            pieces.push(Piece::Phrase(whole.0));
            from + whole.1
        } else {
            let clause = text[from..].find(|c| pause_of(c).is_some());
            let clause = &text[from..clause.map_or(text.len(), |length| from + length)];
            clause_pieces(language, bank, clause, &mut pieces)?;
            from + clause.len()
        };
        from = end;
    }
    Some(pieces)
}

/// A sentence of the bank at the beginning of a text, with its marks.
fn whole_line(language: Language, bank: &Bank, text: &str) -> Option<(Phrase, usize)> {
    let ends = text
        .char_indices()
        .filter(|(_, char)| pause_of(*char) == Some(SENTENCE_MS));
    let mut ends: Vec<usize> = ends.map(|(at, char)| at + char.len_utf8()).collect();
    ends.retain(|end| language == Language::ZhHans || ends_word(&text[*end..]));
    ends.iter()
        .rev()
        .find_map(|end| bank.find(&text[..*end]).map(|phrase| (phrase, *end)))
}

/// A stretch without marks: the best way from its beginning to each place, shortest first.
fn clause_pieces(language: Language, bank: &Bank, clause: &str, pieces: &mut Vec<Piece>) -> Option<()> {
    let mut best: Vec<Option<(u32, usize, Way)>> = vec![None; clause.len() + 1];
    best[0] = Some((0, 0, Way::Start));
    for from in 0..clause.len() {
        let Some((cost, ..)) = best[from] else { continue };
        let rest = &clause[from..];
        let mut offer = |length: usize, price: u32, way: Way| {
            let place = &mut best[from + length];
            if place.is_none_or(|(known, ..)| cost + price < known) {
                *place = Some((cost + price, from, way));
            }
        };
        if let Some(after) = rest.strip_prefix(' ') {
            offer(rest.len() - after.len(), 0, Way::Space);
            continue;
        }
        let ends = (1..=bank.longest.min(rest.len())).filter(|end| rest.is_char_boundary(*end));
        for end in ends.filter(|end| language == Language::ZhHans || ends_word(&rest[*end..])) {
            if let Some(phrase) = bank.find(&rest[..end]) {
                offer(end, PHRASE, Way::Phrase(phrase));
            }
        }
        if language == Language::ZhHans
            && let Some(char) = rest.chars().next()
        {
            offer(char.len_utf8(), SYLLABLE, Way::Syllable);
        }
    }
    let mut ways = Vec::new();
    let mut end = clause.len();
    while end > 0 {
        let (_, from, way) = best[end]?;
        ways.push((from..end, way));
        end = from;
    }
    let mut named = 0;
    for (range, way) in ways.iter().rev() {
        match way {
            Way::Start | Way::Space => {}
            Way::Phrase(phrase) => pieces.push(Piece::Phrase(*phrase)),
            Way::Syllable if range.start < named => {}
            Way::Syllable => {
                // A run of syllables is read as one name.
                let run = ways
                    .iter()
                    .rev()
                    .skip_while(|(other, _)| other.start < range.start);
                let run = run.take_while(|(_, way)| matches!(way, Way::Syllable));
                named = run.map(|(other, _)| other.end).last().unwrap_or(range.end);
                spell(bank, &clause[range.start..named], pieces)?;
            }
        }
    }
    Some(())
}

#[derive(Clone, Copy)]
enum Way {
    Start,
    Space,
    Phrase(Phrase),
    Syllable,
}

/// A syllable costs more than a phrase, so that a phrase of any length goes before syllables.
const PHRASE: u32 = 10;
const SYLLABLE: u32 = 11;

fn spell(bank: &Bank, name: &str, pieces: &mut Vec<Piece>) -> Option<()> {
    let syllables = name::syllables(name);
    if syllables.len() != name.chars().count() {
        return None;
    }
    for syllable in syllables {
        pieces.push(Piece::Phrase(bank.find(&syllable)?));
    }
    Some(())
}

fn ends_word(rest: &str) -> bool {
    !rest.starts_with(|char: char| char.is_ascii_alphanumeric())
}

fn pause_of(mark: char) -> Option<u32> {
    match mark {
        '。' | '！' | '？' | '.' | '!' | '?' => Some(SENTENCE_MS),
        '，' | '：' | '；' | '、' | ',' | ':' | ';' => Some(COMMA_MS),
        _ => None,
    }
}

fn join(bank: &Bank, pieces: &[Piece]) -> Sound {
    let mut sounds = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        match piece {
            // The last mark ends the line.
            Piece::Pause(_) if place + 1 == pieces.len() => {}
            Piece::Pause(ms) => sounds.push(Sound::silence(*ms)),
            Piece::Phrase(phrase) => {
                sounds.push(bank.sound(*phrase));
                if !phrase.runs_on && matches!(pieces.get(place + 1), Some(Piece::Phrase(_))) {
                    sounds.push(Sound::silence(JOIN_MS));
                }
            }
        }
    }
    Sound::concat(&sounds)
}
