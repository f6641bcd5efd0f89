//! What is true after a call, however it went: ledger, case, notice, status, recording, transcript.

use crate::world::World;
use base::PaymentId;
use calls::attempts::Attempt;
use calls::cases::{Case, CaseOutcome, CaseState, Happening};
use calls::notices::NoticeState;
use calls::recordings::{Recording, RecordingState, hash_of_file, open_wav};
use calls::transcripts::{Heard, Line, What};
use calls::{CallStatus, Disposition};
use money::payments::PaymentState;
use phone::prompts::PromptId;
use security::sealing::Keyring;

pub const AMOUNT: i64 = 125_000;
const TOP_UP: i64 = 1_000_000;
/// Octets of both channels that no sealed file has by chance.
const STRETCH: usize = 16;

/// How everything stands after the last call about a payment.
pub struct After {
    pub disposition: Disposition,
    pub outcome: CaseOutcome,
    pub payment: PaymentState,
}

impl After {
    pub const PAID: Self = Self {
        disposition: Disposition::Confirmed,
        outcome: CaseOutcome::Confirmed,
        payment: PaymentState::Posted,
    };

    pub const STOPPED: Self = Self {
        disposition: Disposition::Stopped,
        outcome: CaseOutcome::Stopped,
        payment: PaymentState::Voided,
    };

    /// Nobody answered for the payment; its deadline voids it.
    pub const fn waits(disposition: Disposition) -> Self {
        Self {
            disposition,
            outcome: CaseOutcome::Unreachable,
            payment: PaymentState::Held,
        }
    }

    pub fn check(&self, world: &World, payment: PaymentId) {
        let case = world.case(payment).unwrap();
        let story = tail(world, &case);
        let attempt = world.attempts(case.id).pop().unwrap();
        assert_eq!(attempt.disposition, Some(self.disposition), "{story}");
        assert_eq!(
            (case.state, case.outcome),
            (CaseState::Concluded, Some(self.outcome)),
            "{story}"
        );
        check_ledger(world, payment, self.payment);
        check_told(world, &case);
        for attempt in world.attempts(case.id) {
            // What a dead process leaves of a call is not complete.
            if attempt.disposition != Some(Disposition::Interrupted) {
                check_attempt(world, &attempt);
            }
        }
        check_frozen(world, payment, self.outcome == CaseOutcome::Stopped);
        if self.payment == PaymentState::Posted && self.disposition == Disposition::Confirmed {
            check_order(world, &case, &attempt);
        }
    }
}

/// The end of the story, for whoever reads a failure.
fn tail(world: &World, case: &Case) -> String {
    let story = world.timeline(case.id);
    let from = story.len().saturating_sub(20);
    let told = story[from..]
        .iter()
        .map(|item| format!("{} {}", item.happening.code(), item.detail));
    told.collect::<Vec<_>>().join(", ")
}

/// The money is where it must be, and the whole ledger is sound.
pub fn check_ledger(world: &World, payment: PaymentId, state: PaymentState) {
    assert_eq!(world.payment(payment).state, state);
    let (payer, payee) = (world.wallet(&world.payer), world.wallet(&world.payee));
    let received = if state == PaymentState::Posted { AMOUNT } else { 0 };
    let held = if state == PaymentState::Held { AMOUNT } else { 0 };
    assert_eq!(payee.posted_minor, received);
    assert_eq!((payer.posted_minor, payer.held_minor), (TOP_UP - received, held));
    let report = tokio::task::block_in_place(|| money::verify(&world.db)).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.open_holds, u64::from(state == PaymentState::Held));
}

/// The notice is over, nobody is being called, and only the customer it is about hears of it.
fn check_told(world: &World, case: &Case) {
    assert_eq!(world.notice(case.id).state, NoticeState::Over);
    assert_eq!(world.status(), CallStatus::NotCalling);
    let (policy, now, payee) = (world.policy.clone(), world.ambient.now(), world.payee.customer);
    let others = world.read(move |tx| calls::status::for_customer(tx, &policy, now, payee, None));
    assert_eq!(others, CallStatus::NeverCalled);
}

