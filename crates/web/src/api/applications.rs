//! `POST /applications`: a person asks for a wallet. `GET /applications/{progress_token}`: how it
//! goes, for whoever has the unguessable address.

use super::body::{self, Member};
use super::call_times::{self, CallBody};
use super::{key, reply};
use crate::bookings;
use crate::fault::{Fault, Kind};
use crate::guard::{Meter, address, language};
use crate::state::AppState;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base::{Amount, Currency, Language};
use calls::bookings::Booked;
use people::applications::{
    self, Application, FieldProblem, Form, NextStep, SubmitKey, SubmitOutcome, next_steps,
};
use serde::{Deserialize, Serialize};

const MEMBERS: &[Member] = &[
    Member::required("name"),
    Member::required("phone"),
    Member::required("document"),
    Member::required("income"),
    Member::required("requested_limit"),
    Member::optional("language"),
    Member::optional("email"),
    Member::optional("zone"),
    Member::optional("call_time"),
    Member::flag("consent", true),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    name: String,
    phone: String,
    document: String,
    income: String,
    requested_limit: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    zone: String,
    #[serde(default)]
    call_time: String,
    consent: bool,
}

#[derive(Serialize)]
struct SubmittedBody<'s> {
    progress_token: &'s str,
    progress_page: String,
    state: &'static str,
}

#[derive(Serialize)]
struct ProgressBody {
    state: &'static str,
    title: &'static str,
    submitted_at: String,
    changed_at: String,
    /// Masked: the address may have been passed on.
    phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<GrantBody>,
    reasons: Vec<ReasonBody>,
    next_steps: Vec<StepBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<CallBody>,
}

#[derive(Serialize)]
struct GrantBody {
    limit: String,
    currency: &'static str,
    tier: i64,
}

#[derive(Serialize)]
struct ReasonBody {
    code: &'static str,
    text: String,
}

#[derive(Serialize)]
struct StepBody {
    step: &'static str,
    text: String,
}

#[derive(Serialize)]
struct ProblemsBody<'p> {
    problems: Vec<FieldBody<'p>>,
}

#[derive(Serialize)]
struct FieldBody<'p> {
    field: &'static str,
    code: &'static str,
    detail: &'p str,
}

pub async fn submit(State(state): State<AppState>, request: Request) -> Result<Response, Fault> {
    let from = address(&state, &request);
    let (parts, body) = request.into_parts();
    let lang = language(&parts.headers, state.secure);
    let now = state.ambient.now();
    state
        .limiter
        .take(Meter::Apply, from, state.request_limits.apply, now)?;
    let key = key::idempotency_key(&parts.headers)?;
    let key = SubmitKey::parse(key.as_str()).ok_or_else(|| Fault::new(Kind::KeyMissing))?;
    let bytes = body::bytes(&state, &parts.headers, body).await?;
    let wish: Wish = body::read(&bytes, MEMBERS, lang)?;
    let call_time = wish.call_time.clone();
    let draft = form(wish)
        .parse(&bookings::terms(&state, now))
        .and_then(|mut draft| {
            let chosen = bookings::choose(&state, now, &mut draft, &call_time);
            chosen.map(|()| draft).map_err(|problem| vec![problem])
        });
    let draft = match draft {
        Ok(draft) => draft,
        Err(problems) => return wrong_fields(&problems, lang),
    };
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let outcome = state
        .db
        .write_async(move |tx| applications::submit(tx, &ambient, &keyring, &key, &draft))
        .await?;
    match &outcome {
        SubmitOutcome::Submitted(_, token) => submitted(token),
        SubmitOutcome::KeyReused => Err(Fault::new(Kind::KeyReused)),
        SubmitOutcome::Duplicate | SubmitOutcome::TooSoon { .. } => {
            Err(Fault::conflict(outcome.refusal(lang).unwrap_or_default()))
        }
    }
}

/// `PUT /applications/{progress_token}/call-time`: another time for the call that is to come.
pub async fn book(
    State(state): State<AppState>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    let from = address(&state, &request);
    let (parts, body) = request.into_parts();
    let lang = language(&parts.headers, state.secure);
    state.limiter.take(
        Meter::Apply,
        from,
        state.request_limits.apply,
        state.ambient.now(),
    )?;
    let bytes = body::bytes(&state, &parts.headers, body).await?;
    let code = call_times::wanted(&bytes, lang)?;
    if token.len() != 43 {
        return Err(Fault::not_found());
    }
    let (id, now) = (follow(&state, token.clone()).await?.0.id, state.ambient.clone());
    let policy = state.call_policy.clone();
    let booked = state
        .db
        .write_async(move |tx| calls::bookings::book(tx, &now, &policy, id, &code))
        .await?;
    match booked {
        Booked::Done => {
            let (application, call) = follow(&state, token).await?;
            reply::json(StatusCode::OK, &progress_body(&application, call, lang))
        }
        Booked::NoSuchTime => wrong_fields(&[bookings::not_offered()], lang),
        Booked::Calling | Booked::TooLate => {
            Err(Fault::conflict(crate::words::say(lang, "api-call-time-late")))
        }
        Booked::NotFound => Err(Fault::not_found()),
    }
}

