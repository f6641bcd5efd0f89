use crate::PeopleError;
use crate::applications::application::{Application, CheckRecord, FileId, FileKind, FileLine, Grant, Step};
use crate::applications::decision::{Decision, Inputs, Outcome};
use crate::applications::reason;
use crate::applications::state::{ApplicationEvent, ApplicationState};
use crate::checks::{CheckKind, Opinion};
use base::{ApplicationId, Timestamp};
use store::Tx;

store::statements! {
    ADD_STEP = "INSERT INTO application_steps (application, number, event, state, note, at_us)
        VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM application_steps WHERE application = $1),
            $2, $3, $4, $5)";
    STEPS = "SELECT event, state, note, at_us FROM application_steps WHERE application = $1
        ORDER BY number LIMIT 500";
    ADD_CHECK = "INSERT INTO application_checks (application, round, kind, opinion, attempts, error, at_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    CHECKS = "SELECT round, kind, opinion, attempts, error, at_us FROM application_checks
        WHERE application = $1 ORDER BY round, kind";
    ADD_DECISION = "INSERT INTO application_decisions
            (application, round, rule_version, inputs, outcome, limit_minor, tier, reasons, at_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    DECISIONS = "SELECT rule_version, inputs, outcome, limit_minor, tier, reasons, round
        FROM application_decisions
        WHERE application = $1 ORDER BY round";
    ADD_FILE = "INSERT INTO application_files (id, application, kind, media_type, sealed, at_us)
        VALUES ($1, $2, $3, $4, $5, $6)";
    FILES = "SELECT id, kind, media_type, CAST(LENGTH(sealed) AS BIGINT), at_us FROM application_files
        WHERE application = $1 ORDER BY id LIMIT 200";
    FILE = "SELECT kind, media_type, sealed FROM application_files WHERE application = $1 AND id = $2";
}

/// Adds the next line; the caller holds the application's row.
pub(in crate::applications) fn add_step(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    step: &Step,
) -> Result<(), PeopleError> {
    tx.execute(
        &ADD_STEP,
        &[
            application.as_bytes().into(),
            step.event.word().into(),
            step.state.word().into(),
            (&step.note).into(),
            step.at.into(),
        ],
    )?;
    Ok(())
}

pub(in crate::applications) fn steps(
    tx: &mut Tx<'_>,
    application: ApplicationId,
) -> Result<Vec<Step>, PeopleError> {
    tx.query(&STEPS, &[application.as_bytes().into()], |row| {
        let (event, state) = (row.text(0)?, row.text(1)?);
        let (note, at) = (row.text(2)?, row.time(3)?);
        let parsed = ApplicationEvent::from_word(&event).zip(ApplicationState::from_word(&state));
        Ok(parsed.map(|(event, state)| Step {
            event,
            state,
            note,
            at,
        }))
    })?
    .into_iter()
    .map(|step| {
        step.ok_or(PeopleError::Stored {
            application,
            what: "a step",
        })
    })
    .collect()
}

/// `false` when this check was concluded before; the first conclusion stands.
pub(in crate::applications) fn add_check(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    record: &CheckRecord,
) -> Result<bool, PeopleError> {
    let fresh = tx.execute(
        &ADD_CHECK,
        &[
            application.as_bytes().into(),
            record.round.into(),
            record.opinion.kind().word().into(),
            record.opinion.to_json().into(),
            record.attempts.into(),
            record.error.as_deref().into(),
            record.at.into(),
        ],
    )?;
    Ok(fresh == 1)
}

pub(in crate::applications) fn checks(
    tx: &mut Tx<'_>,
    application: ApplicationId,
) -> Result<Vec<CheckRecord>, PeopleError> {
    tx.query(&CHECKS, &[application.as_bytes().into()], |row| {
        let (kind, json) = (row.text(1)?, row.text(2)?);
        let opinion = CheckKind::from_word(&kind).and_then(|kind| Opinion::from_json(kind, &json).ok());
        let (round, attempts, error, at) = (row.int(0)?, row.int(3)?, row.opt_text(4)?, row.time(5)?);
        Ok(opinion.map(|opinion| CheckRecord {
            round,
            opinion,
            attempts,
            error,
            at,
        }))
    })?
    .into_iter()
    .map(|record| {
        record.ok_or(PeopleError::Stored {
            application,
            what: "a check",
        })
    })
    .collect()
}

