use super::desk::{self, Ask, Asked, Asking, DetailPage, Fact, ListPage, Said, Wish};
use super::pending::{self, Pending};
use super::story;
use super::table::{Cell, Table};
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Fields, Staffer};
use crate::shell::Page;
use crate::state::AppState;
use crate::words::{money, sentence_case};
use ::calls::cases::{self, CaseKind, TimelineItem};
use ::money::payments as room;
use ::money::{Payment, PaymentState};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::PaymentId;
use security::four_eyes::{Action, Request};
use security::staff::Permission;

const ACTIONS: [Action; 2] = [Action::ReleasePayment, Action::VoidPayment];

/// `GET /staff/payments`: what is held, the one that ends first first.
pub async fn payments(State(state): State<AppState>, staffer: Staffer) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCases)?;
    let held = state.db.read_async(|tx| room::held(tx, 200)).await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-held", "payments");
    let table = held_table(&p, &held);
    ListPage::new(p, table).show()
}

pub(super) fn held_table(p: &Page, held: &[Payment]) -> Table {
    let columns = vec![
        p.t("staff-col-time"),
        p.t("staff-col-customer"),
        p.t("staff-col-to"),
        format!("#{}", p.t("staff-col-amount")),
        p.t("staff-col-why"),
        p.t("staff-col-deadline"),
    ];
    let mut table = Table::new(p.t("staff-held"), p.t("staff-none-held"), columns);
    for payment in held {
        table.push(vec![
            Cell::text(p.calendar.time_exact(payment.created_at)),
            Cell::link(payment.payer.name(), format!("/staff/payments/{}", payment.id)),
            Cell::text(payment.payee.name()),
            Cell::text(money(payment.amount)),
            Cell::why(reasons(p, payment).join(" · ")),
            Cell::text(
                payment
                    .hold
                    .as_ref()
                    .map_or(String::new(), |hold| p.calendar.soon(hold.deadline)),
            ),
        ]);
    }
    table
}

fn reasons(p: &Page, payment: &Payment) -> Vec<String> {
    let currency = payment.amount.currency;
    payment.assessment.as_ref().map_or_else(Vec::new, |assessment| {
        assessment
            .reasons
            .iter()
            .map(|reason| sentence_case(&reason.text(p.language, currency)))
            .collect()
    })
}

struct Opened {
    payment: Payment,
    case: Option<String>,
    items: Vec<TimelineItem>,
    waiting: Option<Request>,
}

/// `GET /staff/payments/{id}`.
pub async fn payment(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let done = (asked.done == "asked").then_some("staff-requested");
    page(&state, &staffer, &id, Said::done(done)).await
}

/// `POST /staff/payments/{id}/release`.
pub async fn ask_release(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    ask(&state, &staffer, id, Action::ReleasePayment, "release", form).await
}

/// `POST /staff/payments/{id}/void`.
pub async fn ask_void(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    ask(&state, &staffer, id, Action::VoidPayment, "void", form).await
}

async fn ask(
    state: &AppState,
    staffer: &Staffer,
    id: String,
    action: Action,
    field: &'static str,
    form: Form,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let id: PaymentId = id.parse().map_err(|_| Fault::not_found())?;
    let found = state.db.read_async(move |tx| room::get(tx, id)).await?;
    let payment = found.ok_or_else(Fault::not_found)?;
    let held = payment.hold.filter(|hold| hold.ended.is_none());
    let Some(hold) = held else {
        let said = Said::problem("staff-could-not-now");
        return page(state, staffer, &id.to_string(), said).await;
    };
    let wish = Wish {
        action,
        subject: id.to_string(),
        payload: String::new(),
        field,
        ends_by: Some(hold.deadline),
        form,
    };
    match desk::ask(state, staffer, wish).await? {
        Asking::Waits => Ok(Redirect::to(&format!("/staff/payments/{id}?done=asked")).into_response()),
        Asking::Refused(said) => page(state, staffer, &id.to_string(), said).await,
    }
}

async fn page(state: &AppState, staffer: &Staffer, id: &str, said: Said) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCases)?;
    let id: PaymentId = id.parse().map_err(|_| Fault::not_found())?;
    let now = staffer.visitor.now;
    let opened = state
        .db
        .read_async(move |tx| {
            let payment = room::get(tx, id)?.ok_or_else(Fault::not_found)?;
            let case = cases::by_kind(tx, CaseKind::PaymentConfirmation(id))?;
            let items = match &case {
                Some(case) => cases::timeline(tx, case.id)?,
                None => Vec::new(),
            };
            let waiting = desk::waiting(tx, now, &ACTIONS, &id.to_string())?;
            Ok::<_, Fault>(Opened {
                payment,
                case: case.map(|case| case.id.to_string()),
                items,
                waiting,
            })
        })
        .await?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-held", "payments");
    let payment = &opened.payment;
    let (amount, payee) = (money(payment.amount), payment.payee.name());
    let headline = p.t2("payment-to", "amount", amount, "name", payee);
    let mut view = DetailPage::new(p, ("/staff/payments", "staff-held"), headline, said);
    let p = &view.p;
    let (key, tone) = state_of(payment.state);
    (view.state, view.tone) = (p.t(key), tone);
    view.timeline = story::steps(p, &opened.items);
    view.reasons = reasons(p, payment);
    view.reasons_title = p.t("held-why");
    view.facts = facts(p, &opened);
    let waiting = opened.waiting.as_ref();
    view.pending =
        waiting.map(|request| Pending::of(p, &names, &pending::of_payment(payment), staffer, request));
    let open = payment.state == PaymentState::Held && waiting.is_none();
    if open && staffer.may(Permission::RequestActions).is_ok() {
        view.asks = asks(p, id);
    }
    view.show()
}

fn state_of(state: PaymentState) -> (&'static str, &'static str) {
    match state {
        PaymentState::Held => ("staff-state-held", "ring"),
        PaymentState::Posted => ("state-posted", "ok"),
        PaymentState::Voided => ("state-voided", "quiet"),
        PaymentState::Refused => ("state-refused", "stop"),
    }
}

fn asks(p: &Page, id: PaymentId) -> Vec<Ask> {
    let of_two = |field, title: &str, text: &str| {
        Ask::of_two(p, format!("/staff/payments/{id}/{field}"), field, title, text)
    };
    vec![
        of_two("release", "staff-release", "staff-release-text"),
        of_two("void", "staff-void", "staff-void-text").dangerous(),
    ]
}

fn facts(p: &Page, opened: &Opened) -> Vec<Fact> {
    let payment = &opened.payment;
    let mut facts = vec![
        Fact::new(p.t("fact-payer"), payment.payer.name()),
        Fact::new(p.t("fact-payee"), payment.payee.name()),
        Fact::new(p.t("fact-amount"), money(payment.amount)),
        Fact::new(p.t("fact-when"), p.calendar.moment(payment.created_at)),
    ];
    if !payment.note.is_empty() {
        facts.push(Fact::new(p.t("fact-note"), payment.note.clone()));
    }
    if let Some(hold) = &payment.hold {
        facts.push(Fact::new(
            p.t("staff-col-deadline"),
            p.calendar.moment(hold.deadline),
        ));
    }
    if let Some(wallet) = &payment.payer.wallet {
        let href = format!("/staff/wallets/{}", wallet.id);
        facts.push(Fact::link(
            p.t("staff-col-wallet"),
            wallet.number.to_string(),
            href,
        ));
    }
    if let Some(case) = &opened.case {
        facts.push(Fact::link(
            p.t("staff-case"),
            desk::short(case),
            format!("/staff/cases/{case}"),
        ));
    }
    facts
}
