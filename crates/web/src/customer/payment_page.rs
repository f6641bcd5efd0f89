//! A payment as its page shows it.

use super::rows::other_name;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::Customer;
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use crate::words::{money, sentence_case};
use ::money::payments::{self, EndedBy, Kind as PaymentKind, ReleasedBy, VoidedBy};
use ::money::{Payment, PaymentState, signature};
use askama::Template;
use axum::response::Response;
use calls::cases::{Case, CaseOutcome, CaseState};
use calls::status::CallStatus;

pub struct Step {
    pub tone: &'static str,
    pub title: String,
    pub text: String,
    pub when: String,
}

/// The way to confirm, open only after the details were played on an answered call.
pub struct Decide {
    ready: bool,
    nonce: String,
    amount: String,
    /// Why it cannot be confirmed here yet.
    wait: String,
    icon: &'static str,
}

#[derive(Template)]
#[template(path = "customer/payment.html")]
struct PaymentPage {
    p: Page,
    id: String,
    tone: &'static str,
    state: String,
    headline: String,
    sentence: String,
    words: Option<Vec<String>>,
    words_absent: Option<String>,
    why: String,
    reasons: Vec<String>,
    steps: Vec<Step>,
    facts: Vec<(String, String)>,
    decide: Option<Decide>,
    receipt: bool,
    form: Form,
    problem: Option<String>,
}

/// A payment as one side sees it, with what we do about it.
pub(super) struct Seen {
    pub payment: Payment,
    pub incoming: bool,
    pub case: Option<Case>,
    /// The call that is under way is about this payment.
    pub call: Option<CallStatus>,
    /// It waits for a call, and none can be placed now.
    pub line_down: bool,
    /// Messages of its reader.
    pub unread: u32,
}

impl Seen {
    /// We have given up calling about it, and it still waits. A wrong number is another matter: its
    /// customer can set it right.
    fn no_call_comes(&self) -> bool {
        let given_up = |case: &Case| {
            case.state == CaseState::Concluded && case.outcome != Some(CaseOutcome::WrongNumber)
        };
        self.payment.state == PaymentState::Held && self.case.as_ref().is_some_and(given_up)
    }
}

pub(super) async fn page(
    state: &AppState,
    customer: &Customer,
    seen: Seen,
    form: Form,
    problem: Option<String>,
) -> Result<Response, Fault> {
    let payment = &seen.payment;
    let held = payment.state == PaymentState::Held && !seen.incoming;
    let title = match payment.kind {
        PaymentKind::TopUp => "topup-title",
        PaymentKind::Transfer if held => "payment-held-title",
        PaymentKind::Transfer if seen.incoming => "payment-received-title",
        PaymentKind::Transfer => "payment-title",
    };
    let mut p = customer.page(state, title, Tab::Within);
    p.live = held;
    p.unread = seen.unread;
    let decide = match &payment.hold {
        Some(hold) if held => {
            let ready = hold.details_played.is_some();
            let nonce = if ready {
                challenge(state, customer, payment).await?
            } else {
                String::new()
            };
            Some(Decide {
                ready,
                nonce,
                amount: money(payment.amount),
                wait: if state.call_policy.concurrent_calls == 0 {
                    p.t("held-no-line")
                } else if seen.no_call_comes() {
                    p.t1("held-no-call", "when", p.calendar.soon(hold.deadline))
                } else if seen.line_down {
                    p.t1("held-line-down", "when", p.calendar.soon(hold.deadline))
                } else if matches!(seen.call, Some(CallStatus::OnCall { .. })) {
                    p.t("held-listen")
                } else {
                    p.t("held-not-yet")
                },
                icon: if seen.line_down || seen.no_call_comes() {
                    "phone-off"
                } else {
                    "phone-incoming"
                },
            })
        }
        _ => None,
    };
    let refused = form.has_errors() || problem.is_some();
    let (words, words_absent) = words(&p, &seen);
    let view = PaymentPage {
        id: payment.id.to_string(),
        tone: tone(payment.state),
        state: p.t(state_key(&seen)),
        headline: headline(&p, &seen),
        sentence: p.t1(sentence_key(&seen), "number", p.number()),
        words,
        words_absent,
        why: p.t(if payment.state == PaymentState::Refused {
            "refused-why"
        } else {
            "held-why"
        }),
        reasons: reasons(&p, payment, seen.incoming),
        steps: if payment.hold.is_some() && !seen.incoming {
            steps(&p, &seen)
        } else {
            Vec::new()
        },
        facts: facts(&p, &seen),
        decide,
        receipt: payment.state == PaymentState::Posted,
        form,
        problem,
        p,
    };
    reply(&view, refused)
}

async fn challenge(state: &AppState, customer: &Customer, payment: &Payment) -> Result<String, Fault> {
    let (ambient, keyring, session) = (
        state.ambient.clone(),
        state.keyring.clone(),
        customer.session.clone(),
    );
    let payment = payment.clone();
    let challenge = state
        .db
        .write_async(move |tx| signature::challenge(tx, &ambient, &keyring, &session, &payment))
        .await?;
    Ok(challenge.nonce.as_str().to_owned())
}