pub(in crate::applications) fn add_decision(
    tx: &mut Tx<'_>,
    application: &Application,
    inputs: &Inputs,
    decision: &Decision,
    now: Timestamp,
) -> Result<(), PeopleError> {
    let inputs = serde_json::to_string(inputs).expect("inputs are integers, booleans and words");
    let grant = Grant::of(decision.outcome);
    tx.execute(
        &ADD_DECISION,
        &[
            application.id.as_bytes().into(),
            application.round.into(),
            decision.rule_version.into(),
            inputs.into(),
            decision.outcome.word().into(),
            grant.map(|grant| grant.limit_minor).into(),
            grant.map(|grant| grant.tier).into(),
            reason::encode(&decision.reasons).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Every decision on an application: its round, the inputs it was made from, and the decision; oldest first.
pub(in crate::applications) fn decisions(
    tx: &mut Tx<'_>,
    application: ApplicationId,
) -> Result<Vec<(i64, Inputs, Decision)>, PeopleError> {
    tx.query(&DECISIONS, &[application.as_bytes().into()], |row| {
        let round = row.int(6)?;
        let (rule_version, inputs, word) = (row.int(0)?, row.text(1)?, row.text(2)?);
        let (limit, tier, reasons) = (row.opt_int(3)?, row.opt_int(4)?, row.text(5)?);
        let outcome = match (word.as_str(), limit, tier) {
            ("grant", Some(limit_minor), Some(tier)) => Some(Outcome::Grant { limit_minor, tier }),
            ("refer", ..) => Some(Outcome::Refer),
            ("decline", ..) => Some(Outcome::Decline),
            ("need_documents", ..) => Some(Outcome::NeedDocuments),
            _ => None,
        };
        let parts = (
            outcome,
            reason::decode(&reasons),
            serde_json::from_str(&inputs).ok(),
        );
        let (Some(outcome), Some(reasons), Some(inputs)) = parts else {
            return Ok(None);
        };
        Ok(Some((
            round,
            inputs,
            Decision {
                outcome,
                reasons,
                rule_version,
            },
        )))
    })?
    .into_iter()
    .map(|decision| {
        decision.ok_or(PeopleError::Stored {
            application,
            what: "a decision",
        })
    })
    .collect()
}

pub(in crate::applications) fn add_file(
    tx: &mut Tx<'_>,
    id: FileId,
    application: ApplicationId,
    (kind, media_type, sealed): (&str, &str, &[u8]),
    now: Timestamp,
) -> Result<(), PeopleError> {
    tx.execute(
        &ADD_FILE,
        &[
            id.as_bytes().into(),
            application.as_bytes().into(),
            kind.into(),
            media_type.into(),
            sealed.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// A supplied file as stored.
pub(in crate::applications) struct StoredFile {
    pub kind: FileKind,
    pub media_type: String,
    pub sealed: Vec<u8>,
}

pub(in crate::applications) fn files(
    tx: &mut Tx<'_>,
    application: ApplicationId,
) -> Result<Vec<FileLine>, PeopleError> {
    tx.query(&FILES, &[application.as_bytes().into()], |row| {
        let kind = FileKind::from_word(&row.text(1)?);
        let (id, media_type, length) = (FileId(row.id16(0)?), row.text(2)?, row.int(3)?);
        let at = row.time(4)?;
        Ok(kind.map(|kind| FileLine {
            id,
            kind,
            media_type,
            length,
            at,
        }))
    })?
    .into_iter()
    .map(|line| line.ok_or_else(|| unknown_kind(application)))
    .collect()
}

pub(in crate::applications) fn file(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    id: FileId,
) -> Result<Option<StoredFile>, PeopleError> {
    let args = [application.as_bytes().into(), id.as_bytes().into()];
    let found = tx.query_opt(&FILE, &args, |row| {
        Ok((row.text(0)?, row.text(1)?, row.bytes(2)?))
    })?;
    let Some((kind, media_type, sealed)) = found else {
        return Ok(None);
    };
    let kind = FileKind::from_word(&kind).ok_or_else(|| unknown_kind(application))?;
    Ok(Some(StoredFile {
        kind,
        media_type,
        sealed,
    }))
}

fn unknown_kind(application: ApplicationId) -> PeopleError {
    PeopleError::Stored {
        application,
        what: "the kind of a file",
    }
}

/// Puts `to` for `from` in a column of the decision, as no verb can.
#[cfg(test)]
pub(in crate::applications) fn forge(
    tx: &mut Tx<'_>,
    column: &str,
    from: &str,
    to: &str,
) -> Result<u64, PeopleError> {
    let text = format!(
        "UPDATE application_decisions SET {column} = REPLACE({column}, '{from}', '{to}') WHERE {column} LIKE '%{from}%'"
    );
    Ok(tx.execute(&store::Sql(String::leak(text)), &[])?)
}

/// As if every decision had been made by these rules.
#[cfg(test)]
pub(in crate::applications) fn set_rule_version(tx: &mut Tx<'_>, version: i64) -> Result<u64, PeopleError> {
    let sql = store::Sql("UPDATE application_decisions SET rule_version = $1");
    Ok(tx.execute(&sql, &[version.into()])?)
}
