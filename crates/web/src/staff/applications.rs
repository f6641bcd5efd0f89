use super::desk::{self, Ask, Asked, DetailPage, Fact, Filter, ListPage, PAGE, Tick};
use super::files;
use super::pending::Pending;
use super::table::{Cell, Table};
use crate::customer::Step;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Fields, Staffer};
use crate::shell::Page;
use crate::state::AppState;
use crate::words::money;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::{Amount, ApplicationId, Currency};
use people::applications::{
    self as room, Application, ApplicationState, CheckRecord, FileKind, FileLine, Grant, Moved,
};
use security::audit::{self, Actor};
use security::four_eyes::{Action, Request};
use security::staff::Permission;

const ACTIONS: [Action; 2] = [Action::ActivateReferred, Action::DeclineReferred];
/// What a second-class account may pay a year; staff grant no more than this by one click.
const MOST_GRANTED_MINOR: i64 = 10_000_000;
/// How the payload of a request begins that approves subject to the call.
const WITH_CALL: &str = "call ";
/// What staff can ask an applicant for.
const WANTED: [FileKind; 2] = [FileKind::IdentityDocument, FileKind::IncomeProof];

/// `GET /staff/applications`.
pub async fn applications(
    State(state): State<AppState>,
    staffer: Staffer,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fault> {
    staffer.may(Permission::ViewCustomers)?;
    let wanted = (asked.filter == "referred").then_some(ApplicationState::Referred);
    let before: Option<ApplicationId> = match &asked.cursor {
        Some(text) => Some(text.parse().map_err(|_| Fault::not_found())?),
        None => None,
    };
    let found = state
        .db
        .read_async(move |tx| room::list(tx, wanted, before, PAGE))
        .await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-applications", "applications");
    let filter = |key: &str, value: &str| Filter {
        label: p.t(key),
        href: format!("/staff/applications?filter={value}"),
        on: asked.filter == value,
    };
    let filters = vec![filter("filter-all", ""), filter("filter-referred", "referred")];
    let columns = vec![
        p.t("staff-col-time"),
        p.t("staff-col-customer"),
        p.t("staff-col-state"),
        format!("#{}", p.t("staff-col-limit")),
        p.t("staff-col-why"),
    ];
    let mut table = Table::new(p.t("staff-applications"), p.t("staff-none-applications"), columns);
    for application in &found {
        table.push(vec![
            Cell::text(p.calendar.moment(application.submitted_at)),
            Cell::link(
                application.name.clone(),
                format!("/staff/applications/{}", application.id),
            ),
            Cell::pill(application.state.text(p.language), tone(application.state)),
            Cell::text(yuan(application.requested_limit_minor)),
            Cell::why(reasons(&p, application).join(" · ")),
        ]);
    }
    let next = (found.len() >= PAGE)
        .then(|| {
            found
                .last()
                .map(|last| format!("/staff/applications?filter={}&cursor={}", asked.filter, last.id))
        })
        .flatten();
    Ok(Html(
        ListPage {
            p,
            filters,
            note: None,
            find: None,
            table,
            next,
        }
        .render()?,
    ))
}

fn tone(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Referred => "ring",
        ApplicationState::Activated => "ok",
        ApplicationState::Declined => "stop",
        _ => "quiet",
    }
}

fn yuan(minor: i64) -> String {
    money(Amount::new(minor, Currency::Cny))
}

fn reasons(p: &Page, application: &Application) -> Vec<String> {
    application
        .reasons
        .iter()
        .map(|reason| reason.text(p.language))
        .collect()
}

/// `GET /staff/applications/{id}`.
pub async fn application(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let done = match asked.done.as_str() {
        "asked" => Some("staff-requested"),
        "documents" => Some("staff-documents-asked"),
        _ => None,
    };
    page(&state, &staffer, &id, Form::default(), done, None).await
}

/// `POST /staff/applications/{id}/approve`: with a call, like any other.
pub async fn ask_approve(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    ask(&state, &staffer, id, Action::ActivateReferred, "approve", form).await
}

