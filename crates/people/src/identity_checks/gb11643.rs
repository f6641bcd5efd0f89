//! The Chinese resident identity number, GB 11643: six digits of region (GB/T 2260), eight of
//! birth date, three of sequence, one check character (ISO 7064 MOD 11-2).

use super::regions;
use base::Language;
use jiff::civil::Date;
use std::fmt;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: &[u8; 11] = b"10X98765432";

/// A number that passed every check, in the form of 18 characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResidentId {
    number: String,
    birth_date: Date,
}

/// Why a number is refused. Positions count from 1, as people count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResidentIdProblem {
    Length { characters: usize },
    NotADigit { position: usize, found: char },
    Province { found: String },
    Prefecture { found: String },
    Month { first: usize, found: String },
    Day { first: usize, found: String },
    Year { first: usize, found: String },
    InTheFuture { first: usize, last: usize },
    Check { should_be: char, found: char },
}

/// Reads a number of 18 characters, or of 15 digits as issued until 1999. Spaces and hyphens
/// between groups are left out, `x` and full-width digits are understood.
pub fn parse(text: &str, today: Date) -> Result<ResidentId, ResidentIdProblem> {
    let compact: Vec<char> = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(narrow)
        .collect();
    if compact.len() != 18 && compact.len() != 15 {
        return Err(ResidentIdProblem::Length {
            characters: compact.len(),
        });
    }
    for (index, &c) in compact.iter().enumerate() {
        let check_character = index == 17 && c == 'X';
        if !c.is_ascii_digit() && !check_character {
            return Err(ResidentIdProblem::NotADigit {
                position: index + 1,
                found: c,
            });
        }
    }
    let number: String = compact.iter().collect();
    check_region(&number)?;
    let birth_date = birth_date(&number, today)?;
    if number.len() == 15 {
        let body = format!("{}19{}", &number[..6], &number[6..]);
        let number = format!("{body}{}", check_character(&body));
        return Ok(ResidentId { number, birth_date });
    }
    let (should_be, found) = (check_character(&number[..17]), compact[17]);
    if should_be != found {
        return Err(ResidentIdProblem::Check { should_be, found });
    }
    Ok(ResidentId { number, birth_date })
}

/// The check character that belongs to the first 17 digits.
pub fn check_character(body: &str) -> char {
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    char::from(CHECK_CHARACTERS[(sum % 11) as usize])
}

impl ResidentId {
    /// The 18 characters. Personal data: seal it before it is stored, never log it.
    pub fn as_str(&self) -> &str {
        &self.number
    }

    pub fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// `110***********002X`: what may be shown.
    pub fn masked(&self) -> String {
        format!("{}***********{}", &self.number[..3], &self.number[14..])
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResidentId({})", self.masked())
    }
}

