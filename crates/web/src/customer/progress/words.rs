//! An application's progress in words and steps.

use super::page::Followed;
use crate::customer::payment_page::Step;
use crate::shell::Page;
use crate::words::money;
use base::{Amount, Currency};
use people::applications::ApplicationState;

pub(super) fn tone(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Callback | ApplicationState::MoreDocuments => "ring",
        ApplicationState::Activated => "ok",
        ApplicationState::Declined => "stop",
        ApplicationState::Draft
        | ApplicationState::Submitted
        | ApplicationState::Screening
        | ApplicationState::Referred
        | ApplicationState::Withdrawn => "quiet",
    }
}

pub(super) fn headline_key(followed: &Followed) -> &'static str {
    let application = &followed.application;
    match application.state {
        ApplicationState::Draft | ApplicationState::Submitted | ApplicationState::Screening => {
            "progress-screening-head"
        }
        ApplicationState::MoreDocuments => "progress-documents-head",
        ApplicationState::Callback if application.number_doubted => "progress-doubted-head",
        ApplicationState::Callback if followed.line_down => "progress-line-down-head",
        ApplicationState::Callback if followed.is_called() && followed.answered => "status-on-call",
        ApplicationState::Callback if followed.is_called() => "progress-calling-head",
        ApplicationState::Callback => "progress-callback-head",
        ApplicationState::Referred => "progress-referred-head",
        ApplicationState::Activated => "progress-activated-head",
        ApplicationState::Declined => "progress-declined-head",
        ApplicationState::Withdrawn => "progress-withdrawn-head",
    }
}

pub(super) fn sentence(p: &Page, followed: &Followed) -> String {
    let application = &followed.application;
    match application.state {
        ApplicationState::Draft | ApplicationState::Submitted | ApplicationState::Screening => {
            p.t("progress-screening-say")
        }
        ApplicationState::MoreDocuments => p.t("progress-documents-say"),
        ApplicationState::Callback if application.number_doubted => p.t("progress-doubted-say"),
        ApplicationState::Callback if followed.is_called() && followed.answered => {
            p.t("progress-on-call-say")
        }
        ApplicationState::Callback if followed.is_called() => {
            p.t1("progress-calling-say", "number", p.number())
        }
        ApplicationState::Callback if followed.line_down => {
            p.t1("progress-line-down-say", "number", p.number())
        }
        ApplicationState::Callback => p.t1("progress-callback-say", "number", p.number()),
        ApplicationState::Referred => p.t("progress-referred-say"),
        ApplicationState::Activated => {
            let limit_minor = application.grant.map_or(0, |grant| grant.limit_minor);
            p.t1(
                "progress-activated-say",
                "limit",
                money(Amount::new(limit_minor, Currency::Cny)),
            )
        }
        ApplicationState::Declined => p.t("progress-declined-say"),
        ApplicationState::Withdrawn => p.t("progress-withdrawn-say"),
    }
}

/// `booked` is the time that the applicant chose for the call, in words.
pub(super) fn steps(p: &Page, followed: &Followed, booked: Option<String>) -> Vec<Step> {
    use ApplicationState as S;
    let application = &followed.application;
    let state = application.state;
    let step = |tone, key, text: String, when: String| Step {
        tone,
        title: p.t(key),
        text,
        when,
    };
    let changed = || p.calendar.soon(application.changed_at);
    let mut steps = vec![step(
        "done",
        "progress-received",
        String::new(),
        p.calendar.soon(application.submitted_at),
    )];
    let (screening, call) = match state {
        S::Draft | S::Submitted | S::Screening | S::MoreDocuments => ("now", "todo"),
        S::Callback => ("done", "now"),
        S::Referred => ("done", "todo"),
        S::Activated => ("done", "done"),
        S::Declined | S::Withdrawn => ("done", ""),
    };
    let text = match (state, screening) {
        (S::MoreDocuments, _) => p.t("progress-documents-text"),
        (_, "now") => p.t("progress-screening-text"),
        _ => String::new(),
    };
    steps.push(step(screening, "progress-screening", text, String::new()));
    if state == S::Referred {
        steps.push(step("now", "progress-person", String::new(), changed()));
    }
    if !call.is_empty() {
        let text = if call == "done" {
            String::new()
        } else if call == "now" && application.number_doubted {
            p.t("progress-doubted-text")
        } else if call == "now" && followed.line_down {
            p.t("held-step-line-down-text")
        } else if let Some(window) = booked {
            p.t2("progress-call-booked", "number", p.number(), "window", window)
        } else {
            p.t1("progress-call-text", "number", p.number())
        };
        steps.push(step(call, "progress-call", text, String::new()));
    }
    steps.push(match state {
        S::Activated => step("done", "progress-opened", String::new(), changed()),
        S::Declined => step("bad", "progress-declined-head", String::new(), changed()),
        S::Withdrawn => step("bad", "progress-withdrawn-head", String::new(), changed()),
        _ => step("todo", "progress-result", String::new(), String::new()),
    });
    steps
}
