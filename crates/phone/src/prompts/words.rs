use base::Language;
use std::sync::LazyLock;

const WORDS: &str = include_str!("../../prompts/words.tsv");

/// How many matching words there are.
pub const MATCHING_WORDS: u8 = 64;

/// One of the words that the telephone speaks while the app shows it: an index below
/// `MATCHING_WORDS`. The same index is the same thing in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MatchingWord(u8);

impl MatchingWord {
    pub fn from_index(index: u8) -> Option<Self> {
        (index < MATCHING_WORDS).then_some(Self(index))
    }

    /// Takes a random octet: 256 is a multiple of 64, so every word is as likely.
    pub fn from_random(octet: u8) -> Self {
        Self(octet % MATCHING_WORDS)
    }

    pub fn index(self) -> u8 {
        self.0
    }

    pub fn text(self, language: Language) -> &'static str {
        let (zh, en) = ROWS[usize::from(self.0)];
        match language {
            Language::ZhHans => zh,
            Language::En => en,
        }
    }
}

static ROWS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let rows = WORDS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split_once('\t')).collect()
});
