//! The customer's telephone number: whether it reaches them, and how it is put right.

use super::{holder, refuse_code, refuse_slip};
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Customer, Fields};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use base::{CustomerId, PhoneNumber, Timestamp};
use calls::numbers::{self, Asked, CheckState, NumberCheck, Standing};
use people::customers;
use security::lockouts::Verdict;
use security::logins;
use store::Tx;

/// How long a form may be sent again.
const REPEAT_SECS: i64 = 60;

#[derive(Template)]
#[template(path = "customer/phone.html")]
struct PhonePage {
    p: Page,
    form: Form,
    number: String,
    tone: &'static str,
    standing: String,
    /// How the latest verifying call went, or that it comes.
    check: Option<String>,
    may_ask: bool,
    problem: Option<String>,
}

/// `GET /security/phone`.
pub async fn phone(State(state): State<AppState>, customer: Customer) -> Result<Response, Fault> {
    page(&state, &customer, Form::default(), None).await
}

/// `POST /security/phone`: with a second factor, a call to the number on file or to another one.
/// Whoever answers there says whose it is; only then the number is changed.
pub async fn verify_phone(
    State(state): State<AppState>,
    customer: Customer,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    let text = customer.visitor.page(&state);
    let Ok(phone) = PhoneNumber::parse(form.value("phone")) else {
        form.refuse("phone", text.t("api-phone"));
        form.forget("code");
        return page(&state, &customer, form, None).await;
    };
    let Some(code) = form.six_digits("code") else {
        refuse_slip(&text, &mut form, "code");
        return page(&state, &customer, form, None).await;
    };
    let (ambient, keyring, policy) = (
        state.ambient.clone(),
        state.keyring.clone(),
        state.call_policy.clone(),
    );
    let (login, id) = (customer.session.login, customer.id);
    let (verdict, asked) = state
        .db
        .write_async(move |tx| {
            let now = ambient.now();
            logins::wait_for_codes(tx, now, &keyring, login)?;
            if logins::was_just_used(tx, now, &keyring, login, &code)?
                && let Some(check) = just_asked(tx, id, &phone, now)?
            {
                return Ok((Verdict::Passed, Some(check)));
            }
            let verdict = logins::check_totp(tx, now, &keyring, login, &code)?;
            let asked = match verdict {
                Verdict::Passed => Some(numbers::ask(tx, &ambient, &policy, id, &phone)?),
                Verdict::Failed { .. } | Verdict::Locked { .. } => None,
            };
            Ok::<_, Fault>((verdict, asked))
        })
        .await?;
    form.forget("code");
    let problem = match (verdict, asked) {
        (_, Some(Asked::Calling(_))) => return Ok(Redirect::to("/security/phone").into_response()),
        (_, Some(Asked::NotCalled)) => {
            let codes = &state.call_policy.countries;
            form.refuse("phone", text.t1("phone-country", "codes", codes));
            None
        }
        (_, Some(Asked::Taken)) => {
            form.refuse("phone", text.t("phone-taken"));
            None
        }
        (_, Some(Asked::TooMany)) => Some(text.t("phone-too-many")),
        (_, Some(Asked::NotDoubted | Asked::NotFound)) => {
            Some(text.t1("phone-works-staff", "number", text.number()))
        }
        (verdict, None) => {
            refuse_code(&text, &mut form, "code", verdict);
            None
        }
    };
    page(&state, &customer, form, problem).await
}

/// How the same was answered a moment ago: the button was pressed twice.
fn just_asked(
    tx: &mut Tx<'_>,
    id: CustomerId,
    phone: &PhoneNumber,
    now: Timestamp,
) -> Result<Option<Asked>, Fault> {
    let latest = numbers::latest_of(tx, id)?;
    let same = latest.filter(|check| check.phone == *phone && check.asked_at > now.plus_secs(-REPEAT_SECS));
    Ok(same.map(|check| match check.state {
        CheckState::Taken => Asked::Taken,
        _ => Asked::Calling(check.id),
    }))
}

async fn page(
    state: &AppState,
    customer: &Customer,
    mut form: Form,
    problem: Option<String>,
) -> Result<Response, Fault> {
    let holder = holder(state, customer).await?;
    let id = customer.id;
    let (phone, standing, check) = state
        .db
        .read_async(move |tx| {
            let known = customers::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            let standing = numbers::standing(tx, &known)?;
            Ok::<_, Fault>((known.phone, standing, numbers::latest_of(tx, id)?))
        })
        .await?;
    let mut p = customer.page(state, "phone-title", Tab::Security);
    p.unread = holder.unread;
    let refused = form.has_errors() || problem.is_some();
    if form.value("phone").is_empty() && !refused {
        form.set("phone", phone.to_string());
    }
    let (key, tone) = match standing {
        Standing::Works => ("phone-works", "ok"),
        Standing::Doubted { .. } => ("phone-doubted", "ring"),
        Standing::Wrong { .. } => ("phone-wrong", "stop"),
    };
    let view = PhonePage {
        number: phone.masked(),
        tone,
        standing: p.t(key),
        check: check.and_then(|check| check_text(&p, &check)),
        may_ask: standing != Standing::Works,
        form,
        problem,
        p,
    };
    reply(&view, refused)
}

fn check_text(p: &Page, check: &NumberCheck) -> Option<String> {
    let key = match check.state {
        CheckState::Asked => "phone-check-asked",
        CheckState::Verified => "phone-check-verified",
        CheckState::Denied => "phone-check-denied",
        CheckState::Ended => "phone-check-ended",
        CheckState::Taken => return None,
    };
    Some(p.t2(key, "phone", check.phone.masked(), "number", p.number()))
}
