//! What the registers say, drawn from the seed and the document.

use super::Scenario;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub struct Question {
    pub document: Document,
    pub name: String,
    /// `1990-01-31`.
    pub birth_date: String,
}

#[derive(Deserialize)]
pub struct Document {
    pub kind: String,
    /// Three letters of ICAO 9303.
    pub issuer: String,
    pub number: String,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum IdentityAnswer {
    Known {
        name_matches: bool,
        birth_date_matches: bool,
        reference: String,
    },
    Unknown {
        reference: String,
    },
    Revoked {
        reference: String,
    },
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum CreditAnswer {
    Report {
        /// 300 to 950; higher is better.
        score: i64,
        open_loans: i64,
        overdue_loans: i64,
        /// Fen.
        overdue_minor: i64,
        worst_days_overdue: i64,
        birth_date: String,
        reference: String,
    },
    NoFile {
        reference: String,
    },
}

/// What the register of documents says.
pub fn identity(question: &Question, scenario: Scenario, seed: u64) -> IdentityAnswer {
    let reference = reference("ID", question, seed);
    match scenario {
        Scenario::Unknown => IdentityAnswer::Unknown { reference },
        Scenario::Revoked => IdentityAnswer::Revoked { reference },
        _ => IdentityAnswer::Known {
            name_matches: scenario != Scenario::NameDiffers,
            birth_date_matches: true,
            reference,
        },
    }
}

/// What the credit register says.
pub fn credit(question: &Question, scenario: Scenario, seed: u64) -> CreditAnswer {
    let reference = reference("CR", question, seed);
    let chance = draw(question, seed);
    let (mut score, mut overdue) = (640 + (chance % 200) as i64, (0, 0, 0));
    match scenario {
        Scenario::NoFile => return CreditAnswer::NoFile { reference },
        Scenario::LowScore => score = 380 + (chance % 80) as i64,
        Scenario::Overdue => (score, overdue) = (560, (1, 85_000, 12)),
        Scenario::OverdueLong => (score, overdue) = (410, (4, 4_620_000, 127)),
        _ => {}
    }
    let birth_date = if scenario == Scenario::Contradicting {
        another_day(&question.birth_date)
    } else {
        question.birth_date.clone()
    };
    CreditAnswer::Report {
        score,
        open_loans: (chance % 3) as i64 + overdue.0,
        overdue_loans: overdue.0,
        overdue_minor: overdue.1,
        worst_days_overdue: overdue.2,
        birth_date,
        reference,
    }
}

/// Why a question is refused, in words for whoever writes the other end.
pub fn problem(question: &Question) -> Option<&'static str> {
    let Document { kind, issuer, number } = &question.document;
    if !["resident_id", "passport", "identity_card"].contains(&kind.as_str()) {
        return Some("document.kind is resident_id, passport or identity_card");
    }
    if issuer.is_empty() || issuer.len() > 3 {
        return Some("document.issuer has one to three letters");
    }
    if number.is_empty() || number.len() > 32 {
        return Some("document.number has 1 to 32 characters");
    }
    if question.name.trim().is_empty() || question.name.chars().count() > 100 {
        return Some("name has 1 to 100 characters");
    }
    let date = question.birth_date.as_bytes();
    let in_form = date.len() == 10 && date[4] == b'-' && date[7] == b'-';
    (!in_form).then_some("birth_date is written 1990-01-31")
}

/// `ID-00c0ffee00c0ffee`: the same for the same question and seed.
fn reference(register: &str, question: &Question, seed: u64) -> String {
    format!("{register}-{:016x}", draw(question, seed))
}

/// FNV-1a over the document, stirred with the seed: repeatable, and that is all it has to be.
fn draw(question: &Question, seed: u64) -> u64 {
    let document = &question.document;
    let parts = [document.kind.as_str(), &document.issuer, &document.number];
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in parts.iter().flat_map(|part| part.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^ (hash >> 29)
}

/// The same year and month, another day that every month has.
fn another_day(date: &str) -> String {
    let day = if date.ends_with("-01") { "02" } else { "01" };
    format!("{}{day}", date.get(..8).unwrap_or("1970-01-"))
}
