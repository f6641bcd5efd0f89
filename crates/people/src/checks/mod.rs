//! The two outside opinions on an application, identity and credit, each asked over HTTP by a job:
//! with time-outs, tried again with growing pauses, and with an answer of its own when the service
//! stays away. Nobody is declined because a service was down, and no application is lost.

mod opinion;
mod service;
#[cfg(test)]
mod tests;

pub use opinion::{CheckKind, CreditOpinion, IdentityOpinion, Opinion};
pub use service::{CheckConfig, Script, Service};

use crate::PeopleError;
use crate::applications::{self, Application, ApplicationState, CheckRecord};
use base::{Ambient, ApplicationId};
use security::sealing::Keyring;
use serde::{Deserialize, Serialize};
use service::Failure;
use store::jobs::{self, Job, JobEnd, NewJob};
use store::{Db, Tx};

/// The kind of the jobs that [`run_check`] runs.
pub const JOB_KIND: &str = "people.check";
/// Far above what a check may take; the runner must never give up what we still have to conclude.
const JOB_ATTEMPTS_MAX: u32 = 10_000;

#[derive(Serialize, Deserialize)]
struct Body {
    application: String,
    kind: String,
    round: i64,
}

/// Asks one service about one application, and records what it said. The check that is recorded
/// last decides the application in the same transaction.
pub fn run_check(db: &Db, ambient: &Ambient, keyring: &Keyring, service: &Service, job: &Job) -> JobEnd {
    let Some((id, kind, round)) = parse(&job.body) else {
        return JobEnd::Abandon {
            error: "the job's body is not a check".into(),
        };
    };
    match check(db, ambient, keyring, service, job, (id, kind, round)) {
        Ok(end) => end,
        Err(error) => JobEnd::Retry {
            error: error.to_string(),
            after_ms: None,
        },
    }
}

/// Queues both checks of a round; a repeat changes nothing.
pub(crate) fn enqueue(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    round: i64,
) -> Result<(), PeopleError> {
    for kind in CheckKind::ALL {
        let body = Body {
            application: id.to_string(),
            kind: kind.word().into(),
            round,
        };
        let job = NewJob {
            kind: JOB_KIND,
            unique_key: unique_key(id, kind, round),
            body: serde_json::to_string(&body).expect("words and an integer are always JSON"),
            due: ambient.now(),
            max_attempts: JOB_ATTEMPTS_MAX,
        };
        jobs::enqueue(tx, ambient, job)?;
    }
    Ok(())
}

pub(crate) fn cancel(tx: &mut Tx<'_>, id: ApplicationId, round: i64) -> Result<(), PeopleError> {
    for kind in CheckKind::ALL {
        jobs::cancel(tx, JOB_KIND, &unique_key(id, kind, round))?;
    }
    Ok(())
}

fn check(
    db: &Db,
    ambient: &Ambient,
    keyring: &Keyring,
    service: &Service,
    job: &Job,
    (id, kind, round): (ApplicationId, CheckKind, i64),
) -> Result<JobEnd, PeopleError> {
    let Some((application, number)) = take_up(db, ambient, keyring, id, round)? else {
        return Ok(JobEnd::Done);
    };
    let attempts = i64::from(job.attempt);
    let (opinion, error) = match service.ask(kind, &application, &number) {
        Ok(opinion) => (opinion, None),
        Err(Failure::Passing(error)) if job.attempt < service.config().attempts_max => {
            return Ok(JobEnd::Retry {
                error,
                after_ms: None,
            });
        }
        Err(Failure::Passing(error) | Failure::Lasting(error)) => {
            tracing::warn!(application = %id, check = kind.word(), error, "a check is unavailable; a person takes over");
            (kind.unavailable(), Some(error))
        }
    };
    let (tx_ambient, at) = (ambient.clone(), ambient.now());
    let record = CheckRecord {
        round,
        opinion,
        attempts,
        error,
        at,
    };
    db.write(move |tx| applications::record(tx, &tx_ambient, id, &record))?;
    Ok(JobEnd::Done)
}

/// The application and its document's number, if it still waits for checks of this round.
fn take_up(
    db: &Db,
    ambient: &Ambient,
    keyring: &Keyring,
    id: ApplicationId,
    round: i64,
) -> Result<Option<(Application, String)>, PeopleError> {
    let (ambient, keyring) = (ambient.clone(), keyring.clone());
    db.write(move |tx| {
        applications::begin(tx, &ambient, id, round)?;
        let Some(application) = applications::get(tx, id)? else {
            return Ok(None);
        };
        if application.state != ApplicationState::Screening || application.round != round {
            return Ok(None);
        }
        let number = applications::document_number(tx, &keyring, id)?;
        Ok(number.map(|number| (application, number)))
    })
}

fn parse(body: &str) -> Option<(ApplicationId, CheckKind, i64)> {
    let body: Body = serde_json::from_str(body).ok()?;
    Some((
        body.application.parse().ok()?,
        CheckKind::from_word(&body.kind)?,
        body.round,
    ))
}

fn unique_key(id: ApplicationId, kind: CheckKind, round: i64) -> String {
    format!("{id}-{}-{round}", kind.word())
}
