use crate::Disposition;
use base::{CallId, CaseId, CustomerId, Language, Timestamp};
use phone::prompts::MatchingWord;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub id: CallId,
    pub case: CaseId,
    pub customer: Option<CustomerId>,
    /// 1 for the first attempt of its case.
    pub number: u32,
    /// The process that places the call.
    pub node: String,
    pub lease_until: Timestamp,
    pub state: AttemptState,
    /// The digit, 3 to 9, that proves a person.
    pub proof_digit: u8,
    /// The number that the telephone displays.
    pub displayed_number: String,
    pub begun_at: Timestamp,
    pub ringing_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Only while the call is answered.
    pub words: Option<Words>,
    /// The call was passed on to another telephone.
    pub forwarded: bool,
    pub disposition: Option<Disposition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptState {
    Dialing,
    Ringing,
    Answered,
    Ended,
}

/// The two words that our voice speaks while the app shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub [MatchingWord; 2]);

impl AttemptState {
    pub const ALL: [Self; 4] = [Self::Dialing, Self::Ringing, Self::Answered, Self::Ended];

    pub fn code(self) -> &'static str {
        match self {
            Self::Dialing => "dialing",
            Self::Ringing => "ringing",
            Self::Answered => "answered",
            Self::Ended => "ended",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl Words {
    /// Two different words.
    pub fn random(rng: &base::Rng) -> Self {
        let [first, step] = rng.bytes::<2>();
        let first = MatchingWord::from_random(first);
        // 1 to 63 further on, never the same.
        let count = phone::prompts::MATCHING_WORDS;
        let second = (first.index() + 1 + step % (count - 1)) % count;
        Self([first, MatchingWord::from_index(second).unwrap_or(first)])
    }

    pub fn text(self, language: Language) -> [&'static str; 2] {
        self.0.map(|word| word.text(language))
    }

    pub(super) fn to_int(self) -> i64 {
        i64::from(self.0[0].index()) * 256 + i64::from(self.0[1].index())
    }

    pub(super) fn from_int(value: i64) -> Option<Self> {
        let word = |index: i64| MatchingWord::from_index(u8::try_from(index).ok()?);
        Some(Self([word(value / 256)?, word(value % 256)?]))
    }
}

#[cfg(test)]
mod tests {
    use super::Words;
    use base::Rng;

    #[test]
    fn matching_words_differ_and_are_stored_and_read() {
        let rng = Rng::from_seed(5);
        for _ in 0..500 {
            let words = Words::random(&rng);
            assert_ne!(words.0[0], words.0[1]);
            assert_eq!(Words::from_int(words.to_int()), Some(words));
        }
        assert_eq!(Words::from_int(-1), None);
    }
}
