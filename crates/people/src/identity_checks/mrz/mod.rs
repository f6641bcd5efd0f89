//! The machine-readable zone of passports and identity cards, ICAO Doc 9303 parts 4 (TD3),
//! 5 (TD1) and 6 (TD2). Every check digit is recomputed; a problem names the line and position.

mod layout;
mod problem;

use jiff::civil::Date;
use layout::{Layout, Span, TD1, TD2, TD3};
pub use problem::{Covers, MrzProblem};
use std::fmt;

/// A passport or card whose check digits are all right.
#[derive(Clone, PartialEq, Eq)]
pub struct TravelDocument {
    pub kind: TravelDocumentKind,
    /// Three letters, `<` removed: `CHN`, `D`, `UTO`.
    pub issuer: String,
    pub nationality: String,
    pub number: String,
    pub surname: String,
    pub given_names: String,
    pub birth_date: Date,
    pub expires: Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TravelDocumentKind {
    Passport,
    IdentityCard,
}

/// Reads two lines of 44 (passports) or 36, or three of 30 characters; also typed as one line.
pub fn parse(text: &str, today: Date) -> Result<TravelDocument, MrzProblem> {
    let (layout, lines) = split(text)?;
    check_characters(&lines)?;
    let zone = Zone { layout, lines };
    let kind = zone.kind()?;
    let number = zone.number()?;
    zone.check(layout.birth, layout.birth_check, Covers::BirthDate)?;
    zone.check(layout.expiry, layout.expiry_check, Covers::Expiry)?;
    if let Some((personal, check)) = layout.personal {
        // An unused personal number may carry `<` instead of its check digit 0.
        if zone.span(check) != "<" || zone.span(personal).bytes().any(|b| b != b'<') {
            zone.check(personal, check, Covers::PersonalNumber)?;
        }
    }
    zone.check_whole()?;
    let this_year = today.year() % 100;
    let birth_date = zone.date(layout.birth, Covers::BirthDate, |yy| {
        if yy > this_year { 1900 } else { 2000 }
    })?;
    let birth_date = if birth_date > today {
        back_a_century(birth_date)
    } else {
        birth_date
    };
    let expires = zone.date(layout.expiry, Covers::Expiry, |_| 2000)?;
    if expires < today {
        return Err(MrzProblem::Expired { on: expires });
    }
    let (surname, given_names) = zone.names();
    Ok(TravelDocument {
        kind,
        issuer: zone.span((layout.code_line, 2, 5)).replace('<', ""),
        nationality: zone.span(layout.nationality).replace('<', ""),
        number,
        surname,
        given_names,
        birth_date,
        expires,
    })
}

/// The check digit of 9303-3 section 4.9: weights 7, 3, 1; `<` is 0, A to Z are 10 to 35.
pub fn check_digit(text: &str) -> char {
    let sum: u32 = text
        .bytes()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(b, weight)| value(b) * weight)
        .sum();
    char::from(b'0' + (sum % 10) as u8)
}

impl TravelDocumentKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::IdentityCard => "identity_card",
        }
    }
}

impl TravelDocument {
    /// `L8******6`: what may be shown.
    pub fn masked(&self) -> String {
        let shown = |index: usize| index < 2 || index + 1 >= self.number.len();
        self.number
            .chars()
            .enumerate()
            .map(|(index, c)| if shown(index) { c } else { '*' })
            .collect()
    }
}

impl fmt::Debug for TravelDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "TravelDocument({:?} {} {})",
            self.kind,
            self.issuer,
            self.masked()
        )
    }
}

struct Zone {
    layout: &'static Layout,
    lines: Vec<String>,
}

impl Zone {
    fn span(&self, (line, from, to): Span) -> &str {
        &self.lines[line][from..to]
    }

    fn kind(&self) -> Result<TravelDocumentKind, MrzProblem> {
        let code = self.span((self.layout.code_line, 0, 2));
        match (code.as_bytes()[0], self.layout.width) {
            (b'P', 44) => Ok(TravelDocumentKind::Passport),
            (b'A' | b'C' | b'I', 30 | 36) => Ok(TravelDocumentKind::IdentityCard),
            _ => Err(MrzProblem::DocumentCode { found: code.into() }),
        }
    }

