use super::words::{headline_key, sentence, steps, tone};
use crate::customer::call_time::{self, Choice};
use crate::customer::notices::{Card, is_answered};
use crate::customer::payment_page::Step;
use crate::customer::status::line_is_down;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::Visitor;
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use crate::words::sentence_case;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use calls::bookings::{self, Window};
use calls::cases::{self, Case, CaseKind, CaseState};
use calls::notices::{self, Notice, NoticeState};
use people::applications::{self, Application, ApplicationState, Moved, NextStep};
use security::logins;
use serde::Deserialize;

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
    /// Whose clock the times are read by.
    clock: String,
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

pub(super) struct Followed {
    pub application: Application,
    pub case: Option<Case>,
    pub notice: Option<Notice>,
    pub has_login: bool,
    /// When the call may be booked; empty where it cannot.
    pub windows: Vec<Window>,
    /// It waits for our call, and none can be placed now.
    pub line_down: bool,
    /// Somebody is on the call.
    pub answered: bool,
}

impl Followed {
    /// The telephone rings, or somebody has answered it.
    pub fn is_called(&self) -> bool {
        let calling = |case: &Case| case.state == CaseState::Calling;
        self.application.state == ApplicationState::Callback && self.case.as_ref().is_some_and(calling)
    }
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

pub(super) fn back(token: &str) -> Response {
    Redirect::to(&format!("/apply/progress/{token}")).into_response()
}

pub(super) async fn after(
    state: &AppState,
    visitor: &Visitor,
    token: String,
    moved: Moved,
) -> Result<Response, Fault> {
    match moved {
        Moved::Done(_) | Moved::Already => Ok(back(&token)),
        Moved::NotNow(_) | Moved::NotFound => {
            let text = visitor.page(state).t("progress-too-late");
            page(state, visitor, token, Form::default(), Some(text)).await
        }
    }
}

pub(super) async fn follow(state: &AppState, token: &str) -> Result<Followed, Fault> {
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
            let calling = case.as_ref().is_some_and(|case| case.state == CaseState::Calling);
            let waits = application.state == ApplicationState::Callback && !calling;
            let answered = match &case {
                Some(case) if calling => is_answered(tx, &policy, now, case.id)?,
                _ => false,
            };
            Ok::<_, Fault>(Followed {
                line_down: waits && line_is_down(tx, &policy, now)?,
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
                answered,
            })
        })
        .await
}

pub(super) async fn page(
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
        state: if followed.is_called() {
            p.t(if followed.answered {
                "notice-label-on-call"
            } else {
                "notice-label-now"
            })
        } else if doubted {
            sentence_case(&p.t("progress-doubted-text"))
        } else {
            application.state.text(p.language).to_owned()
        },
        headline: p.t(headline_key(&followed)),
        sentence: sentence(&p, &followed),
        notice: followed
            .notice
            .as_ref()
            .filter(|notice| {
                notice.state != NoticeState::Over && application.state == ApplicationState::Callback
            })
            .map(|notice| {
                Card::new(&p, notice, None, followed.answered).due(&p, notice, followed.case.as_ref())
            }),
        steps: steps(&p, &followed, booked.map(|time| call_time::span(&p, &zone, time))),
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
        clock: call_time::whose_clock(&p, zone.name()),
        can_withdraw: has(|step| matches!(step, NextStep::Withdraw)),
        phone: application.phone.masked(),
        token,
        form,
        problem,
        p,
    };
    reply(&view, refused)
}
