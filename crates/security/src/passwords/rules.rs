use base::{Language, PhoneNumber};
use std::collections::HashSet;
use std::sync::LazyLock;

pub const MIN_CHARS: usize = 10;
pub const MAX_CHARS: usize = 128;

/// What others know about the person, and must therefore not open the wallet.
#[derive(Clone, Debug, Default)]
pub struct PersonalData {
    pub phone: Option<PhoneNumber>,
    /// Year, month, day.
    pub birth_date: Option<(i32, u8, u8)>,
    /// As written on the document; Latin parts are looked for, and the whole.
    pub name: Option<String>,
    /// What else the person is known by: a staff name, an e-mail address.
    pub account_name: Option<String>,
}

/// Why a password cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    TooShort,
    TooLong,
    Common,
    Repetitive,
    ContainsPhone,
    ContainsBirthday,
    ContainsName,
}

impl PasswordProblem {
    /// A stable name for the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::Common => "common",
            Self::Repetitive => "repetitive",
            Self::ContainsPhone => "contains_phone",
            Self::ContainsBirthday => "contains_birthday",
            Self::ContainsName => "contains_name",
        }
    }

    /// What is wrong and what helps.
    pub fn text(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::TooShort => (
                "密码至少要 10 个字符，几个词连成的句子就很好。",
                "Use at least 10 characters; a few words in a row work well.",
            ),
            Self::TooLong => ("密码最多 128 个字符。", "Use at most 128 characters."),
            Self::Common => (
                "这个密码太常见，最先被猜到，请换一个。",
                "This password is among the first to be guessed; choose another.",
            ),
            Self::Repetitive => (
                "密码不能只是重复或连续的字符。",
                "Use more than repeated or consecutive characters.",
            ),
            Self::ContainsPhone => (
                "密码里不要有您的手机号码。",
                "Leave your telephone number out of the password.",
            ),
            Self::ContainsBirthday => (
                "密码里不要有您的生日。",
                "Leave your birthday out of the password.",
            ),
            Self::ContainsName => ("密码里不要有您的姓名。", "Leave your name out of the password."),
        };
        match language {
            Language::ZhHans => zh,
            Language::En => en,
        }
    }
}

/// Everything wrong with a password; empty when it may be chosen.
pub fn problems(password: &str, person: &PersonalData) -> Vec<PasswordProblem> {
    let mut found = Vec::new();
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        found.push(PasswordProblem::TooShort);
    }
    if chars > MAX_CHARS {
        return vec![PasswordProblem::TooLong];
    }
    let lower = password.to_lowercase();
    if is_repetitive(&lower) {
        found.push(PasswordProblem::Repetitive);
    } else if is_common(&lower) {
        found.push(PasswordProblem::Common);
    }
    let digits: String = lower.chars().filter(char::is_ascii_digit).collect();
    if person
        .phone
        .as_ref()
        .is_some_and(|phone| has_phone(&digits, phone))
    {
        found.push(PasswordProblem::ContainsPhone);
    }
    if person.birth_date.is_some_and(|date| has_birthday(&digits, date)) {
        found.push(PasswordProblem::ContainsBirthday);
    }
    if [&person.name, &person.account_name]
        .into_iter()
        .flatten()
        .any(|name| has_name(&lower, name))
    {
        found.push(PasswordProblem::ContainsName);
    }
    found
}

static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("common.txt")
        .lines()
        .filter(|line| !line.is_empty())
        .collect()
});

/// A listed password, as it is or dressed up: signs and digits for letters, digits and signs
/// around it, two listed words in a row.
fn is_common(lower: &str) -> bool {
    let outside = |c: char| !c.is_alphabetic();
    [
        lower,
        lower.trim_end_matches(outside),
        lower.trim_matches(outside),
    ]
    .into_iter()
    .any(|text| {
        let plain: String = text.chars().map(undress).collect();
        [text, plain.as_str()].into_iter().any(is_one_or_two_words)
    })
}

fn is_one_or_two_words(core: &str) -> bool {
    core.len() >= 3
        && (COMMON.contains(core)
            || core.char_indices().skip(1).any(|(at, _)| {
                COMMON.contains(&core[..at])
                    && COMMON.contains(core[at..].trim_start_matches(|c: char| !c.is_alphabetic()))
            }))
}

fn undress(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Few different characters, a short piece repeated, or steps of one: `aaaaaaaaab`,
/// `abcabcabcabc`, `0123456789`.
fn is_repetitive(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    if chars.len() < 4 {
        return false;
    }
    let different: HashSet<char> = chars.iter().copied().collect();
    let steps = |by: i64| {
        chars
            .windows(2)
            .filter(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])) == by)
            .count()
    };
    let repeats = (1..=4).any(|period| {
        chars.len() > 2 * period && (period..chars.len()).all(|at| chars[at] == chars[at - period])
    });
    different.len() <= 3 || repeats || steps(1).max(steps(-1)) * 10 >= (chars.len() - 1) * 8
}

/// The national number, or its last eight digits.
fn has_phone(digits: &str, phone: &PhoneNumber) -> bool {
    let own = phone.digits();
    own.len() >= 7 && digits.contains(&own[own.len().saturating_sub(8)..])
}

/// The date in any of the orders in which people write eight or six digits.
fn has_birthday(digits: &str, (year, month, day): (i32, u8, u8)) -> bool {
    let short = year.rem_euclid(100);
    [
        format!("{year:04}{month:02}{day:02}"),
        format!("{day:02}{month:02}{year:04}"),
        format!("{month:02}{day:02}{year:04}"),
        format!("{short:02}{month:02}{day:02}"),
        format!("{day:02}{month:02}{short:02}"),
        format!("{month:02}{day:02}{short:02}"),
    ]
    .iter()
    .any(|written| digits.contains(written))
}

/// The whole name without spaces, or one part of at least four letters (two, in Chinese).
fn has_name(lower: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let parts: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    let whole = parts.concat();
    std::iter::once(whole.as_str()).chain(parts).any(|part| {
        let least = if part.is_ascii() { 4 } else { 2 };
        part.chars().count() >= least && lower.contains(part)
    })
}
