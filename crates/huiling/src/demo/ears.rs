use super::persona::{Asked, Ears};
use base::{CallId, CaseId};
use calls::cases::{self, Happening};
use calls::{CallsError, attempts};
use std::sync::Arc;
use store::{Db, Tx};

/// Ears for people who cannot hear: what the voice has said is read from the case's timeline.
pub fn of(db: Db) -> Ears {
    Ears(Arc::new(move |sip_call_id| {
        let call = call_of(sip_call_id)?;
        db.read(move |tx| heard(tx, call)).ok().flatten()
    }))
}

fn heard(tx: &mut Tx<'_>, call: CallId) -> Result<Option<Asked>, CallsError> {
    let Some(attempt) = attempts::get(tx, call)? else {
        return Ok(None);
    };
    let happened = happened(tx, attempt.case, call)?;
    Ok(if happened.contains(&Happening::DetailsPlayed) {
        Some(Asked::Choice)
    } else if happened.contains(&Happening::Answered) && !happened.contains(&Happening::Proved) {
        Some(Asked::Proof(char::from(b'0' + attempt.proof_digit)))
    } else {
        None
    })
}

fn happened(tx: &mut Tx<'_>, case: CaseId, call: CallId) -> Result<Vec<Happening>, CallsError> {
    let items = cases::timeline(tx, case)?;
    Ok(items
        .into_iter()
        .filter(|item| item.call == Some(call))
        .map(|item| item.happening)
        .collect())
}

/// The attempt's id is part of the SIP Call-ID.
fn call_of(sip_call_id: &str) -> Option<CallId> {
    let start = (0..sip_call_id.len().checked_sub(31)?).find(|&at| {
        sip_call_id.as_bytes()[at..at + 32]
            .iter()
            .all(u8::is_ascii_hexdigit)
    })?;
    sip_call_id[start..start + 32].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_is_named_in_its_sip_call_id() {
        let id = "0193f3a2b4c57d6e8f901a2b3c4d5e6f";
        assert_eq!(
            call_of(&format!("huiling-{id}@127.0.0.1")).unwrap().to_string(),
            id
        );
        assert_eq!(call_of("abc"), None);
    }
}
