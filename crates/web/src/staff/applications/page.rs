use super::ask::{ACTIVATE_LIMIT, APPROVE_LIMIT};
use super::yuan;
use crate::customer::Step;
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::staff::desk::{self, Ask, Asked, DetailPage, Entry, Fact, Said, Tick};
use crate::staff::files;
use crate::staff::pending::Pending;
use crate::state::AppState;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use base::{Amount, ApplicationId, Currency};
use people::applications::{
    self as room, Application, ApplicationState, CheckRecord, FileKind, FileLine, staff_limits_minor,
};
use security::four_eyes::{Action, Request};
use security::staff::Permission;

const ACTIONS: [Action; 2] = [Action::ActivateReferred, Action::DeclineReferred];

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
    page(&state, &staffer, &id, Said::done(done)).await
}

struct Opened {
    application: Application,
    steps: Vec<room::Step>,
    checks: Vec<CheckRecord>,
    files: Vec<FileLine>,
    waiting: Option<Request>,
}

pub(super) async fn page(
    state: &AppState,
    staffer: &Staffer,
    id: &str,
    mut said: Said,
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
    let p = desk::frame(state, staffer, &names, "staff-applications", "applications");
    let application = &opened.application;
    let most = *staff_limits_minor(application).end();
    for field in [APPROVE_LIMIT, ACTIVATE_LIMIT] {
        if said.form.value(field).is_empty() {
            said.form
                .set(field, Amount::new(most, Currency::Cny).to_decimal());
        }
    }
    let back = ("/staff/applications", "staff-applications");
    let mut view = DetailPage::new(p, back, application.name.clone(), said);
    let p = &view.p;
    view.state = application.state.text(p.language).to_owned();
    view.tone = tone(application.state);
    view.timeline = timeline(p, &opened);
    view.files = files::rows(p, id, &opened.files);
    view.reasons = reasons(p, application);
    view.reasons_title = p.t("progress-reasons");
    view.facts = facts(p, application);
    let waiting = opened.waiting.as_ref();
    view.pending = waiting.map(|request| Pending::of(p, &names, &application.name, staffer, request));
    let referred = application.state == ApplicationState::Referred && waiting.is_none();
    if referred && staffer.may(Permission::RequestActions).is_ok() {
        view.asks = asks(p, application);
    }
    view.show()
}

pub(super) fn tone(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Referred => "ring",
        ApplicationState::Activated => "ok",
        ApplicationState::Declined => "stop",
        _ => "quiet",
    }
}

pub(super) fn reasons(p: &Page, application: &Application) -> Vec<String> {
    application
        .reasons
        .iter()
        .map(|reason| reason.text(p.language))
        .collect()
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
            yuan(*staff_limits_minor(application).end()),
        ),
    ];
    if let Some(version) = application.rule_version {
        facts.push(Fact::new(p.t("staff-rules"), version.to_string()));
    }
    facts
}

fn asks(p: &Page, application: &Application) -> Vec<Ask> {
    let id = application.id;
    let tick = |kind: FileKind, key: &str| Tick {
        name: kind.word(),
        label: p.t(key),
    };
    let documents = Ask {
        action: format!("/staff/applications/{id}/documents"),
        ticks: vec![
            tick(FileKind::IdentityDocument, "staff-want-identity"),
            tick(FileKind::IncomeProof, "staff-want-income"),
        ],
        title: p.t("staff-want"),
        text: p.t("staff-want-text"),
        button: p.t("staff-want-do"),
        ..Ask::default()
    };
    let of_two = |field, title: &str, text: &str| {
        Ask::of_two(p, format!("/staff/applications/{id}/{field}"), field, title, text)
    };
    vec![
        documents,
        Ask {
            entry: Some(limit(p, APPROVE_LIMIT, application)),
            ..of_two("approve", "staff-approve-call", "staff-approve-call-text")
        },
        Ask {
            entry: Some(limit(p, ACTIVATE_LIMIT, application)),
            ..of_two("activate", "staff-activate", "staff-activate-text")
        },
        of_two("decline", "staff-decline", "staff-decline-text").dangerous(),
    ]
}

fn limit(p: &Page, name: &'static str, application: &Application) -> Entry {
    let limits = staff_limits_minor(application);
    let (least, most) = (yuan(*limits.start()), yuan(*limits.end()));
    Entry {
        name,
        label: p.t("staff-limit"),
        hint: p.t2("staff-limit-bounds", "least", least, "most", most),
    }
}