impl ResidentIdProblem {
    /// A word for programs, stable across languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "resident_id_length",
            Self::NotADigit { .. } => "resident_id_not_a_digit",
            Self::Province { .. } | Self::Prefecture { .. } => "resident_id_region",
            Self::Month { .. } | Self::Day { .. } | Self::Year { .. } | Self::InTheFuture { .. } => {
                "resident_id_birth_date"
            }
            Self::Check { .. } => "resident_id_check",
        }
    }

    /// What is wrong, which digits, and what to do.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::ZhHans => self.chinese(),
            Language::En => self.english(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Length { characters } => {
                format!("身份证号码应为 18 位（旧号码 15 位），您填了 {characters} 位。请对照证件补全。")
            }
            Self::NotADigit { position: 18, found } => {
                format!("第 18 位应为数字或 X，不能是“{found}”。请对照证件改正。")
            }
            Self::NotADigit { position, found } => {
                format!("第 {position} 位应为数字，不能是“{found}”。请对照证件改正。")
            }
            Self::Province { found } => {
                format!("第 1–2 位“{found}”不是省级地区代码。请对照证件改正。")
            }
            Self::Prefecture { found } => {
                format!("第 3–4 位“{found}”不是该省的地区代码。请对照证件改正。")
            }
            Self::Month { first, found } => {
                format!("第 {first}–{} 位“{found}”不是月份，应为 01 至 12。", first + 1)
            }
            Self::Day { first, found } => {
                format!(
                    "第 {first}–{} 位“{found}”不是该月的日期。请对照证件改正。",
                    first + 1
                )
            }
            Self::Year { first, found } => {
                format!(
                    "第 {first}–{} 位“{found}”不是可能的出生年份。请对照证件改正。",
                    first + 3
                )
            }
            Self::InTheFuture { first, last } => {
                format!("第 {first}–{last} 位的出生日期在今天之后。请对照证件改正。")
            }
            Self::Check { should_be, found } => format!(
                "按前 17 位计算，第 18 位应为 {should_be}，您填的是 {found}。请核对第 18 位；若它无误，则前 17 位中有一位填错。"
            ),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Length { characters } => format!(
                "An ID number has 18 characters (15 in the old form); you entered {characters}. Copy it again from the card."
            ),
            Self::NotADigit { position: 18, found } => {
                format!("The 18th character should be a digit or X, not “{found}”. Check the card.")
            }
            Self::NotADigit { position, found } => {
                format!(
                    "The {} character should be a digit, not “{found}”. Check the card.",
                    ordinal(*position)
                )
            }
            Self::Province { found } => {
                format!("Digits 1–2 (“{found}”) are not the code of a province. Check the card.")
            }
            Self::Prefecture { found } => {
                format!("Digits 3–4 (“{found}”) are not a region of that province. Check the card.")
            }
            Self::Month { first, found } => {
                format!(
                    "Digits {first}–{} (“{found}”) should be a month, 01 to 12.",
                    first + 1
                )
            }
            Self::Day { first, found } => {
                format!(
                    "Digits {first}–{} (“{found}”) are not a day of that month. Check the card.",
                    first + 1
                )
            }
            Self::Year { first, found } => {
                format!(
                    "Digits {first}–{} (“{found}”) are not a possible year of birth. Check the card.",
                    first + 3
                )
            }
            Self::InTheFuture { first, last } => {
                format!("The birth date in digits {first}–{last} is after today. Check the card.")
            }
            Self::Check { should_be, found } => format!(
                "By the first 17 digits the 18th character should be {should_be}, but you entered {found}. Check it; if it is right, one of the first 17 digits is wrong."
            ),
        }
    }
}

fn check_region(number: &str) -> Result<(), ResidentIdProblem> {
    let (province, prefecture) = (&number[..2], &number[2..4]);
    if regions::is_foreign_resident(number) {
        return Ok(());
    }
    if !regions::is_province(province) {
        return Err(ResidentIdProblem::Province {
            found: province.into(),
        });
    }
    if !regions::may_be_prefecture(province, prefecture) {
        return Err(ResidentIdProblem::Prefecture {
            found: prefecture.into(),
        });
    }
    Ok(())
}

fn birth_date(number: &str, today: Date) -> Result<Date, ResidentIdProblem> {
    let old = number.len() == 15;
    let (year, month_at) = if old {
        (format!("19{}", &number[6..8]), 8)
    } else {
        (number[6..10].to_owned(), 10)
    };
    let (month, day) = (
        &number[month_at..month_at + 2],
        &number[month_at + 2..month_at + 4],
    );
    let value = |digits: &str| digits.parse::<i16>().unwrap_or(0);
    if !(1850..=2200).contains(&value(&year)) {
        return Err(ResidentIdProblem::Year {
            first: 7,
            found: year,
        });
    }
    if !(1..=12).contains(&value(month)) {
        return Err(ResidentIdProblem::Month {
            first: month_at + 1,
            found: month.into(),
        });
    }
    let date = Date::new(value(&year), value(month) as i8, value(day) as i8).map_err(|_| {
        ResidentIdProblem::Day {
            first: month_at + 3,
            found: day.into(),
        }
    })?;
    if date > today {
        return Err(ResidentIdProblem::InTheFuture {
            first: 7,
            last: month_at + 4,
        });
    }
    Ok(date)
}

/// Full-width characters, as Chinese input methods type them, and a small `x`.
fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_digit(c as u32 - 0xff10, 10).unwrap_or(c),
        'x' | '\u{ff38}' | '\u{ff58}' => 'X',
        _ => c,
    }
}

fn ordinal(position: usize) -> String {
    let suffix = match (position % 100, position % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{position}{suffix}")
}
