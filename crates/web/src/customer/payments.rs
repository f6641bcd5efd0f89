use super::holder;
use super::rows::other_name;
use super::status::call_status;
use crate::fault::Fault;
use crate::form::Form;
use crate::freezes;
use crate::guard::{Customer, Fields};
use crate::shell::{Page, Tab};
use crate::state::AppState;
use crate::words::money;
use ::money::payments::{self, EndedBy, Kind as PaymentKind, ReleaseOutcome, ReleasedBy, VoidedBy};
use ::money::{Payment, PaymentState, Wallet, receipts, wallets};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::PaymentId;
use calls::cases::{self, Case, CaseKind, CaseState};
use calls::status::CallStatus;
use risk::WarningSign;
use security::Token;
use security::proofs::{self, Binding, ProofOutcome, Spent};

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
    reasons: Vec<String>,
    steps: Vec<Step>,
    facts: Vec<(String, String)>,
    decide: Option<Decide>,
    receipt: bool,
    form: Form,
    problem: Option<String>,
}

/// A payment as one side sees it, with what we do about it.
struct Seen {
    payment: Payment,
    incoming: bool,
    case: Option<Case>,
    /// The call that is under way is about this payment.
    call: Option<CallStatus>,
}

/// `GET /payments/{id}`.
pub async fn payment(
    State(state): State<AppState>,
    customer: Customer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let seen = look(&state, &customer, &wallet, &id).await?;
    page(&state, &customer, seen, Form::default(), None).await
}

/// `POST /payments/{id}/confirm`: the signature over exactly this payment, amount and payee.
pub async fn confirm(
    State(state): State<AppState>,
    customer: Customer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let seen = look(&state, &customer, &wallet, &id).await?;
    if seen.incoming {
        return Err(Fault::not_found());
    }
    let code = form.value("code").replace(' ', "");
    let key = match Token::parse(form.value("nonce")) {
        Some(nonce) => sign(&state, &customer, seen.payment.id, nonce, code).await?,
        None => Some("held-confirm-expired"),
    };
    match key {
        None => Ok(Redirect::to(&format!("/payments/{id}")).into_response()),
        Some(key) => {
            let seen = look(&state, &customer, &wallet, &id).await?;
            let mut form = Form::default();
            let text = customer.visitor.page(&state).t(key);
            let beside = matches!(key, "held-confirm-wrong" | "held-confirm-expired");
            if beside {
                form.refuse("code", text.clone());
            }
            page(&state, &customer, seen, form, (!beside).then_some(text)).await
        }
    }
}

/// Proof and release in one transaction. `None` when the payment is posted; otherwise what to say.
pub(crate) async fn sign(
    state: &AppState,
    customer: &Customer,
    id: PaymentId,
    nonce: Token,
    code: String,
) -> Result<Option<&'static str>, Fault> {
    let (ambient, keyring, session) = (
        state.ambient.clone(),
        state.keyring.clone(),
        customer.session.clone(),
    );
    state
        .db
        .write_async(move |tx| {
            let payment = payments::get(tx, id)?.ok_or_else(Fault::not_found)?;
            let played = payment
                .hold
                .as_ref()
                .is_some_and(|hold| hold.details_played.is_some());
            if payment.state == PaymentState::Held && !played {
                return Ok(Some("held-confirm-first"));
            }
            let binding = binding(&payment);
            let proof = match proofs::prove(tx, &ambient, &keyring, &session, &nonce, &binding, &code)? {
                ProofOutcome::Proved(proof) => proof,
                ProofOutcome::WrongCode { .. } => {
                    let sign = WarningSign::FailedSecondFactor;
                    payments::record_warning(tx, &ambient, payment.payer.account, sign)?;
                    return Ok(Some("held-confirm-wrong"));
                }
                ProofOutcome::Locked { .. } => return Ok(Some("held-confirm-locked")),
                ProofOutcome::Expired
                | ProofOutcome::Used
                | ProofOutcome::NotThisPayment
                | ProofOutcome::NoSecondFactor => return Ok(Some("held-confirm-expired")),
            };
            if proofs::spend(tx, ambient.now(), proof, id)? == Spent::NotProved {
                return Ok(Some("held-confirm-expired"));
            }
            let by = ReleasedBy::CustomerApp { proof: proof.0 };
            Ok::<_, Fault>(refusal_key(payments::release(tx, &ambient, id, by)?))
        })
        .await
}

