//! What can be wrong with a zone, in words.

use base::Language;
use jiff::civil::Date;

/// Why a zone is refused. Lines and positions count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MrzProblem {
    Shape {
        lines: usize,
    },
    LineLength {
        line: usize,
        characters: usize,
        should_be: usize,
    },
    Character {
        line: usize,
        position: usize,
        found: char,
    },
    DocumentCode {
        found: String,
    },
    NoNumber {
        line: usize,
    },
    Check {
        line: usize,
        position: usize,
        should_be: char,
        found: char,
        covers: Covers,
    },
    Date {
        line: usize,
        first: usize,
        covers: Covers,
    },
    Expired {
        on: Date,
    },
}

/// What a check digit or a date belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    Number,
    BirthDate,
    Expiry,
    PersonalNumber,
    WholeZone,
}

impl MrzProblem {
    /// A word for programs, stable across languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Shape { .. } | Self::LineLength { .. } => "mrz_shape",
            Self::Character { .. } => "mrz_character",
            Self::DocumentCode { .. } => "mrz_document_code",
            Self::NoNumber { .. } => "mrz_no_number",
            Self::Check { .. } => "mrz_check_digit",
            Self::Date { .. } => "mrz_date",
            Self::Expired { .. } => "document_expired",
        }
    }

    /// What is wrong, where, and what to do.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::ZhHans => self.chinese(),
            Language::En => self.english(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Shape { lines } => format!(
                "证件底部的机读区应为两行（44 或 36 个字符）或三行（30 个字符），您填了 {lines} 行。请逐行照抄，包括“<”。"
            ),
            Self::LineLength {
                line,
                characters,
                should_be,
            } => {
                format!(
                    "机读区第 {line} 行应有 {should_be} 个字符，您填了 {characters} 个。请照抄整行，包括“<”。"
                )
            }
            Self::Character {
                line,
                position,
                found,
            } => {
                format!("机读区第 {line} 行第 {position} 位不能是“{found}”，只能是 A–Z、0–9 或“<”。")
            }
            Self::DocumentCode { found } => {
                format!(
                    "机读区第 1 行第 1–2 位“{found}”不是护照(P)或身份证件(I、A、C)。请使用护照或身份证件。"
                )
            }
            Self::NoNumber { line } => format!("机读区第 {line} 行缺少证件号码。请照抄整行。"),
            Self::Check {
                line,
                position,
                should_be,
                found,
                covers,
            } => format!(
                "机读区第 {line} 行第 {position} 位是{}的校验位，应为 {should_be}，您填的是 {found}。请核对{}。",
                covers.chinese(),
                covers.chinese()
            ),
            Self::Date { line, first, covers } => {
                format!(
                    "机读区第 {line} 行第 {first}–{} 位不是真实的{}。请对照证件改正。",
                    first + 5,
                    covers.chinese()
                )
            }
            Self::Expired { on } => format!("该证件已于 {on} 过期。请使用有效的证件。"),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Shape { lines } => format!(
                "The machine-readable zone has two lines (of 44 or 36 characters) or three (of 30); you entered {lines}. Copy each line, with every “<”."
            ),
            Self::LineLength {
                line,
                characters,
                should_be,
            } => format!(
                "Line {line} of the machine-readable zone should have {should_be} characters; you entered {characters}. Copy the whole line, with every “<”."
            ),
            Self::Character {
                line,
                position,
                found,
            } => {
                format!(
                    "Line {line}, position {position} cannot be “{found}”: only A–Z, 0–9 and “<” occur there."
                )
            }
            Self::DocumentCode { found } => format!(
                "Line 1, positions 1–2 (“{found}”) are neither a passport (P) nor an identity card (I, A, C). Use one of those."
            ),
            Self::NoNumber { line } => format!("Line {line} has no document number. Copy the whole line."),
            Self::Check {
                line,
                position,
                should_be,
                found,
                covers,
            } => format!(
                "Line {line}, position {position} is the check digit of the {}: it should be {should_be}, you entered {found}. Check the {}.",
                covers.english(),
                covers.english()
            ),
            Self::Date { line, first, covers } => format!(
                "Line {line}, positions {first}–{} are not a real date ({}). Check the document.",
                first + 5,
                covers.english()
            ),
            Self::Expired { on } => format!("This document expired on {on}. Use one that is valid."),
        }
    }
}

impl Covers {
    fn chinese(self) -> &'static str {
        match self {
            Self::Number => "证件号码",
            Self::BirthDate => "出生日期",
            Self::Expiry => "有效期",
            Self::PersonalNumber => "个人号码",
            Self::WholeZone => "整个机读区",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Number => "document number",
            Self::BirthDate => "birth date",
            Self::Expiry => "expiry date",
            Self::PersonalNumber => "personal number",
            Self::WholeZone => "whole zone",
        }
    }
}
