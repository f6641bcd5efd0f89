use super::call_time::{self, Choice};
use super::notices::Card;
use super::payment_page::Step;
use super::progress_words::{headline_key, sentence, steps, tone};
use crate::bookings::not_offered;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Fields, Meter, Upload, Visitor};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use calls::bookings::{self, Booked, Window};
use calls::cases::{self, Case, CaseKind};
use calls::notices::{self, Notice, NoticeState};
use people::applications::{
    self, Application, ApplicationState, FileKind, Moved, NextStep, PhoneCorrection, Supply,
};
use people::customers;
use security::{invitations, logins};
use serde::Deserialize;
use support::notify::{self, Message, Recipient};

#[derive(Template)]
#[template(path = "customer/progress.html")]
struct ProgressPage {
    p: Page,
    form: Form,
    token: String,
    tone: &'static str,
    state: String,
    headline: String,
    sentence: String,
    notice: Option<Card>,
    steps: Vec<Step>,
    reasons: Vec<String>,
    next_steps: Vec<String>,
    can_open: bool,
    can_sign_in: bool,
    can_apply_again: bool,
    can_appeal: bool,
    wants_documents: bool,
    can_correct: bool,
    can_be_called: bool,
    can_book: bool,
    zone: String,
    times: Vec<Choice>,
    corrections_left: i64,
    can_withdraw: bool,
    phone: String,
    problem: Option<String>,
}

#[derive(Deserialize, Default)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// How often the welcome link is sent again at most.
const LINK_AGAIN_SECS: i64 = 120;

struct Followed {
    application: Application,
    case: Option<Case>,
    notice: Option<Notice>,
    has_login: bool,
    /// When the call may be booked; empty where it cannot.
    windows: Vec<Window>,
}

/// `GET /apply/progress/{token}`.
pub async fn progress(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Fault> {
    let mut form = Form::default();
    if asked.done == "sent" {
        form.set("sent", "yes");
    }
    page(&state, &visitor, token, form, None).await
}

/// `POST …/phone`: the number on file was wrong.
pub async fn correct_phone(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::Apply, state.request_limits.apply)?;
    let phone = match applications::parse_phone(form.value("phone"), &state.call_policy.countries) {
        Ok(phone) => phone,
        Err(problem) => {
            form.refuse("phone", problem.text(visitor.language));
            return page(&state, &visitor, token, form, None).await;
        }
    };
    let id = follow(&state, &token).await?.application.id;
    let ambient = state.ambient.clone();
    let corrected = state
        .db
        .write_async(move |tx| applications::correct_phone(tx, &ambient, id, &phone))
        .await?;
    let p = visitor.page(&state);
    match corrected {
        PhoneCorrection::Corrected | PhoneCorrection::CallAgain | PhoneCorrection::TooMany => {
            Ok(back(&token))
        }
        PhoneCorrection::Taken => {
            form.refuse("phone", p.t("progress-number-taken"));
            page(&state, &visitor, token, form, None).await
        }
        PhoneCorrection::NotNow(_) | PhoneCorrection::NotFound => {
            let text = p.t("progress-too-late");
            page(&state, &visitor, token, Form::default(), Some(text)).await
        }
    }
}

/// `POST …/call-again`: the number is right; with the time of the next call.
pub async fn call_again(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let id = follow(&state, &token).await?.application.id;
    let (ambient, policy) = (state.ambient.clone(), state.call_policy.clone());
    let code = form.value("call_time").to_owned();
    let (booked, moved) = state
        .db
        .write_async(move |tx| {
            let booked = bookings::book(tx, &ambient, &policy, id, &code)?;
            Ok::<_, Fault>(match booked {
                Booked::NoSuchTime => (booked, Moved::Already),
                _ => (booked, applications::call_again(tx, &ambient, id)?),
            })
        })
        .await?;
    if booked == Booked::NoSuchTime {
        return no_such_time(&state, &visitor, token, form).await;
    }
    after(&state, &visitor, token, moved).await
}

/// `POST …/call-time`: another time for the call that is to come.
pub async fn book_call(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::Apply, state.request_limits.apply)?;
    let id = follow(&state, &token).await?.application.id;
    let (ambient, policy) = (state.ambient.clone(), state.call_policy.clone());
    let code = form.value("call_time").to_owned();
    let booked = state
        .db
        .write_async(move |tx| bookings::book(tx, &ambient, &policy, id, &code))
        .await?;
    let p = visitor.page(&state);
    match booked {
        Booked::Done => Ok(back(&token)),
        Booked::NoSuchTime => no_such_time(&state, &visitor, token, form).await,
        Booked::Calling => {
            let text = p.t1("calltime-calling", "number", p.number());
            page(&state, &visitor, token, Form::default(), Some(text)).await
        }
        Booked::TooLate | Booked::NotFound => {
            let text = p.t("progress-too-late");
            page(&state, &visitor, token, Form::default(), Some(text)).await
        }
    }
}

