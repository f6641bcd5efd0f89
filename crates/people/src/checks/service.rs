//! The HTTP side of a check: one POST with a time-out, an answer of bounded size.
//! docs/decisions.md shows the request and the answers.

use super::{CheckKind, CreditOpinion, IdentityOpinion, Opinion};
use crate::applications::Application;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;

const ANSWER_BYTES_MAX: u64 = 64 * 1024;

#[derive(Clone, Debug)]
pub struct CheckConfig {
    /// Where identity is asked, for example `http://127.0.0.1:7070/identity`.
    pub identity_url: String,
    pub credit_url: String,
    /// Sent as a bearer token where the services want one.
    pub token: Option<String>,
    /// From the connection's first packet to the answer's last byte.
    pub timeout_ms: u64,
    /// After so many a service counts as unavailable and a person takes over.
    pub attempts_max: u32,
}

/// The services and the connections to them.
#[derive(Clone, Debug)]
pub struct Service {
    config: CheckConfig,
    line: Line,
}

/// How the services are reached.
#[derive(Clone)]
enum Line {
    Http(Agent),
    /// A simulation answers in their place.
    Scripted(Script),
}

/// What a simulated service says about an application; `Err` is a service that is away.
pub type Script = Arc<dyn Fn(CheckKind, &Application) -> Result<Opinion, String> + Send + Sync>;

/// Why a service gave no opinion. The texts name no person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Down, slow, busy: worth another try.
    Passing(String),
    /// It refuses the request itself; the same request would be refused again.
    Lasting(String),
}

#[derive(Serialize)]
struct Request<'a> {
    document: RequestDocument<'a>,
    name: &'a str,
    birth_date: String,
}

#[derive(Serialize)]
struct RequestDocument<'a> {
    kind: &'a str,
    issuer: &'a str,
    number: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
enum IdentityAnswer {
    Known {
        name_matches: bool,
        birth_date_matches: bool,
    },
    Unknown,
    Revoked,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
enum CreditAnswer {
    Report {
        score: i64,
        overdue_loans: i64,
        overdue_minor: i64,
        worst_days_overdue: i64,
        /// As the register has it; absent where it has none.
        birth_date: Option<String>,
    },
    NoFile,
}

impl Default for CheckConfig {
    fn default() -> Self {
        Self {
            identity_url: "http://127.0.0.1:7070/identity".into(),
            credit_url: "http://127.0.0.1:7070/credit".into(),
            token: None,
            timeout_ms: 5_000,
            attempts_max: 5,
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http(_) => "Http",
            Self::Scripted(_) => "Scripted",
        })
    }
}

impl Service {
    pub fn new(config: CheckConfig) -> Self {
        let timeout = Duration::from_millis(config.timeout_ms);
        let agent = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent("huiling")
            .build()
            .new_agent();
        Self {
            config,
            line: Line::Http(agent),
        }
    }

    /// Services that a simulation plays.
    pub fn scripted(config: CheckConfig, script: Script) -> Self {
        Self {
            config,
            line: Line::Scripted(script),
        }
    }

    pub fn config(&self) -> &CheckConfig {
        &self.config
    }

    pub(crate) fn ask(&self, kind: CheckKind, about: &Application, number: &str) -> Result<Opinion, Failure> {
        let agent = match &self.line {
            Line::Http(agent) => agent,
            Line::Scripted(script) => return script(kind, about).map_err(Failure::Passing),
        };
        let birth_date = about.birth_date.to_string();
        let document = RequestDocument {
            kind: &about.document_kind,
            issuer: &about.document_issuer,
            number,
        };
        let request = Request {
            document,
            name: &about.name,
            birth_date,
        };
        let key = format!("{}-{}-{}", about.id, kind.word(), about.round);
        match kind {
            CheckKind::Identity => {
                let answer = self.post(agent, &self.config.identity_url, &key, &request)?;
                Ok(Opinion::Identity(identity_opinion(&answer)))
            }
            CheckKind::Credit => {
                let answer = self.post(agent, &self.config.credit_url, &key, &request)?;
                Ok(Opinion::Credit(credit_opinion(answer, &request.birth_date)))
            }
        }
    }

    fn post<A: for<'de> Deserialize<'de>>(
        &self,
        agent: &Agent,
        url: &str,
        key: &str,
        request: &Request<'_>,
    ) -> Result<A, Failure> {
        let mut call = agent.post(url).header("Idempotency-Key", key);
        if let Some(token) = &self.config.token {
            call = call.header("Authorization", format!("Bearer {token}"));
        }
        let mut response = call
            .send_json(request)
            .map_err(|error| Failure::Passing(failure_text(&error)))?;
        let status = response.status().as_u16();
        match status {
            200 => response
                .body_mut()
                .with_config()
                .limit(ANSWER_BYTES_MAX)
                .read_json()
                .map_err(|error| Failure::Passing(failure_text(&error))),
            408 | 425 | 429 | 500..=599 => Err(Failure::Passing(format!("the service answered {status}"))),
            _ => Err(Failure::Lasting(format!("the service answered {status}"))),
        }
    }
}

fn identity_opinion(answer: &IdentityAnswer) -> IdentityOpinion {
    match answer {
        IdentityAnswer::Known {
            birth_date_matches: false,
            ..
        } => IdentityOpinion::BirthDateDiffers,
        IdentityAnswer::Known {
            name_matches: false, ..
        } => IdentityOpinion::NameDiffers,
        IdentityAnswer::Known { .. } => IdentityOpinion::Matches,
        IdentityAnswer::Unknown => IdentityOpinion::Unknown,
        IdentityAnswer::Revoked => IdentityOpinion::Revoked,
    }
}

fn credit_opinion(answer: CreditAnswer, asked_birth_date: &str) -> CreditOpinion {
    match answer {
        CreditAnswer::Report {
            score,
            overdue_loans,
            overdue_minor,
            worst_days_overdue,
            birth_date,
        } => CreditOpinion::Report {
            score,
            overdue_loans: overdue_loans.max(0),
            overdue_minor: overdue_minor.max(0),
            worst_days_overdue: worst_days_overdue.max(0),
            birth_date_agrees: birth_date.is_none_or(|date| date == asked_birth_date),
        },
        CreditAnswer::NoFile => CreditOpinion::NoFile,
    }
}

/// The error without the body that it may quote.
fn failure_text(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Json(_) => "the answer is not the JSON that was agreed".into(),
        ureq::Error::BodyExceedsLimit(bytes) => format!("the answer is longer than {bytes} bytes"),
        other => other.to_string(),
    }
}