fn refusal_key(outcome: ReleaseOutcome) -> Option<&'static str> {
    match outcome {
        ReleaseOutcome::Posted | ReleaseOutcome::AlreadyPosted => None,
        ReleaseOutcome::AlreadyVoided | ReleaseOutcome::DeadlinePassed => Some("held-confirm-deadline"),
        ReleaseOutcome::Frozen => Some("held-confirm-frozen"),
        ReleaseOutcome::PayeeCannotReceive => Some("held-confirm-payee"),
        ReleaseOutcome::DetailsNotPlayed => Some("held-confirm-first"),
        ReleaseOutcome::NotFound => Some("problem-not-found"),
    }
}

/// `POST /payments/{id}/stop`: at any time; with a freeze when the customer wants it.
pub async fn stop(
    State(state): State<AppState>,
    customer: Customer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let seen = look(&state, &customer, &wallet, &id).await?;
    if seen.incoming {
        return Err(Fault::not_found());
    }
    let freeze = form.value("freeze") == "yes";
    stop_payment(&state, &customer, &wallet, seen.payment.id, freeze).await?;
    Ok(Redirect::to(&format!("/payments/{id}")).into_response())
}

pub(crate) async fn stop_payment(
    state: &AppState,
    customer: &Customer,
    wallet: &Wallet,
    id: PaymentId,
    freeze: bool,
) -> Result<payments::VoidOutcome, Fault> {
    let (ambient, login, wallet) = (state.ambient.clone(), customer.session.login, wallet.id);
    state
        .db
        .write_async(move |tx| {
            let outcome = payments::void(tx, &ambient, id, VoidedBy::CustomerApp(login), "")?;
            if freeze {
                wallets::freeze(tx, &ambient, wallet, freezes::WITH_STOP, &id.to_string())?;
            }
            Ok::<_, Fault>(outcome)
        })
        .await
}

#[derive(Template)]
#[template(path = "customer/receipt.html")]
struct ReceiptPage {
    p: Page,
    id: String,
    amount: String,
    facts: Vec<(String, String)>,
}

/// `GET /payments/{id}/receipt`.
pub async fn receipt(
    State(state): State<AppState>,
    customer: Customer,
    Path(id): Path<String>,
) -> Result<Html<String>, Fault> {
    let wallet = holder(&state, &customer).await?.wallet;
    let seen = look(&state, &customer, &wallet, &id).await?;
    let payment = seen.payment.id;
    let receipt = state
        .db
        .read_async(move |tx| receipts::receipt(tx, payment, wallet.account))
        .await?
        .ok_or_else(Fault::not_found)?;
    let p = customer.page(&state, "receipt-title", Tab::Within);
    // Whoever paid knows whom: the same name as on the payment's page.
    let payee = if seen.incoming {
        receipt.payee.name
    } else {
        other_name(&seen.payment, false)
    };
    let mut facts = vec![
        (p.t("fact-when"), p.calendar.moment(receipt.posted_at)),
        (p.t("fact-payer"), receipt.payer.name),
        (p.t("fact-payee"), payee),
    ];
    if let Some(number) = &receipt.payee.number {
        facts.push((p.t("fact-number"), number.to_string()));
    }
    if !receipt.note.is_empty() {
        facts.push((p.t("fact-note"), receipt.note.clone()));
    }
    facts.push((p.t("fact-fee"), p.t("review-no-fee")));
    facts.push((p.t("fact-reference"), receipt.payment.to_string()));
    let view = ReceiptPage {
        p,
        id,
        amount: money(receipt.amount),
        facts,
    };
    Ok(Html(view.render()?))
}