fn check_frozen(world: &World, payment: PaymentId, stopped: bool) {
    assert_eq!(world.wallet(&world.payer).frozen.is_some(), stopped);
    let security = calls::cases::CaseKind::Security(payment);
    let security = world.read(move |tx| calls::cases::by_kind(tx, security));
    let waits = security.map(|case| case.state);
    assert_eq!(waits, stopped.then_some(CaseState::ForStaff));
}

/// The words are gone with every call; an answered one has its recording and its transcript.
pub fn check_attempt(world: &World, attempt: &Attempt) {
    assert!(
        attempt.ended_at.is_some() && attempt.words.is_none(),
        "{attempt:?}"
    );
    let recording = world.recording(attempt);
    let call = attempt.id;
    let transcript = world.read(move |tx| calls::transcripts::of_call(tx, call));
    if attempt.answered_at.is_none() {
        assert!(recording.is_none() && transcript.is_empty(), "nobody spoke");
        return;
    }
    let recording = recording.expect("an answered call has a recording");
    assert_eq!(recording.state, RecordingState::Complete);
    let wav = open_wav(&world.keyring, &world.recordings(), &recording).unwrap();
    let length_ms = recording.duration_ms.unwrap();
    // Two channels of 8,000 samples of one octet.
    let octets = wav.len() as i64 / 16;
    assert!(
        (length_ms - 100..=length_ms + 100).contains(&octets),
        "{length_ms} ms"
    );
    let hash = hash_of_file(&world.recordings(), &recording).unwrap();
    assert_eq!(recording.sha256, Some(hash));
    check_sealed(world, &recording, &wav);
    // A key may cut it in two; it goes on where it was.
    let greetings = transcript.iter().filter_map(|entry| match &entry.what {
        What::Said { line, whole, .. } if *line == Line::Prompt(PromptId::PaymentGreeting) => Some(*whole),
        What::Said { .. } | What::Heard(_) => None,
    });
    let greeted: Vec<bool> = greetings.collect();
    assert!(!greeted.is_empty(), "{transcript:?}");
    assert_eq!(
        recording.consent_at.is_some(),
        greeted.contains(&true),
        "the line that says so was played"
    );
    let last = transcript.iter().map(|entry| entry.until_ms).max();
    assert!(last < Some(length_ms + 3_000), "{last:?} of {length_ms} ms");
}

/// Nothing of what can be heard lies readable on the disk, and another house's keys do not open it.
fn check_sealed(world: &World, recording: &Recording, wav: &[u8]) {
    let on_disk = std::fs::read(world.recordings().join(&recording.file)).unwrap();
    let octets: std::collections::HashSet<&[u8]> = wav.chunks_exact(STRETCH).collect();
    assert!(octets.len() > 1, "there is something to be heard");
    let readable = on_disk.windows(STRETCH).any(|window| octets.contains(window));
    assert!(!readable, "{}", recording.file);
    let stranger = Keyring::ephemeral(&world.ambient);
    assert!(open_wav(&stranger, &world.recordings(), recording).is_err());
}

/// A 1 counts only after the right digit and the details in full, on that very call.
fn check_order(world: &World, case: &Case, attempt: &Attempt) {
    let call = attempt.id;
    let transcript = world.read(move |tx| calls::transcripts::of_call(tx, call));
    let place = |wanted: &dyn Fn(&What) -> bool| transcript.iter().position(|entry| wanted(&entry.what));
    let proof = place(&|what| *what == What::Heard(Heard::Proof));
    let details = place(&|what| {
        matches!(
            what,
            What::Said {
                line: Line::Payment { .. },
                whole: true,
                ..
            }
        )
    });
    let one = transcript
        .iter()
        .rposition(|entry| entry.what == What::Heard(Heard::Choice('1')));
    let paid = place(&|what| {
        matches!(
            what,
            What::Said {
                line: Line::Prompt(PromptId::PaymentPaid),
                ..
            }
        )
    });
    assert!(proof.is_some(), "{transcript:?}");
    assert!(proof < details && details < one && one < paid, "{transcript:?}");
    let story = world.timeline(case.id);
    let at = |happening| story.iter().position(|item| item.happening == happening);
    let played = at(Happening::DetailsPlayed);
    assert!(played.is_some() && played < at(Happening::Released), "{story:?}");
}
