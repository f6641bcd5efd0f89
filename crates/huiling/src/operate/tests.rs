use super::proofs::{decisions, recordings as recordings_proved};
use crate::wiring::rooms;
use base::CallId;
use calls::recordings::{self, Recording};
use store::Sql;

#[test]
fn a_recording_that_was_changed_or_is_missing_is_found() {
    let db = store::harness::sqlite(&rooms::migrations()[1..]);
    let folder = tempfile::tempdir().unwrap();
    for (byte, file, hashed) in [
        (1u8, "a.sealed", "sound"),
        (2, "b.sealed", "sound"),
        (3, "c.sealed", "sound"),
    ] {
        std::fs::write(folder.path().join(file), hashed).unwrap();
        let hash = recordings::hash_of_file(folder.path(), &recording(byte, file)).unwrap();
        let row = Sql(
            "INSERT INTO call_recording (call_id, case_id, file, state, started_at_us, ended_at_us, sha256)
            VALUES ($1, $1, $2, 'complete', 1, 2, $3)",
        );
        let written = db.write(move |tx| {
            let id = [byte; 16];
            tx.execute(&row, &[(&id).into(), file.into(), (&hash).into()])
        });
        written.unwrap();
    }
    assert_eq!(recordings_proved(&db, folder.path()).unwrap().problems_found, 0);
    std::fs::write(folder.path().join("b.sealed"), "other").unwrap();
    std::fs::remove_file(folder.path().join("c.sealed")).unwrap();
    let proved = recordings_proved(&db, folder.path()).unwrap();
    assert_eq!(
        (proved.count, proved.problems_found),
        (3, 2),
        "{:?}",
        proved.problems
    );
    let none = decisions(&db);
    assert_eq!(none.unwrap().count, 0);
}

fn recording(byte: u8, file: &str) -> Recording {
    Recording {
        call: CallId([byte; 16]),
        case: base::CaseId([byte; 16]),
        file: file.into(),
        state: recordings::RecordingState::Complete,
        key_id: None,
        started_at: base::Timestamp::from_secs(1),
        consent_at: None,
        ended_at: None,
        duration_ms: None,
        sealed_bytes: None,
        sha256: None,
    }
}