pub async fn progress(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    let lang = language(&headers, state.secure);
    if token.len() != 43 {
        return Err(Fault::not_found());
    }
    let (application, call) = follow(&state, token).await?;
    reply::json(StatusCode::OK, &progress_body(&application, call, lang))
}

async fn follow(state: &AppState, token: String) -> Result<(Application, Option<CallBody>), Fault> {
    let (policy, now) = (state.call_policy.clone(), state.ambient.now());
    state
        .db
        .read_async(move |tx| {
            let application = applications::by_progress_token(tx, &token)?.ok_or_else(Fault::not_found)?;
            let call = call_times::of(tx, &policy, now, &application)?;
            Ok::<_, Fault>((application, call))
        })
        .await
}

fn form(wish: Wish) -> Form {
    Form {
        name: wish.name,
        phone: wish.phone,
        document: wish.document,
        income: wish.income,
        requested_limit: wish.requested_limit,
        language: wish.language,
        email: wish.email,
        zone: wish.zone,
        consent: wish.consent,
    }
}

fn submitted(token: &str) -> Result<Response, Fault> {
    let body = SubmittedBody {
        progress_token: token,
        progress_page: format!("/apply/progress/{token}"),
        state: "submitted",
    };
    let mut response = reply::json(StatusCode::CREATED, &body)?;
    if let Ok(place) = HeaderValue::try_from(format!("/api/v1/applications/{token}")) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// Every field that is wrong, at once; the first one is the problem's own.
pub(super) fn wrong_fields(problems: &[FieldProblem], lang: Language) -> Result<Response, Fault> {
    let Some(first) = problems.first() else {
        return Err(Fault::new(Kind::Field));
    };
    let problem = reply::Problem {
        kind: reply::problem_type("field"),
        title: crate::words::say(lang, "problem-field"),
        status: 422,
        detail: first.text(lang),
        field: Some(first.field.word()),
    };
    let all = ProblemsBody {
        problems: problems
            .iter()
            .map(|problem| FieldBody {
                field: problem.field.word(),
                code: problem.code,
                detail: problem.text(lang),
            })
            .collect(),
    };
    let more = serde_json::to_vec(&all).map_err(|_| Fault::new(Kind::Internal))?;
    reply::problem(StatusCode::UNPROCESSABLE_ENTITY, lang, &problem, &more)
}

fn progress_body(application: &Application, call: Option<CallBody>, lang: Language) -> ProgressBody {
    let currency = Currency::Cny;
    ProgressBody {
        state: application.state.word(),
        title: application.state.text(lang),
        submitted_at: application.submitted_at.to_rfc3339(),
        changed_at: application.changed_at.to_rfc3339(),
        phone: application.phone.masked(),
        grant: application.grant.map(|grant| GrantBody {
            limit: Amount::new(grant.limit_minor, currency).to_decimal(),
            currency: currency.code(),
            tier: grant.tier,
        }),
        reasons: application
            .reasons
            .iter()
            .map(|reason| ReasonBody {
                code: reason.code.word(),
                text: reason.text(lang),
            })
            .collect(),
        next_steps: next_steps(application)
            .into_iter()
            .map(|step| StepBody {
                step: step_word(step),
                text: step.text(lang),
            })
            .collect(),
        call,
    }
}

fn step_word(step: NextStep) -> &'static str {
    match step {
        NextStep::WaitForChecks => "wait_for_checks",
        NextStep::SupplyDocuments => "supply_documents",
        NextStep::ExpectCall => "expect_call",
        NextStep::CorrectPhone { .. } => "correct_phone",
        NextStep::CallAgain => "call_again",
        NextStep::WaitForStaff => "wait_for_staff",
        NextStep::SignIn => "sign_in",
        NextStep::Appeal => "appeal",
        NextStep::ReapplyFrom(_) => "reapply_from",
        NextStep::ApplyAnew => "apply_anew",
        NextStep::Withdraw => "withdraw",
        NextStep::ContactStaff => "contact_staff",
    }
}
