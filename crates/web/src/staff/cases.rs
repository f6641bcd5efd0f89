use super::desk::{self, Asked, DetailPage, Fact, ListPage, Recorded, Said};
use super::on_file::{self, OnFile};
use super::pending;
use super::stopped::{self, Stopped};
use super::story;
use super::table::{Cell, Table};
use super::transcript;
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use ::calls::CallsError;
use ::calls::attempts::{self, Attempt};
use ::calls::cases::{self as rooms, Case, CaseKind, CaseState, TimelineItem};
use ::calls::recordings::{self, Recording};
use ::calls::transcripts::{self, Entry};
use ::money::{Payment, payments};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use base::{CaseId, PhoneNumber, Timestamp};
use people::{applications, customers};
use security::staff::Permission;

/// `GET /staff/cases`.
pub async fn cases(
    State(state): State<AppState>,
    staffer: Staffer,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCases)?;
    let wanted = match asked.filter.as_str() {
        "staff" => Some(CaseState::ForStaff),
        "waiting" => Some(CaseState::Waiting),
        _ => None,
    };
    let before = asked.before()?;
    let (page, found) = state
        .db
        .read_async(move |tx| {
            let mut page = rooms::list(tx, wanted, before)?;
            let mut found = Vec::new();
            for case in page.cases.drain(..) {
                let who = whom(tx, &case)?;
                found.push((case, who));
            }
            Ok::<_, Fault>((page, found))
        })
        .await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-cases", "cases");
    let table = table(&p, &found);
    let mut view = ListPage::new(p, table);
    let choices = [
        ("filter-all", ""),
        ("case-waiting", "waiting"),
        ("case-for-staff", "staff"),
    ];
    view.filters = asked.filters(&view.p, "/staff/cases", choices);
    let address = format!("/staff/cases?filter={}", asked.filter);
    view.next = page.next.map(|last| desk::after(&address, last));
    view.left_out(page.unreadable.len());
    view.show()
}

fn table(p: &Page, found: &[(Case, Option<String>)]) -> Table {
    let columns = vec![
        p.t("staff-col-time"),
        p.t("staff-col-customer"),
        p.t("staff-col-kind"),
        p.t("staff-col-state"),
        format!("#{}", p.t("staff-col-attempts")),
        p.t("staff-col-due"),
    ];
    let mut table = Table::new(p.t("staff-cases"), p.t("staff-none-cases"), columns);
    for (case, who) in found {
        let (state, tone) = story::state_key(case.state);
        let end = match case.outcome {
            Some(outcome) => p.t(story::outcome_key(outcome)),
            // Nothing is planned for what waits for a person.
            None if case.state == CaseState::ForStaff => String::new(),
            None => p.calendar.soon(case.due),
        };
        table.push(vec![
            Cell::text(p.calendar.moment(case.created_at)),
            Cell::link(named(p, who.clone()), format!("/staff/cases/{}", case.id)),
            Cell::text(p.t(story::kind_key(case.kind))),
            Cell::pill(p.t(state), tone),
            Cell::text(attempts_of(case).unwrap_or_else(|| "–".into())),
            Cell::text(end),
        ]);
    }
    table
}

/// `None` where no machine calls.
fn attempts_of(case: &Case) -> Option<String> {
    let called = !matches!(case.kind, CaseKind::Security(_));
    called.then(|| format!("{} / {}", case.attempts, case.max_attempts))
}

/// The name of whom a case is about; `None` where it cannot be read.
pub(super) fn whom(tx: &mut store::Tx<'_>, case: &Case) -> Result<Option<String>, Fault> {
    match name(tx, case) {
        Err(error) if error.is_unreadable() => Ok(None),
        name => Ok(Some(name?)),
    }
}

/// A name as `whom` found it.
pub(super) fn named(p: &Page, name: Option<String>) -> String {
    name.unwrap_or_else(|| p.t("staff-name-unreadable"))
}

fn name(tx: &mut store::Tx<'_>, case: &Case) -> Result<String, CallsError> {
    Ok(person(tx, case)?.map_or_else(String::new, |person| person.name))
}

/// Whom a case is about.
pub(super) struct Person {
    pub name: String,
    pub phone: PhoneNumber,
}

pub(super) fn person(tx: &mut store::Tx<'_>, case: &Case) -> Result<Option<Person>, CallsError> {
    let people = |source| CallsError::People {
        verb: "reading whom a case is about",
        source,
    };
    if let Some(customer) = case.customer
        && let Some(customer) = customers::by_id(tx, customer).map_err(people)?
    {
        let (name, phone) = (customer.name, customer.phone);
        return Ok(Some(Person { name, phone }));
    }
    let CaseKind::ApplicationCallback(application) = case.kind else {
        return Ok(None);
    };
    let application = applications::get(tx, application).map_err(people)?;
    Ok(application.map(|application| Person {
        name: application.name,
        phone: application.phone,
    }))
}

