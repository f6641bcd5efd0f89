use super::{Finished, LeftOpen, Recording, RecordingState, file_name};
use crate::CallsError;
use base::{CallId, CaseId, Timestamp};
use store::{Row, Tx};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT call_id, case_id, file, state, key_id, started_at_us, consent_at_us, ended_at_us,
             duration_ms, sealed_bytes, sha256 FROM call_recording ",
            $rest
        )
    };
}

store::statements! {
    INSERT = "INSERT INTO call_recording (call_id, case_id, file, state, started_at_us)
        VALUES ($1, $2, $3, 'open', $4) ON CONFLICT (call_id) DO NOTHING";
    CONSENT = "UPDATE call_recording SET consent_at_us = $2 WHERE call_id = $1 AND consent_at_us IS NULL";
    FINISH = "UPDATE call_recording SET state = $2, key_id = $3, ended_at_us = $4, duration_ms = $5,
        sealed_bytes = $6, sha256 = $7 WHERE call_id = $1 AND ended_at_us IS NULL";
    FIND = columns!("WHERE call_id = $1 AND state <> 'forgotten'");
    LEFT_OPEN = "SELECT r.call_id, a.node, a.ended_at_us FROM call_recording r
        JOIN call_attempt a ON a.id = r.call_id
        WHERE r.ended_at_us IS NULL AND a.state = 'ended' AND a.ended_at_us < $1
        ORDER BY r.started_at_us LIMIT $2";
    HASHED_AFTER = columns!("WHERE call_id > $1 AND LENGTH(sha256) > 0 ORDER BY call_id LIMIT $2");
    /// The row stays until its file is gone.
    FORGET = "UPDATE call_recording SET state = 'forgotten', sha256 = NULL WHERE call_id IN (
        SELECT call_id FROM call_recording
        WHERE started_at_us < $1 AND ended_at_us IS NOT NULL AND state <> 'forgotten'
        ORDER BY started_at_us, call_id LIMIT $2) RETURNING call_id";
    FORGET_WORDS = "DELETE FROM call_transcript WHERE call_id = $1";
    FORGOTTEN = "SELECT r.call_id, r.file FROM call_recording r JOIN call_attempt a ON a.id = r.call_id
        WHERE r.state = 'forgotten' AND (a.node = $1 OR r.started_at_us < $2)
        ORDER BY r.started_at_us, r.call_id LIMIT $3";
    GONE = "DELETE FROM call_recording WHERE call_id = $1 AND state = 'forgotten'";
    OF_CASE = columns!("WHERE state <> 'forgotten' AND case_id = $1 ORDER BY started_at_us, call_id LIMIT 100");
}

pub(crate) fn insert(tx: &mut Tx<'_>, call: CallId, case: CaseId, at: Timestamp) -> Result<(), CallsError> {
    let file = file_name(call);
    tx.execute(
        &INSERT,
        &[
            call.as_bytes().into(),
            case.as_bytes().into(),
            file.into(),
            at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn note_consent(tx: &mut Tx<'_>, call: CallId, at: Timestamp) -> Result<(), CallsError> {
    tx.execute(&CONSENT, &[call.as_bytes().into(), at.into()])?;
    Ok(())
}

pub(crate) fn finish(
    tx: &mut Tx<'_>,
    call: CallId,
    at: Timestamp,
    finished: &Finished,
) -> Result<(), CallsError> {
    tx.execute(
        &FINISH,
        &[
            call.as_bytes().into(),
            if finished.complete { "complete" } else { "broken" }.into(),
            finished.key_id.into(),
            at.into(),
            finished.duration_ms.into(),
            finished.sealed_bytes.into(),
            (&finished.sha256).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn left_open(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<LeftOpen>, CallsError> {
    let found = tx.query(&LEFT_OPEN, &[before.into(), (limit as i64).into()], |row| {
        Ok(LeftOpen {
            call: CallId(row.id16(0)?),
            node: row.text(1)?,
            ended_at: row.time(2)?,
        })
    });
    Ok(found?)
}

pub(super) fn forget(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, CallsError> {
    let args = [before.into(), limit.into()];
    let calls = tx.query(&FORGET, &args, |row| row.id16(0))?;
    for call in &calls {
        tx.execute(&FORGET_WORDS, &[call.into()])?;
    }
    Ok(calls.len() as u64)
}

pub(super) fn forgotten(
    tx: &mut Tx<'_>,
    node: &str,
    anybodys: Timestamp,
    limit: i64,
) -> Result<Vec<(CallId, String)>, CallsError> {
    let args = [node.into(), anybodys.into(), limit.into()];
    Ok(tx.query(&FORGOTTEN, &args, |row| Ok((CallId(row.id16(0)?), row.text(1)?)))?)
}

pub(super) fn gone(tx: &mut Tx<'_>, call: CallId) -> Result<(), CallsError> {
    tx.execute(&GONE, &[call.as_bytes().into()])?;
    Ok(())
}

pub(super) fn find(tx: &mut Tx<'_>, call: CallId) -> Result<Option<Recording>, CallsError> {
    tx.query_opt(&FIND, &[call.as_bytes().into()], |row| Ok(read(row)))?
        .transpose()
}

pub(super) fn hashed_after(
    tx: &mut Tx<'_>,
    after: CallId,
    limit: usize,
) -> Result<Vec<Recording>, CallsError> {
    tx.query(
        &HASHED_AFTER,
        &[after.as_bytes().into(), (limit as i64).into()],
        |row| Ok(read(row)),
    )?
    .into_iter()
    .collect()
}

pub(super) fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Recording>, CallsError> {
    tx.query(&OF_CASE, &[case.as_bytes().into()], |row| Ok(read(row)))?
        .into_iter()
        .collect()
}

fn read(row: &Row<'_>) -> Result<Recording, CallsError> {
    let state = row.text(3)?;
    Ok(Recording {
        call: CallId(row.id16(0)?),
        case: CaseId(row.id16(1)?),
        file: row.text(2)?,
        state: match state.as_str() {
            "open" => RecordingState::Open,
            "complete" => RecordingState::Complete,
            "broken" => RecordingState::Broken,
            _ => {
                return Err(CallsError::Corrupt {
                    what: "state of a recording",
                    found: state,
                });
            }
        },
        key_id: row.opt_int(4)?,
        started_at: row.time(5)?,
        consent_at: row.opt_time(6)?,
        ended_at: row.opt_time(7)?,
        duration_ms: row.opt_int(8)?,
        sealed_bytes: row.opt_int(9)?,
        sha256: row.opt_bytes(10)?,
    })
}
