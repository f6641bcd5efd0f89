//! A payment as its page shows it.

mod steps;
mod words;

pub use steps::Step;

use crate::fault::Fault;
use crate::form::Form;
use crate::guard::Customer;
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use crate::words::money;
use ::money::payments::Kind as PaymentKind;
use ::money::{Payment, PaymentState, signature};
use askama::Template;
use axum::response::Response;
use calls::cases::{Case, CaseOutcome, CaseState};
use calls::status::CallStatus;
use steps::steps;
use words::{facts, headline, reasons, sentence_key, state_key, tone, words};

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
    /// The other side's name, as this side may see it.
    pub other: String,
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
    let decide = decide(state, customer, &p, &seen).await?;
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

/// What its payer can do about a payment on hold.
async fn decide(
    state: &AppState,
    customer: &Customer,
    p: &Page,
    seen: &Seen,
) -> Result<Option<Decide>, Fault> {
    let payment = &seen.payment;
    let hold = match &payment.hold {
        Some(hold) if payment.state == PaymentState::Held && !seen.incoming => hold,
        _ => return Ok(None),
    };
    let ready = hold.details_played.is_some();
    let deadline = || p.calendar.soon(hold.deadline);
    Ok(Some(Decide {
        ready,
        nonce: if ready {
            challenge(state, customer, payment).await?
        } else {
            String::new()
        },
        amount: money(payment.amount),
        wait: if state.call_policy.concurrent_calls == 0 {
            p.t("held-no-line")
        } else if seen.no_call_comes() {
            p.t1("held-no-call", "when", deadline())
        } else if seen.line_down {
            p.t1("held-line-down", "when", deadline())
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
    }))
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
