//! From what a person typed to values with a meaning. Each refusal names its field and the remedy.

mod fields;
mod problem;

pub use fields::{age_years, parse_limit, parse_name, parse_phone};
pub use problem::{Field, FieldProblem};

use crate::identity_checks::Document;
use base::{CallingCodes, Language, OperatorZone, PhoneNumber, Timestamp};
use fields::{parse_document, parse_email, parse_income, parse_language, parse_zone};
use jiff::civil::Date;

/// The form as it arrived, from a browser or from the API.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub name: String,
    pub phone: String,
    /// A resident number, or the lines of a machine-readable zone.
    pub document: String,
    /// Income a month, in yuan.
    pub income: String,
    /// The limit wanted on payments a year, in yuan.
    pub requested_limit: String,
    /// A BCP 47 tag; empty for Chinese.
    pub language: String,
    /// Empty when the applicant has none.
    pub email: String,
    /// IANA name; empty for the operator's. Decides when we may call.
    pub zone: String,
    /// The applicant agrees to the checks and to the recorded call.
    pub consent: bool,
}

/// What an operator's forms are read against.
#[derive(Clone, Debug)]
pub struct Terms {
    pub today: Date,
    /// Where an applicant names none.
    pub zone: OperatorZone,
    /// Where we place calls.
    pub countries: CallingCodes,
}

/// When an applicant wants to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallTime {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// An application with every field understood, ready to be submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub name: String,
    pub phone: PhoneNumber,
    pub document: Document,
    pub income_minor: i64,
    pub requested_limit_minor: i64,
    pub language: Language,
    pub email: Option<String>,
    pub zone: String,
    /// As soon as possible where there is none. Whoever knows the calling hours reads it.
    pub call_time: Option<CallTime>,
}

impl Form {
    /// Reads every field; all problems are found at once, in the order of the form.
    pub fn parse(&self, terms: &Terms) -> Result<Draft, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let name = keep(parse_name(&self.name), &mut problems);
        let phone = keep(parse_phone(&self.phone, &terms.countries), &mut problems);
        let document = keep(parse_document(&self.document, terms.today), &mut problems);
        let income_minor = keep(parse_income(&self.income), &mut problems);
        let requested_limit_minor = keep(parse_limit(&self.requested_limit), &mut problems);
        let language = keep(parse_language(&self.language), &mut problems);
        let email = keep(parse_email(&self.email), &mut problems);
        let zone = keep(parse_zone(&self.zone, &terms.zone), &mut problems);
        if !self.consent {
            problems.push(FieldProblem::new(
                Field::Consent,
                "consent_missing",
                "请勾选同意：我们需要核验您的资料，并会打一通录音电话与您确认。",
                "Please agree: we check what you state and confirm it in a recorded call.",
            ));
        }
        match (
            name,
            phone,
            document,
            income_minor,
            requested_limit_minor,
            language,
            email,
            zone,
        ) {
            (
                Some(name),
                Some(phone),
                Some(document),
                Some(income_minor),
                Some(requested_limit_minor),
                Some(language),
                Some(email),
                Some(zone),
            ) if problems.is_empty() => Ok(Draft {
                name,
                phone,
                document,
                income_minor,
                requested_limit_minor,
                language,
                email,
                zone,
                call_time: None,
            }),
            _ => Err(problems),
        }
    }
}

impl Terms {
    /// Of a Chinese operator.
    pub fn china(today: Date) -> Self {
        Self {
            today,
            zone: OperatorZone::named("Asia/Shanghai").expect("the database of zones has it"),
            countries: CallingCodes::china(),
        }
    }
}

fn keep<T>(parsed: Result<T, FieldProblem>, problems: &mut Vec<FieldProblem>) -> Option<T> {
    parsed.map_err(|problem| problems.push(problem)).ok()
}