    /// The number, with the part that overflows into the optional data when it is long.
    fn number(&self) -> Result<String, MrzProblem> {
        let layout = self.layout;
        let first = self.span(layout.number);
        if first.starts_with('<') {
            return Err(MrzProblem::NoNumber {
                line: layout.number.0 + 1,
            });
        }
        let overflow = layout
            .number_overflow
            .filter(|_| self.span(layout.number_check) == "<");
        let Some((line, from, to)) = overflow else {
            self.check(layout.number, layout.number_check, Covers::Number)?;
            return Ok(first.trim_end_matches('<').to_owned());
        };
        let rest = self.span((line, from, to)).split('<').next().unwrap_or_default();
        let check_at = from + rest.len().saturating_sub(1);
        let more = &rest[..rest.len().saturating_sub(1)];
        let number = format!("{first}{more}");
        let (should_be, found) = (check_digit(&number), rest.chars().last().unwrap_or('<'));
        if should_be != found {
            let position = check_at + 1;
            return Err(MrzProblem::Check {
                line: line + 1,
                position,
                should_be,
                found,
                covers: Covers::Number,
            });
        }
        Ok(number)
    }

    fn check(&self, covered: Span, check: Span, covers: Covers) -> Result<(), MrzProblem> {
        compare(check_digit(self.span(covered)), self.span(check), check, covers)
    }

    fn check_whole(&self) -> Result<(), MrzProblem> {
        let covered: String = self
            .layout
            .composite
            .iter()
            .map(|&span| self.span(span))
            .collect();
        let check = self.layout.composite_check;
        compare(check_digit(&covered), self.span(check), check, Covers::WholeZone)
    }

    fn date(&self, span: Span, covers: Covers, century: impl Fn(i16) -> i16) -> Result<Date, MrzProblem> {
        let problem = || MrzProblem::Date {
            line: span.0 + 1,
            first: span.1 + 1,
            covers,
        };
        let text = self.span(span);
        let part = |from: usize| text[from..from + 2].parse::<i16>().map_err(|_| problem());
        let (yy, month, day) = (part(0)?, part(2)?, part(4)?);
        Date::new(century(yy) + yy, month as i8, day as i8).map_err(|_| problem())
    }

    fn names(&self) -> (String, String) {
        let field = self.span(self.layout.names).trim_end_matches('<');
        let (surname, given) = field.split_once("<<").unwrap_or((field, ""));
        (
            surname.replace('<', " "),
            given.replace('<', " ").trim().to_owned(),
        )
    }
}

fn compare(should_be: char, found: &str, at: Span, covers: Covers) -> Result<(), MrzProblem> {
    let found = found.chars().next().unwrap_or('<');
    if found == should_be {
        return Ok(());
    }
    Err(MrzProblem::Check {
        line: at.0 + 1,
        position: at.1 + 1,
        should_be,
        found,
        covers,
    })
}

fn split(text: &str) -> Result<(&'static Layout, Vec<String>), MrzProblem> {
    let mut lines: Vec<String> = text
        .lines()
        .take(8)
        .map(|line| {
            line.chars()
                .filter(|c| !c.is_whitespace())
                .map(|c| c.to_ascii_uppercase())
                .collect()
        })
        .filter(|line: &String| !line.is_empty())
        .collect();
    if let [whole] = lines.as_slice()
        && whole.is_ascii()
    {
        let (width, count) = match whole.len() {
            88 => (44, 2),
            72 => (36, 2),
            90 => (30, 3),
            _ => return Err(MrzProblem::Shape { lines: 1 }),
        };
        lines = (0..count)
            .map(|n| whole[n * width..(n + 1) * width].to_owned())
            .collect();
    }
    let first = lines.first().map_or(0, |line| line.chars().count());
    let layout = match lines.len() {
        // Decided by the first line, so that a slip in the second is named there.
        2 if first.abs_diff(44) < first.abs_diff(36) => &TD3,
        2 => &TD2,
        3 => &TD1,
        lines => return Err(MrzProblem::Shape { lines }),
    };
    for (index, line) in lines.iter().enumerate() {
        let characters = line.chars().count();
        if characters != layout.width {
            return Err(MrzProblem::LineLength {
                line: index + 1,
                characters,
                should_be: layout.width,
            });
        }
    }
    Ok((layout, lines))
}

fn check_characters(lines: &[String]) -> Result<(), MrzProblem> {
    for (line, text) in lines.iter().enumerate() {
        for (position, found) in text.chars().enumerate() {
            if !matches!(found, 'A'..='Z' | '0'..='9' | '<') {
                return Err(MrzProblem::Character {
                    line: line + 1,
                    position: position + 1,
                    found,
                });
            }
        }
    }
    Ok(())
}

fn value(b: u8) -> u32 {
    match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'Z' => u32::from(b - b'A') + 10,
        _ => 0,
    }
}

fn back_a_century(date: Date) -> Date {
    Date::new(date.year() - 100, date.month(), date.day()).unwrap_or(date)
}
