//! A case's timeline in words.

use crate::customer::Step;
use crate::shell::Page;
use base::Timestamp;
use calls::Disposition;
use calls::cases::{CaseKind, CaseOutcome, CaseState, Happening, TimelineItem};

pub fn steps(p: &Page, items: &[TimelineItem]) -> Vec<Step> {
    let mut steps: Vec<Step> = items.iter().map(|item| step(p, item)).collect();
    let dialed = items.iter().rposition(|item| item.happening == Happening::Dialed);
    for (step, item) in steps.iter_mut().zip(items).take(dialed.unwrap_or(0)) {
        // Planned then, and placed since.
        if item.happening == Happening::Planned {
            step.tone = "done";
        }
    }
    steps
}

fn step(p: &Page, item: &TimelineItem) -> Step {
    let (key, tone) = happening(item.happening);
    let text = match item.happening {
        Happening::Ended => {
            Disposition::from_code(&item.detail).map_or(String::new(), |how| p.t(disposition_key(how)))
        }
        Happening::Concluded => {
            CaseOutcome::from_code(&item.detail).map_or(String::new(), |outcome| p.t(outcome_key(outcome)))
        }
        Happening::Key => item.detail.clone(),
        Happening::Planned => item.detail.parse().map_or(String::new(), |at: jiff::Timestamp| {
            p.calendar.soon(Timestamp(at.as_microsecond()))
        }),
        _ => String::new(),
    };
    Step {
        tone,
        title: p.t(key),
        text,
        when: p.calendar.time_exact(item.at),
    }
}

fn happening(happening: Happening) -> (&'static str, &'static str) {
    match happening {
        Happening::Opened => ("happening-opened", "done"),
        Happening::Announced => ("happening-announced", "done"),
        Happening::Dialed => ("happening-dialed", "done"),
        Happening::Ringing => ("happening-ringing", "done"),
        Happening::Answered => ("happening-answered", "done"),
        Happening::Forwarded => ("happening-forwarded", "bad"),
        Happening::Proved => ("happening-proved", "done"),
        Happening::DetailsPlayed => ("happening-details-played", "done"),
        Happening::Key => ("happening-key", "done"),
        Happening::LanguageSwitched => ("happening-language", "done"),
        Happening::Released => ("happening-released", "done"),
        Happening::Stopped => ("happening-stopped", "bad"),
        Happening::Booked => ("happening-booked", "done"),
        Happening::Confirmed => ("happening-confirmed", "done"),
        Happening::Denied => ("happening-denied", "bad"),
        Happening::Ended => ("happening-ended", "done"),
        Happening::Planned => ("happening-planned", "now"),
        Happening::Concluded => ("happening-concluded", "done"),
    }
}

pub fn disposition_key(how: Disposition) -> &'static str {
    match how {
        Disposition::Confirmed => "disposition-confirmed",
        Disposition::Stopped => "disposition-stopped",
        Disposition::DecidedElsewhere => "disposition-elsewhere",
        Disposition::Later => "disposition-later",
        Disposition::NoAnswer => "disposition-no-answer",
        Disposition::Busy => "disposition-busy",
        Disposition::Declined => "disposition-declined",
        Disposition::HungUp => "disposition-hung-up",
        Disposition::WrongKeys => "disposition-wrong-keys",
        Disposition::Silent => "disposition-silent",
        Disposition::WrongNumber => "disposition-wrong-number",
        Disposition::Unreachable => "disposition-unreachable",
        Disposition::Interrupted => "disposition-interrupted",
        Disposition::MediaLost => "disposition-media-lost",
        Disposition::Expired => "disposition-expired",
        Disposition::TooLong => "disposition-too-long",
        Disposition::Trouble => "disposition-trouble",
        Disposition::LineDown => "disposition-line-down",
        Disposition::NotPossible => "disposition-not-possible",
    }
}

pub fn outcome_key(outcome: CaseOutcome) -> &'static str {
    match outcome {
        CaseOutcome::Confirmed => "outcome-confirmed",
        CaseOutcome::Stopped => "outcome-stopped",
        CaseOutcome::DecidedElsewhere => "outcome-elsewhere",
        CaseOutcome::Unreachable => "outcome-unreachable",
        CaseOutcome::WrongNumber => "outcome-wrong-number",
        CaseOutcome::Expired => "outcome-expired",
        CaseOutcome::LineDown => "outcome-line-down",
        CaseOutcome::NoCallInTime => "outcome-no-call-in-time",
        CaseOutcome::NotPossible => "outcome-not-possible",
        CaseOutcome::Handled => "outcome-handled",
    }
}

pub fn state_key(state: CaseState) -> (&'static str, &'static str) {
    match state {
        CaseState::Waiting => ("case-waiting", "quiet"),
        CaseState::Calling => ("case-calling", "ring"),
        CaseState::ForStaff => ("case-for-staff", "stop"),
        CaseState::Concluded => ("case-concluded", "ok"),
    }
}

pub fn kind_key(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::PaymentConfirmation(_) => "kind-payment",
        CaseKind::ApplicationCallback(_) => "kind-application",
        CaseKind::Security(_) => "kind-security",
        CaseKind::NumberCheck(_) => "kind-number",
    }
}