async fn no_such_time(
    state: &AppState,
    visitor: &Visitor,
    token: String,
    mut form: Form,
) -> Result<Response, Fault> {
    form.refuse("call_time", not_offered().text(visitor.language));
    page(state, visitor, token, form, None).await
}

/// `POST …/withdraw`.
pub async fn withdraw(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    _: Fields,
) -> Result<Response, Fault> {
    let id = follow(&state, &token).await?.application.id;
    let ambient = state.ambient.clone();
    let moved = state
        .db
        .write_async(move |tx| applications::withdraw(tx, &ambient, id))
        .await?;
    after(&state, &visitor, token, moved).await
}

/// `POST …/appeal`: a declined applicant asks for a person, once.
pub async fn appeal(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::Apply, state.request_limits.apply)?;
    let grounds = form.value("grounds").to_owned();
    if grounds.chars().count() < 5 {
        form.refuse("grounds", visitor.page(&state).t("progress-appeal-empty"));
        return page(&state, &visitor, token, form, None).await;
    }
    let id = follow(&state, &token).await?.application.id;
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let moved = state
        .db
        .write_async(move |tx| applications::appeal(tx, &ambient, &keyring, id, &grounds))
        .await?;
    after(&state, &visitor, token, moved).await
}

/// `POST …/documents`: files, a corrected name, or a lower limit.
pub async fn supply_documents(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Upload { mut form, files }: Upload,
) -> Result<Response, Fault> {
    let files = files.into_iter().map(|bytes| (FileKind::Other, bytes)).collect();
    let supply = match Supply::parse(form.value("name"), form.value("requested_limit"), files) {
        Ok(supply) => supply,
        Err(problems) => {
            for problem in &problems {
                form.refuse(problem.field.word(), problem.text(visitor.language));
            }
            return page(&state, &visitor, token, form, None).await;
        }
    };
    let id = follow(&state, &token).await?.application.id;
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let moved = state
        .db
        .write_async(move |tx| applications::supply_documents(tx, &ambient, &keyring, id, &supply))
        .await?;
    after(&state, &visitor, token, moved).await
}

/// `POST …/open`: the welcome link once more, to the number that was verified: whoever merely has
/// this page's address does not get it.
pub async fn open_wallet(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    _: Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::SignIn, state.request_limits.sign_in)?;
    let followed = follow(&state, &token).await?;
    let id = followed.application.id;
    let Some(customer) = followed.application.customer.filter(|_| !followed.has_login) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let home = state.brand.public_url.trim_end_matches('/').to_owned();
    // One message in so many seconds, however often the button is pressed.
    let subject = format!("{id}-again-{}", visitor.now.as_secs() / LINK_AGAIN_SECS);
    state
        .db
        .write_async(move |tx| {
            let customer = customers::by_id(tx, customer)?.ok_or_else(Fault::not_found)?;
            let (phone, language) = (&customer.phone, customer.language);
            let issued = invitations::issue(tx, &ambient, &keyring, customer.id, phone, language)?;
            let to = Recipient {
                customer: Some(customer.id),
                phone: customer.phone,
                email: customer.email,
                language,
            };
            let welcome_link = format!("{home}/welcome/{}", issued.as_str());
            let message = Message::ApplicationApproved { welcome_link };
            notify::send(tx, &ambient, &keyring, &to, &message, &subject)?;
            Ok::<_, Fault>(())
        })
        .await?;
    Ok(Redirect::to(&format!("/apply/progress/{token}?done=sent")).into_response())
}

/// The headline or a button says it already.
fn is_said_elsewhere(step: &NextStep) -> bool {
    match step {
        NextStep::WaitForChecks
        | NextStep::SupplyDocuments
        | NextStep::ExpectCall
        | NextStep::WaitForStaff
        | NextStep::CallAgain
        | NextStep::SignIn
        | NextStep::Withdraw => true,
        NextStep::CorrectPhone { corrections_left } => *corrections_left > 0,
        NextStep::Appeal | NextStep::ReapplyFrom(_) | NextStep::ApplyAnew | NextStep::ContactStaff => false,
    }
}

