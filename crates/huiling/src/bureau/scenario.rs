//! Which behaviour a request meets, from the most to the least particular: a header, the digits of
//! a resident number, the last word of a name, the default.

/// What the bureau does about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Scenario {
    /// Knows the person, nothing overdue.
    Good,
    /// As good, after a pause.
    Slow,
    /// Status 500.
    Failing,
    /// Closes the connection without an answer.
    Hangup,
    /// Fails twice for each question, then is good.
    Flaky,
    /// The document belongs to somebody of another name.
    NameDiffers,
    /// Identity agrees, but the credit register has another birth date.
    Contradicting,
    /// The register does not know the document.
    Unknown,
    /// The document was reported lost.
    Revoked,
    /// One loan overdue for a few days.
    Overdue,
    /// Many loans overdue for months.
    OverdueLong,
    /// No credit history.
    NoFile,
    /// A low credit score.
    LowScore,
}

/// The bureau's mood.
#[derive(Clone, Copy, Debug)]
pub struct Scenarios {
    pub default: Scenario,
    pub slow_ms: u64,
    pub seed: u64,
}

/// Scenario, sequence digits (15 to 17) of a resident number, endings of a name.
const SIGNS: [(Scenario, &str, &str, &str); 12] = [
    (Scenario::Slow, "901", "慢", "Slow"),
    (Scenario::Failing, "902", "坏", "Failing"),
    (Scenario::Hangup, "903", "断", "Hangup"),
    (Scenario::Flaky, "904", "颤", "Flaky"),
    (Scenario::NameDiffers, "905", "异", "Other"),
    (Scenario::Contradicting, "906", "矛", "Contradicting"),
    (Scenario::Unknown, "907", "无", "Unknown"),
    (Scenario::Revoked, "908", "废", "Revoked"),
    (Scenario::Overdue, "909", "欠", "Overdue"),
    (Scenario::OverdueLong, "910", "债", "Debtor"),
    (Scenario::NoFile, "911", "新", "Newcomer"),
    (Scenario::LowScore, "912", "低", "Lowscore"),
];

impl Scenario {
    /// The value of the header `X-Bureau-Scenario`, as on the command line: `name-differs`.
    pub fn from_word(word: &str) -> Option<Self> {
        clap::ValueEnum::from_str(word, true).ok()
    }
}

impl Scenarios {
    pub fn choose(&self, header: Option<&str>, number: &str, name: &str) -> Scenario {
        header
            .and_then(Scenario::from_word)
            .or_else(|| by_number(number))
            .or_else(|| by_name(name))
            .unwrap_or(self.default)
    }
}

fn by_number(number: &str) -> Option<Scenario> {
    let sequence = number.get(14..17).filter(|_| number.len() == 18)?;
    SIGNS
        .iter()
        .find(|(_, digits, ..)| *digits == sequence)
        .map(|(scenario, ..)| *scenario)
}

/// An English sign is the last word (`Wang Slow`), a Chinese one the last character after a dot
/// (`王小明·慢`): 陈新 alone is just a name.
fn by_name(name: &str) -> Option<Scenario> {
    let matches = |chinese: &str, english: &str| {
        let last_word = name.split(' ').next_back().filter(|_| name.contains(' '));
        last_word == Some(english) || (name.ends_with(chinese) && name.contains('·'))
    };
    SIGNS
        .iter()
        .find(|(_, _, chinese, english)| matches(chinese, english))
        .map(|(scenario, ..)| *scenario)
}