/// `POST /staff/applications/{id}/documents`: one person may ask, since nothing is decided by it.
pub async fn ask_documents(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let application: ApplicationId = id.parse().map_err(|_| Fault::not_found())?;
    let wanted: Vec<FileKind> = WANTED
        .into_iter()
        .filter(|kind| form.value(kind.word()) == "yes")
        .collect();
    if wanted.is_empty() {
        let problem = Some("staff-documents-none");
        return page(&state, &staffer, &id, Form::default(), None, problem).await;
    }
    let (ambient, by) = (state.ambient.clone(), staffer.id);
    let moved = state
        .db
        .write_async(move |tx| {
            let moved = room::refer_ask_documents(tx, &ambient, application, &wanted)?;
            if let Moved::Done(_) = moved {
                let (actor, subject) = (Actor::Staff(by), application.to_string());
                let detail = wanted
                    .iter()
                    .map(|kind| kind.word())
                    .collect::<Vec<_>>()
                    .join(", ");
                audit::record(
                    tx,
                    &ambient,
                    &actor,
                    "application.ask_documents",
                    &subject,
                    &detail,
                )?;
            }
            Ok::<_, Fault>(moved)
        })
        .await?;
    match moved {
        Moved::Done(_) => {
            Ok(Redirect::to(&format!("/staff/applications/{application}?done=documents")).into_response())
        }
        Moved::Already | Moved::NotNow(_) | Moved::NotFound => {
            let problem = Some("staff-could-not-now");
            page(&state, &staffer, &id, Form::default(), None, problem).await
        }
    }
}

/// `POST /staff/applications/{id}/activate`.
pub async fn ask_activate(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    ask(&state, &staffer, id, Action::ActivateReferred, "activate", form).await
}

/// `POST /staff/applications/{id}/decline`.
pub async fn ask_decline(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    ask(&state, &staffer, id, Action::DeclineReferred, "decline", form).await
}

async fn ask(
    state: &AppState,
    staffer: &Staffer,
    id: String,
    action: Action,
    field: &'static str,
    mut form: Form,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let application: ApplicationId = id.parse().map_err(|_| Fault::not_found())?;
    let found = state
        .db
        .read_async(move |tx| room::get(tx, application))
        .await?
        .ok_or_else(Fault::not_found)?;
    let limit_minor = suggested(&found).limit_minor;
    let payload = if field == "approve" {
        format!("{WITH_CALL}{limit_minor}")
    } else {
        limit_minor.to_string()
    };
    let reason = form.value(field).to_owned();
    match desk::ask(state, staffer, action, application.to_string(), payload, reason).await? {
        None => Ok(Redirect::to(&format!("/staff/applications/{application}?done=asked")).into_response()),
        Some("staff-reason-missing") => {
            form.refuse(field, staffer.visitor.page(state).t("staff-reason-missing"));
            page(state, staffer, &id, form, None, None).await
        }
        Some(key) => page(state, staffer, &id, form, None, Some(key)).await,
    }
}

/// What the decision granted, else what was asked for, within the second class.
fn suggested(application: &Application) -> Grant {
    application.grant.unwrap_or(Grant {
        limit_minor: application.requested_limit_minor.min(MOST_GRANTED_MINOR),
        tier: 2,
    })
}

/// Whether an approved request goes on to the call that verifies the number.
pub(super) fn is_with_call(payload: &str) -> bool {
    payload.starts_with(WITH_CALL)
}

/// The grant of an approved request.
pub(super) fn grant_of(payload: &str) -> Option<Grant> {
    let limit_minor = payload
        .strip_prefix(WITH_CALL)
        .unwrap_or(payload)
        .parse()
        .ok()
        .filter(|limit| (1..=MOST_GRANTED_MINOR).contains(limit))?;
    Some(Grant { limit_minor, tier: 2 })
}

struct Opened {
    application: Application,
    steps: Vec<room::Step>,
    checks: Vec<CheckRecord>,
    files: Vec<FileLine>,
    waiting: Option<Request>,
}