/// The payment that a case is about.
fn payment_of(tx: &mut store::Tx<'_>, case: &Case) -> Result<Option<Payment>, Fault> {
    Ok(match case.kind {
        CaseKind::PaymentConfirmation(payment) | CaseKind::Security(payment) => payments::get(tx, payment)?,
        CaseKind::ApplicationCallback(_) | CaseKind::NumberCheck(_) => None,
    })
}

struct Opened {
    case: Case,
    who: Option<String>,
    payment: Option<Payment>,
    stopped: Option<Stopped>,
    number: Option<PhoneNumber>,
    items: Vec<TimelineItem>,
    calls: Vec<(Attempt, Option<Recording>, Vec<Entry>)>,
}

/// `GET /staff/cases/{id}`.
pub async fn case(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let id: CaseId = id.parse().map_err(|_| Fault::not_found())?;
    page(&state, &staffer, id, Said::default(), None).await
}

/// The page of a case, with the number in full where that was asked for and written down.
pub(super) async fn page(
    state: &AppState,
    staffer: &Staffer,
    id: CaseId,
    said: Said,
    shown: Option<PhoneNumber>,
) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCases)?;
    let now = staffer.visitor.now;
    let opened = state.db.read_async(move |tx| open(tx, now, id)).await?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-cases", "cases");
    let headline = format!(
        "{} · {}",
        named(&p, opened.who.clone()),
        p.t(story::kind_key(opened.case.kind))
    );
    let mut view = DetailPage::new(p, ("/staff/cases", "staff-cases"), headline, said);
    let p = &view.p;
    let (key, tone) = story::state_key(opened.case.state);
    (view.state, view.tone) = (p.t(key), tone);
    view.timeline = story::steps(p, &opened.items);
    view.recordings = recorded(p, staffer, &opened.calls);
    view.facts = facts(p, &opened);
    let whole = shown.is_some();
    if let Some(number) = shown.or(opened.number) {
        on_file::show(&mut view, staffer, id, &OnFile { number, whole });
    }
    if let Some(stopped) = &opened.stopped {
        stopped::show(&mut view, &names, staffer, stopped);
    }
    view.show()
}

fn open(tx: &mut store::Tx<'_>, now: Timestamp, id: CaseId) -> Result<Opened, Fault> {
    let case = rooms::get(tx, id)?.ok_or_else(Fault::not_found)?;
    let mut calls = Vec::new();
    for attempt in attempts::of_case(tx, id)? {
        let recording = recordings::of_call(tx, attempt.id)?;
        let entries = transcripts::of_call(tx, attempt.id)?;
        calls.push((attempt, recording, entries));
    }
    let payment = payment_of(tx, &case)?;
    Ok(Opened {
        who: whom(tx, &case)?,
        stopped: stopped::look(tx, now, &case, payment.as_ref())?,
        number: on_file::look(tx, &case)?,
        items: rooms::timeline(tx, id)?,
        payment,
        calls,
        case,
    })
}

fn recorded(
    p: &Page,
    staffer: &Staffer,
    calls: &[(Attempt, Option<Recording>, Vec<Entry>)],
) -> Vec<Recorded> {
    if staffer.may(Permission::ListenToRecordings).is_err() {
        return Vec::new();
    }
    calls
        .iter()
        .filter_map(|(attempt, recording, entries)| {
            let recording = recording.as_ref()?;
            let secs = recording.duration_ms.unwrap_or(0) / 1_000;
            Some(Recorded {
                title: p.t1(
                    "staff-recording",
                    "when",
                    p.calendar.time_exact(recording.started_at),
                ),
                length: format!("{}:{:02}", secs / 60, secs % 60),
                src: format!("/staff/calls/{}/recording.wav", attempt.id),
                turns: transcript::turns(p, entries),
            })
        })
        .collect()
}

fn facts(p: &Page, opened: &Opened) -> Vec<Fact> {
    let case = &opened.case;
    let mut facts = vec![Fact::new(
        p.t("staff-col-time"),
        p.calendar.moment(case.created_at),
    )];
    // No machine calls about the others, and nothing ends them but a person.
    if let Some(attempts) = attempts_of(case) {
        facts.push(Fact::new(p.t("staff-col-attempts"), attempts));
        facts.push(Fact::new(
            p.t("staff-col-deadline"),
            p.calendar.moment(case.deadline),
        ));
    }
    if let Some(outcome) = case.outcome {
        facts.push(Fact::new(
            p.t("staff-col-outcome"),
            p.t(story::outcome_key(outcome)),
        ));
    }
    facts.push(match case.kind {
        CaseKind::PaymentConfirmation(payment) | CaseKind::Security(payment) => {
            // As it is named wherever staff read of one.
            let name = opened
                .payment
                .as_ref()
                .map_or_else(String::new, pending::of_payment);
            Fact::link(p.t("kind-payment"), name, format!("/staff/payments/{payment}"))
        }
        CaseKind::ApplicationCallback(application) => {
            let id = application.to_string();
            Fact::link(
                p.t("kind-application"),
                named(p, opened.who.clone()),
                format!("/staff/applications/{id}"),
            )
        }
        CaseKind::NumberCheck(check) => Fact::new(p.t("kind-number"), desk::short(&check.to_string())),
    });
    facts
}