/// The payment, if the customer may see it: its payer always, its payee once it is posted.
async fn look(state: &AppState, customer: &Customer, wallet: &Wallet, id: &str) -> Result<Seen, Fault> {
    let id: PaymentId = id.parse().map_err(|_| Fault::not_found())?;
    let account = wallet.account;
    let (payment, case) = state
        .db
        .read_async(move |tx| {
            let payment = payments::get(tx, id)?;
            let case = cases::by_kind(tx, CaseKind::PaymentConfirmation(id))?;
            Ok::<_, Fault>((payment, case))
        })
        .await?;
    let payment = payment.ok_or_else(Fault::not_found)?;
    let incoming = payment.payer.account != account;
    let visible = !incoming || (payment.payee.account == account && payment.state == PaymentState::Posted);
    if !visible {
        return Err(Fault::not_found());
    }
    let calling = !incoming
        && payment.state == PaymentState::Held
        && case.as_ref().is_some_and(|case| case.state == CaseState::Calling);
    let call = if calling {
        Some(call_status(state, customer).await?)
    } else {
        None
    };
    Ok(Seen {
        payment,
        incoming,
        case,
        call,
    })
}

/// What the customer's signature covers: exactly what the page shows.
fn binding(payment: &Payment) -> Binding {
    Binding {
        payment: payment.id,
        amount: payment.amount,
        payee_account: payment.payee.account,
        payee_name: other_name(payment, false),
    }
}

async fn page(
    state: &AppState,
    customer: &Customer,
    seen: Seen,
    form: Form,
    problem: Option<String>,
) -> Result<Response, Fault> {
    let payment = &seen.payment;
    let held = payment.state == PaymentState::Held && !seen.incoming;
    let title = if held {
        "payment-held-title"
    } else {
        "payment-title"
    };
    let mut p = customer.page(state, title, Tab::Within);
    p.live = held;
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
        sentence: p.t(sentence_key(&seen)),
        words,
        words_absent,
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
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, Html(view.render()?)).into_response())
}

async fn challenge(state: &AppState, customer: &Customer, payment: &Payment) -> Result<String, Fault> {
    let (ambient, keyring, session) = (
        state.ambient.clone(),
        state.keyring.clone(),
        customer.session.clone(),
    );
    let binding = binding(payment);
    let challenge = state
        .db
        .write_async(move |tx| proofs::challenge(tx, &ambient, &keyring, &session, &binding))
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
        PaymentState::Posted => "posted-say",
        PaymentState::Refused => "refused-say",
        PaymentState::Voided => match ended.map(|end| end.by) {
            Some(EndedBy::Voided(VoidedBy::Deadline)) => "voided-deadline",
            Some(EndedBy::Voided(VoidedBy::Staff(..))) => "voided-staff",
            Some(EndedBy::Voided(VoidedBy::Freeze)) => "voided-frozen",
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

fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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
        when: p.calendar.time_exact(payment.created_at),
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
    let case = seen.case.as_ref();
    let (tone, title, text, when) = match (&seen.call, hold.details_played, case) {
        (Some(CallStatus::OnCall { since, .. }), _, Some(case)) => (
            "now",
            "held-step-on-call",
            attempts(case),
            p.calendar.time(*since),
        ),
        (Some(CallStatus::Calling { since, .. }), _, Some(case)) => (
            "now",
            "held-step-calling",
            attempts(case),
            p.calendar.time(*since),
        ),
        (_, Some((_, at)), _) => ("done", "held-step-called", String::new(), p.calendar.time(at)),
        (_, None, Some(case)) if case.state == CaseState::Waiting && hold.ended.is_none() => {
            let text = if case.attempts > 0 {
                attempts(case)
            } else {
                String::new()
            };
            let when = p.t1("held-step-next", "when", p.calendar.soon(case.due));
            ("now", "held-step-call", text, when)
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