fn back(token: &str) -> Response {
    Redirect::to(&format!("/apply/progress/{token}")).into_response()
}

async fn after(state: &AppState, visitor: &Visitor, token: String, moved: Moved) -> Result<Response, Fault> {
    match moved {
        Moved::Done(_) | Moved::Already => Ok(back(&token)),
        Moved::NotNow(_) | Moved::NotFound => {
            let text = visitor.page(state).t("progress-too-late");
            page(state, visitor, token, Form::default(), Some(text)).await
        }
    }
}

async fn follow(state: &AppState, token: &str) -> Result<Followed, Fault> {
    if token.len() != 43 {
        return Err(Fault::not_found());
    }
    let token = token.to_owned();
    let (policy, now) = (state.call_policy.clone(), state.ambient.now());
    state
        .db
        .read_async(move |tx| {
            let application = applications::by_progress_token(tx, &token)?.ok_or_else(Fault::not_found)?;
            let case = cases::by_kind(tx, CaseKind::ApplicationCallback(application.id))?;
            let notice = match &case {
                Some(case) => notices::for_case(tx, case.id)?,
                None => None,
            };
            let has_login = match application.customer {
                Some(customer) => logins::of_customer(tx, customer)?.is_some(),
                None => false,
            };
            Ok::<_, Fault>(Followed {
                // Without a line nobody is called.
                windows: if policy.concurrent_calls > 0 {
                    bookings::offered(tx, &policy, now, &application)?
                } else {
                    Vec::new()
                },
                application,
                case,
                notice,
                has_login,
            })
        })
        .await
}

async fn page(
    state: &AppState,
    visitor: &Visitor,
    token: String,
    form: Form,
    problem: Option<String>,
) -> Result<Response, Fault> {
    let followed = follow(state, &token).await?;
    let application = &followed.application;
    let mut p = visitor.page(state).titled("progress-title", Tab::None);
    p.live = !application.state.is_ended();
    let next = applications::next_steps(application);
    let has = |wanted: fn(&NextStep) -> bool| next.iter().any(wanted);
    let refused = form.has_errors() || problem.is_some();
    let activated = application.state == ApplicationState::Activated;
    let doubted = application.number_doubted && application.state == ApplicationState::Callback;
    let can_book = !followed.windows.is_empty() && !doubted;
    // Where somebody chooses or types, a page without scripts gives them time.
    let asks = can_book || doubted || application.state == ApplicationState::MoreDocuments;
    p.refresh_secs = p.live.then_some(if asks { 60 } else { 10 });
    let zone = bookings::zone_of(&state.call_policy, application);
    let booked = application.call_time.filter(|time| visitor.now < time.until);
    let view = ProgressPage {
        tone: tone(application.state),
        state: application.state.text(p.language).to_owned(),
        headline: p.t(headline_key(application)),
        sentence: sentence(&p, application),
        notice: followed
            .notice
            .as_ref()
            .filter(|notice| {
                notice.state != NoticeState::Over && application.state == ApplicationState::Callback
            })
            .map(|notice| Card::new(&p, notice, None).due(&p, notice, followed.case.as_ref())),
        steps: steps(
            &p,
            application,
            booked.map(|time| call_time::span(&p, &zone, time)),
        ),
        reasons: application
            .reasons
            .iter()
            .map(|reason| reason.text(p.language))
            .collect(),
        next_steps: next
            .iter()
            .filter(|step| !is_said_elsewhere(step))
            .map(|step| step.text(p.language))
            .collect(),
        can_open: activated && !followed.has_login,
        can_sign_in: activated && followed.has_login,
        can_apply_again: has(|step| matches!(step, NextStep::ApplyAnew)),
        can_appeal: has(|step| matches!(step, NextStep::Appeal)),
        wants_documents: has(|step| matches!(step, NextStep::SupplyDocuments)),
        can_correct: has(
            |step| matches!(step, NextStep::CorrectPhone { corrections_left } if *corrections_left > 0),
        ),
        corrections_left: (applications::PHONE_CORRECTIONS_MAX - application.phone_corrections).max(0),
        can_be_called: has(|step| matches!(step, NextStep::CallAgain)),
        can_book,
        times: call_time::choices(&p, &zone, &followed.windows, booked, form.value("call_time")),
        zone: zone.name().to_owned(),
        can_withdraw: has(|step| matches!(step, NextStep::Withdraw)),
        phone: application.phone.masked(),
        token,
        form,
        problem,
        p,
    };
    reply(&view, refused)
}