async fn page(
    state: &AppState,
    staffer: &Staffer,
    id: &str,
    form: Form,
    done: Option<&str>,
    problem: Option<&str>,
) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCustomers)?;
    let id: ApplicationId = id.parse().map_err(|_| Fault::not_found())?;
    let now = staffer.visitor.now;
    let opened = state
        .db
        .read_async(move |tx| {
            Ok::<_, Fault>(Opened {
                application: room::get(tx, id)?.ok_or_else(Fault::not_found)?,
                steps: room::steps(tx, id)?,
                checks: room::check_records(tx, id)?,
                files: room::supplied_files(tx, id)?,
                waiting: desk::waiting(tx, now, &ACTIONS, &id.to_string())?,
            })
        })
        .await?;
    let names = desk::names(state).await?;
    let mut p = desk::frame(state, staffer, &names, "staff-applications", "applications");
    let application = &opened.application;
    p.title = application.name.clone();
    let referred = application.state == ApplicationState::Referred && opened.waiting.is_none();
    let may_ask = referred && staffer.may(Permission::RequestActions).is_ok();
    let refused = form.has_errors() || problem.is_some();
    let view = DetailPage {
        back: "/staff/applications",
        back_label: p.t("staff-applications"),
        headline: application.name.clone(),
        state: application.state.text(p.language).to_owned(),
        tone: tone(application.state),
        timeline: timeline(&p, &opened),
        recordings: Vec::new(),
        files: files::rows(&p, id, &opened.files),
        reasons: reasons(&p, application),
        reasons_title: p.t("progress-reasons"),
        facts: facts(&p, application),
        pending: opened
            .waiting
            .as_ref()
            .map(|request| Pending::of(&p, &names, staffer, request)),
        asks: if may_ask {
            asks(&p, application)
        } else {
            Vec::new()
        },
        form,
        done: done.map(|key| p.t(key)),
        problem: problem.map(|key| p.t(key)),
        p,
    };
    desk::show(&view, refused)
}

fn timeline(p: &Page, opened: &Opened) -> Vec<Step> {
    let mut items: Vec<(base::Timestamp, Step)> = Vec::new();
    for step in &opened.steps {
        items.push((
            step.at,
            Step {
                tone: "done",
                title: step.state.text(p.language).to_owned(),
                text: String::new(),
                when: p.calendar.moment(step.at),
            },
        ));
    }
    for check in &opened.checks {
        let failed = check.error.is_some();
        items.push((
            check.at,
            Step {
                tone: if failed { "bad" } else { "done" },
                title: p.t1("staff-check", "kind", p.t(check_key(check))),
                text: if failed {
                    p.t("staff-check-down")
                } else {
                    String::new()
                },
                when: p.calendar.moment(check.at),
            },
        ));
    }
    items.sort_by_key(|(at, _)| *at);
    items.into_iter().map(|(_, step)| step).collect()
}

fn check_key(check: &CheckRecord) -> &'static str {
    match check.opinion.kind() {
        people::checks::CheckKind::Identity => "check-identity",
        people::checks::CheckKind::Credit => "check-credit",
    }
}

fn facts(p: &Page, application: &Application) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(p.t("signin-phone"), application.phone.masked()),
        Fact::new(p.t("apply-document"), application.document_masked.clone()),
        Fact::new(p.t("staff-income"), yuan(application.income_minor)),
        Fact::new(p.t("staff-asked-limit"), yuan(application.requested_limit_minor)),
        Fact::new(
            p.t("staff-suggested-limit"),
            yuan(suggested(application).limit_minor),
        ),
    ];
    if let Some(version) = application.rule_version {
        facts.push(Fact::new(p.t("staff-rules"), version.to_string()));
    }
    facts
}

fn asks(p: &Page, application: &Application) -> Vec<Ask> {
    let id = application.id;
    let documents = Ask {
        action: format!("/staff/applications/{id}/documents"),
        field: "",
        ticks: vec![
            Tick {
                name: FileKind::IdentityDocument.word(),
                label: p.t("staff-want-identity"),
            },
            Tick {
                name: FileKind::IncomeProof.word(),
                label: p.t("staff-want-income"),
            },
        ],
        title: p.t("staff-want"),
        text: p.t("staff-want-text"),
        button: p.t("staff-want-do"),
        danger: false,
    };
    vec![
        documents,
        Ask {
            action: format!("/staff/applications/{id}/approve"),
            field: "approve",
            ticks: Vec::new(),
            title: p.t("staff-approve-call"),
            text: p.t("staff-approve-call-text"),
            button: p.t("staff-ask"),
            danger: false,
        },
        Ask {
            action: format!("/staff/applications/{id}/activate"),
            field: "activate",
            ticks: Vec::new(),
            title: p.t("staff-activate"),
            text: p.t("staff-activate-text"),
            button: p.t("staff-ask"),
            danger: false,
        },
        Ask {
            action: format!("/staff/applications/{id}/decline"),
            field: "decline",
            ticks: Vec::new(),
            title: p.t("staff-decline"),
            text: p.t("staff-decline-text"),
            button: p.t("staff-ask"),
            danger: true,
        },
    ]
}
