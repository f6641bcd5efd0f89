//! What happened to a held payment, and what comes next.

use super::Seen;
use super::words::state_key;
use crate::shell::Page;
use ::money::PaymentState;
use ::money::payments::Hold;
use calls::cases::{Case, CaseOutcome, CaseState};
use calls::status::CallStatus;

pub struct Step {
    pub tone: &'static str,
    pub title: String,
    pub text: String,
    pub when: String,
}

pub(super) fn steps(p: &Page, seen: &Seen) -> Vec<Step> {
    let payment = &seen.payment;
    let Some(hold) = &payment.hold else {
        return Vec::new();
    };
    let mut steps = vec![Step {
        tone: "done",
        title: p.t("held-step-held"),
        text: String::new(),
        when: p.calendar.soon(payment.created_at),
    }];
    steps.push(call_step(p, seen, hold));
    steps.push(match &hold.ended {
        None => Step {
            tone: if hold.details_played.is_some() {
                "now"
            } else {
                "todo"
            },
            title: p.t("held-step-decide"),
            text: String::new(),
            when: p.t1("held-step-until", "when", p.calendar.soon(hold.deadline)),
        },
        Some(end) => Step {
            tone: if payment.state == PaymentState::Posted {
                "done"
            } else {
                "bad"
            },
            title: p.t(state_key(seen)),
            text: String::new(),
            when: p.calendar.soon(end.at),
        },
    });
    steps
}

fn call_step(p: &Page, seen: &Seen, hold: &Hold) -> Step {
    let attempts = |case: &Case| {
        let number = case.attempts.max(1);
        p.t2("held-step-attempt", "attempt", number, "max", case.max_attempts)
    };
    let from = || p.t1("held-step-from", "number", p.number());
    let case = seen.case.as_ref();
    let (tone, title, text, when) = match (&seen.call, hold.details_played, case) {
        (Some(CallStatus::OnCall { since, .. }), _, Some(case)) => (
            "now",
            "held-step-on-call",
            format!("{} · {}", from(), attempts(case)),
            p.calendar.time(*since),
        ),
        (Some(CallStatus::Calling { since, .. }), _, Some(case)) => (
            "now",
            "held-step-calling",
            format!("{} · {}", from(), attempts(case)),
            p.calendar.time(*since),
        ),
        (_, _, Some(case)) if case.state == CaseState::Waiting && seen.line_down => (
            "now",
            "held-step-line-down",
            p.t("held-step-line-down-text"),
            String::new(),
        ),
        // Also after a call that was put off or broke off once the details were played.
        (_, _, Some(case)) if case.state == CaseState::Waiting && hold.ended.is_none() => {
            let text = if case.attempts > 0 {
                format!("{} · {}", from(), attempts(case))
            } else {
                from()
            };
            let when = p.t1("held-step-next", "when", p.calendar.soon(case.due));
            ("now", "held-step-call", text, when)
        }
        (_, Some((_, at)), _) => ("done", "held-step-called", String::new(), p.calendar.soon(at)),
        (_, None, Some(case)) if case.outcome == Some(CaseOutcome::WrongNumber) && hold.ended.is_none() => {
            let text = p.t("phone-step-text");
            ("now", "phone-step-wrong", text, String::new())
        }
        (_, None, Some(case)) if seen.no_call_comes() => {
            let text = match case.outcome {
                Some(CaseOutcome::NoCallInTime) => p.t("held-step-no-call-text"),
                _ if case.attempts > 0 => attempts(case),
                _ => String::new(),
            };
            ("done", "held-step-no-call", text, String::new())
        }
        (_, None, Some(case)) if case.attempts > 0 => {
            ("done", "held-step-call", attempts(case), String::new())
        }
        _ => ("todo", "held-step-call", String::new(), String::new()),
    };
    Step {
        tone,
        title: p.t(title),
        text,
        when,
    }
}
