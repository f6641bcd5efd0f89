//! What a document's own digits prove, before anybody outside is asked: the Chinese resident
//! number (GB 11643) and the machine-readable zone of passports and cards (ICAO 9303).

pub mod gb11643;
pub mod mrz;
mod regions;
#[cfg(test)]
mod tests;

use base::Language;
use jiff::civil::Date;

/// An identity document whose digits are consistent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    ResidentId(gb11643::ResidentId),
    Travel(mrz::TravelDocument),
}

/// Why a document's text is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentProblem {
    ResidentId(gb11643::ResidentIdProblem),
    Mrz(mrz::MrzProblem),
}

impl Document {
    /// Reads a resident number, or the two or three lines of a machine-readable zone.
    pub fn parse(text: &str, today: Date) -> Result<Self, DocumentProblem> {
        if text.contains('<') || text.trim().lines().count() > 1 {
            mrz::parse(text, today)
                .map(Self::Travel)
                .map_err(DocumentProblem::Mrz)
        } else {
            gb11643::parse(text, today)
                .map(Self::ResidentId)
                .map_err(DocumentProblem::ResidentId)
        }
    }

    pub fn birth_date(&self) -> Date {
        match self {
            Self::ResidentId(id) => id.birth_date(),
            Self::Travel(document) => document.birth_date,
        }
    }

    /// The day after which it is no longer valid, where the document says so.
    pub fn expires(&self) -> Option<Date> {
        match self {
            Self::ResidentId(_) => None,
            Self::Travel(document) => Some(document.expires),
        }
    }

    /// `resident_id`, `passport`, `identity_card`: the word that checks and forms use.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ResidentId(_) => "resident_id",
            Self::Travel(document) => document.kind.word(),
        }
    }

    /// The state or organization that issued it, as three letters of ICAO 9303.
    pub fn issuer(&self) -> &str {
        match self {
            Self::ResidentId(_) => "CHN",
            Self::Travel(document) => &document.issuer,
        }
    }

    /// The number alone. Personal data: seal it before it is stored, never log it.
    pub fn number(&self) -> &str {
        match self {
            Self::ResidentId(id) => id.as_str(),
            Self::Travel(document) => &document.number,
        }
    }

    /// One text per document, whatever way it was typed: what duplicates are found by.
    pub fn canonical(&self) -> String {
        format!("{} {} {}", self.kind(), self.issuer(), self.number())
    }

    pub fn masked(&self) -> String {
        match self {
            Self::ResidentId(id) => id.masked(),
            Self::Travel(document) => document.masked(),
        }
    }
}

impl DocumentProblem {
    pub fn code(&self) -> &'static str {
        match self {
            Self::ResidentId(problem) => problem.code(),
            Self::Mrz(problem) => problem.code(),
        }
    }

    pub fn text(&self, language: Language) -> String {
        match self {
            Self::ResidentId(problem) => problem.text(language),
            Self::Mrz(problem) => problem.text(language),
        }
    }
}
