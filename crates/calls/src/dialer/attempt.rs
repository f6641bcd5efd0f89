//! One call, from the INVITE to its last row.

use super::Desk;
use super::line::Carried;
use crate::attempts::{self, Begun, Words};
use crate::cases::CaseKind;
use crate::conversation::{self, Elsewhere, Minutes};
use crate::recordings::{self, Finished};
use crate::{CallsError, Disposition};
use base::CallId;
use phone::{Call, DialFailure, DialOptions, DialProgress, Dialing, RecordingSink};
use std::sync::Arc;
use std::time::Duration;

/// How long an answered customer waits for our database before we hang up.
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);

/// Calls, talks, and writes how it ended.
pub(super) async fn run(desk: &Arc<Desk>, begun: Begun) {
    let call = begun.attempt.id;
    let (sink, outcome) = recordings::begin(&desk.parts.keyring, &desk.parts.recordings, call);
    let disposition = place(desk, &begun, sink).await;
    // The sink is let go when the call has ended, and then the result is there.
    finish(desk, call, disposition, outcome.take()).await;
}

/// Writes the end of an attempt; after a crash of the database as soon as it is back.
async fn finish(desk: &Arc<Desk>, call: CallId, disposition: Disposition, recording: Option<Finished>) {
    let policy = desk.parts.policy.clone();
    let written = desk.write_surely(move |tx, ambient| {
        if let Some(recording) = &recording {
            recordings::finish(tx, call, ambient.now(), recording)?;
        }
        attempts::finish(tx, ambient, &policy, call, disposition)
    });
    match written.await {
        Some(_) => tracing::info!(%call, disposition = disposition.code(), "a call ended"),
        None => tracing::error!(%call, "the end of a call was not written; it is found later"),
    }
}

/// Ends an attempt that nobody goes on with. One that cannot be ended is left for the next look.
pub(super) async fn interrupt(desk: &Arc<Desk>, call: CallId) -> bool {
    let policy = desk.parts.policy.clone();
    let written =
        desk.write(move |tx, ambient| attempts::finish(tx, ambient, &policy, call, Disposition::Interrupted));
    match written.await {
        Ok(_) => {
            tracing::warn!(%call, "a call was interrupted");
            true
        }
        Err(error) => {
            tracing::error!(
                %call,
                error = %store::causes(&error),
                "an interrupted call cannot be settled"
            );
            false
        }
    }
}

async fn place(desk: &Arc<Desk>, begun: &Begun, recording: RecordingSink) -> Disposition {
    conversation::warm(desk, begun);
    let mut elsewhere = Elsewhere::watch(desk, begun);
    let options = DialOptions {
        recording: Some(recording),
        call_id_hint: Some(begun.attempt.id.to_string()),
        destination_uri: desk
            .parts
            .route
            .as_ref()
            .and_then(|route| route(&begun.matter.phone)),
    };
    let dialing = desk.parts.line.dial(&begun.matter.phone, options).await;
    let ring = Duration::from_millis(u64::from(desk.parts.policy.ring_ms));
    let answered = tokio::select! {
        answered = tokio::time::timeout(ring, ring_out(desk, begun, dialing)) => answered,
        // Decided while it rang: nobody needs to answer any more.
        _ = elsewhere.ended() => return Disposition::DecidedElsewhere,
        () = desk.stop.cancelled() => return Disposition::Interrupted,
    };
    match answered.unwrap_or(Err(DialFailure::NoAnswer)) {
        Ok(call) => {
            desk.note_line(Carried::Yes);
            talk(desk, begun, call, elsewhere).await
        }
        Err(failure) => {
            match &failure {
                DialFailure::TrunkDown(_) => desk.note_line(Carried::No),
                DialFailure::Refused { .. } => desk.note_line(Carried::Refused),
                // They say nothing about the trunk.
                DialFailure::LineFull(_) | DialFailure::Cancelled => {}
                DialFailure::Busy
                | DialFailure::NoAnswer
                | DialFailure::Declined
                | DialFailure::Unreachable { .. }
                | DialFailure::WrongNumber => desk.note_line(Carried::Yes),
            }
            disposition_of(&failure)
        }
    }
}

async fn ring_out(desk: &Arc<Desk>, begun: &Begun, mut dialing: Dialing) -> Result<Call, DialFailure> {
    let mut forwarded = false;
    while let Some(step) = dialing.next_progress().await {
        match step {
            DialProgress::Trying => {}
            DialProgress::Forwarded => forwarded = true,
            DialProgress::Ringing { .. } => {
                desk.note_line(Carried::Yes);
                note_ringing(desk, begun, forwarded);
            }
        }
    }
    dialing.answered().await
}

/// Beside the call: what the telephone does waits for no database.
fn note_ringing(desk: &Arc<Desk>, begun: &Begun, forwarded: bool) {
    let (desk, attempt) = (desk.clone(), begun.attempt.clone());
    tokio::spawn(async move {
        let noted = desk
            .write(move |tx, ambient| attempts::ringing(tx, ambient, &attempt, forwarded))
            .await;
        if let Err(error) = noted {
            tracing::warn!(
                error = %store::causes(&error),
                "that it rings was not written"
            );
        }
    });
}

async fn talk(desk: &Arc<Desk>, begun: &Begun, mut call: Call, elsewhere: Elsewhere) -> Disposition {
    // The words are for signed-in customers; an applicant has no screen that could show them.
    let spoken = matches!(begun.case.kind, CaseKind::PaymentConfirmation(_));
    let minutes = Minutes::begin(desk, begun.attempt.id);
    let words = spoken.then(|| Words::random(&desk.parts.ambient.rng));
    let disposition = match note_answered(desk, begun, words, call.forwarded()).await {
        Ok(true) => {
            let disposition = conversation::hold(desk, begun, words, &mut call, elsewhere, &minutes).await;
            // Also when we are told to stop: the recording is closed as always.
            call.hang_up().await;
            minutes.close().await;
            return disposition;
        }
        // Another process thought us dead and has ended this attempt.
        Ok(false) => Disposition::Interrupted,
        Err(error) => {
            tracing::error!(
                error = %store::causes(&error),
                "an answered call was not written"
            );
            conversation::apologize(desk, begun, &mut call).await;
            Disposition::Trouble
        }
    };
    call.hang_up().await;
    disposition
}

async fn note_answered(
    desk: &Arc<Desk>,
    begun: &Begun,
    words: Option<Words>,
    forwarded: bool,
) -> Result<bool, CallsError> {
    let begun = begun.clone();
    desk.write_patiently(ANSWER_PATIENCE, move |tx, ambient| {
        recordings::insert(tx, begun.attempt.id, begun.case.id, ambient.now())?;
        attempts::answered(tx, ambient, &begun.case, &begun.attempt, words, forwarded)
    })
    .await
}

fn disposition_of(failure: &DialFailure) -> Disposition {
    match failure {
        DialFailure::Busy => Disposition::Busy,
        DialFailure::NoAnswer => Disposition::NoAnswer,
        DialFailure::Declined => Disposition::Declined,
        DialFailure::Unreachable { .. } => Disposition::Unreachable,
        DialFailure::TrunkDown(_) | DialFailure::Refused { .. } | DialFailure::LineFull(_) => {
            Disposition::LineDown
        }
        DialFailure::WrongNumber => Disposition::WrongNumber,
        DialFailure::Cancelled => Disposition::Interrupted,
    }
}