fn tone(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Held => "ring",
        PaymentState::Posted => "ok",
        PaymentState::Voided | PaymentState::Refused => "quiet",
    }
}

fn state_key(seen: &Seen) -> &'static str {
    match (seen.payment.state, &seen.call) {
        (PaymentState::Held, Some(CallStatus::OnCall { .. })) => "state-on-call",
        (PaymentState::Held, Some(CallStatus::Calling { .. })) => "state-calling",
        (PaymentState::Held, _) => "state-held",
        (PaymentState::Posted, _) => "state-posted",
        (PaymentState::Voided, _) => "state-voided",
        (PaymentState::Refused, _) => "state-refused",
    }
}

fn headline(p: &Page, seen: &Seen) -> String {
    let payment = &seen.payment;
    let amount = money(payment.amount);
    match payment.kind {
        PaymentKind::TopUp => p.t1("payment-topup", "amount", amount),
        PaymentKind::Transfer => {
            let key = if seen.incoming {
                "payment-from"
            } else {
                "payment-to"
            };
            p.t2(key, "amount", amount, "name", other_name(payment, seen.incoming))
        }
    }
}

fn sentence_key(seen: &Seen) -> &'static str {
    let payment = &seen.payment;
    let ended = payment.hold.as_ref().and_then(|hold| hold.ended.as_ref());
    match payment.state {
        PaymentState::Held => "held-say",
        PaymentState::Posted if seen.incoming || payment.kind == PaymentKind::TopUp => "received-say",
        PaymentState::Posted => match ended.map(|end| end.by) {
            Some(EndedBy::Released(ReleasedBy::Staff(..))) => "posted-staff",
            Some(_) | None => "posted-say",
        },
        PaymentState::Refused => "refused-say",
        PaymentState::Voided => match ended.map(|end| end.by) {
            Some(EndedBy::Voided(VoidedBy::Deadline)) => "voided-deadline",
            Some(EndedBy::Voided(VoidedBy::Staff(..))) => "voided-staff",
            Some(EndedBy::Voided(VoidedBy::Freeze)) => "voided-frozen",
            Some(EndedBy::Voided(VoidedBy::CustomerCall(_))) => "voided-call",
            Some(_) | None => "voided-customer",
        },
    }
}

/// The matching words while the call is answered, or why this device does not show them.
fn words(p: &Page, seen: &Seen) -> (Option<Vec<String>>, Option<String>) {
    match &seen.call {
        Some(CallStatus::OnCall {
            words: Some(words), ..
        }) => {
            let words = words.text(p.language).map(str::to_owned);
            (Some(words.to_vec()), None)
        }
        Some(CallStatus::OnCall { words: None, .. }) => (None, Some(p.t("words-new-device"))),
        _ => (None, None),
    }
}

fn reasons(p: &Page, payment: &Payment, incoming: bool) -> Vec<String> {
    let kept = payment.hold.is_some() || payment.state == PaymentState::Refused;
    match &payment.assessment {
        Some(assessment) if kept && !incoming => assessment
            .reasons
            .iter()
            .map(|reason| sentence_case(&reason.text(p.language, payment.amount.currency)))
            .collect(),
        _ => Vec::new(),
    }
}

fn steps(p: &Page, seen: &Seen) -> Vec<Step> {
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

fn call_step(p: &Page, seen: &Seen, hold: &payments::Hold) -> Step {
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
        (_, Some((_, at)), _) => ("done", "held-step-called", String::new(), p.calendar.soon(at)),
        (_, None, Some(case)) if case.state == CaseState::Waiting && seen.line_down => (
            "now",
            "held-step-line-down",
            p.t("held-step-line-down-text"),
            String::new(),
        ),
        (_, None, Some(case)) if case.state == CaseState::Waiting && hold.ended.is_none() => {
            let text = if case.attempts > 0 {
                format!("{} · {}", from(), attempts(case))
            } else {
                from()
            };
            let when = p.t1("held-step-next", "when", p.calendar.soon(case.due));
            ("now", "held-step-call", text, when)
        }
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

fn facts(p: &Page, seen: &Seen) -> Vec<(String, String)> {
    let payment = &seen.payment;
    let mut facts = Vec::new();
    if payment.kind == PaymentKind::Transfer && !seen.incoming {
        let number = payment
            .payee
            .wallet
            .as_ref()
            .map(|wallet| wallet.number.to_string());
        facts.push((p.t("fact-number"), number.unwrap_or_default()));
    }
    facts.push((p.t("fact-when"), p.calendar.moment(payment.created_at)));
    if !payment.note.is_empty() {
        facts.push((p.t("fact-note"), payment.note.clone()));
    }
    facts
}
