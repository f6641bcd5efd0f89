use super::desk;
use super::payments::held_table;
use super::table::Table;
use super::trouble::{self, Trouble};
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use ::calls::cases::{self, CaseState};
use askama::Template;
use axum::extract::State;
use axum::response::Html;
use base::Timestamp;
use money::{Payment, payments};
use people::applications::{self, ApplicationState};
use security::four_eyes;
use security::staff::{Permission, Role};
use store::Tx;

pub struct Figure {
    href: &'static str,
    label: String,
    value: String,
    text: String,
}

#[derive(Template)]
#[template(path = "staff/overview.html")]
struct OverviewPage {
    p: Page,
    /// What the program fails at, for whoever runs it.
    trouble: Option<String>,
    figures: Vec<Figure>,
    table: Option<Table>,
}

/// What waits.
struct Waiting {
    held: Vec<Payment>,
    cases: usize,
    for_staff: usize,
    referred: i64,
    requests: usize,
    trouble: Vec<Trouble>,
}

/// `GET /staff`.
pub async fn overview(State(state): State<AppState>, staffer: Staffer) -> Result<Html<String>, Fault> {
    let (role, now) = (staffer.role, staffer.visitor.now);
    let waiting = state.db.read_async(move |tx| look(tx, role, now)).await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-overview", "overview");
    let view = OverviewPage {
        trouble: trouble::text(&p, &waiting.trouble),
        figures: figures(&p, &staffer, &waiting),
        table: role
            .may(Permission::ViewCases)
            .then(|| held_table(&p, &waiting.held)),
        p,
    };
    Ok(Html(view.render()?))
}

fn look(tx: &mut Tx<'_>, role: Role, now: Timestamp) -> Result<Waiting, Fault> {
    let cases = cases::count(tx, CaseState::Waiting)? + cases::count(tx, CaseState::Calling)?;
    let for_staff = cases::count(tx, CaseState::ForStaff)?;
    let referred = applications::count_by_state(tx)?
        .into_iter()
        .find(|(state, _)| *state == ApplicationState::Referred)
        .map_or(0, |(_, count)| count);
    let mut requests = four_eyes::open_requests(tx, now)?;
    requests.retain(|request| role.may(request.action.asked_with()));
    Ok(Waiting {
        held: if role.may(Permission::ViewCases) {
            payments::held(tx, 100)?
        } else {
            Vec::new()
        },
        cases,
        for_staff,
        referred,
        requests: requests.len(),
        trouble: trouble::look(tx, now)?,
    })
}

/// The figures of the rooms that this member may enter.
fn figures(p: &Page, staffer: &Staffer, waiting: &Waiting) -> Vec<Figure> {
    let sees_cases = staffer.role.may(Permission::ViewCases);
    let sees_customers = staffer.role.may(Permission::ViewCustomers);
    let mut figures = Vec::new();
    let mut add = |may: bool, href, value: String, label, text| {
        if may {
            figures.push(Figure {
                href,
                label,
                value,
                text,
            });
        }
    };
    add(
        sees_cases,
        "/staff/payments",
        waiting.held.len().to_string(),
        p.t("staff-figure-held"),
        p.t("staff-figure-held-text"),
    );
    add(
        sees_cases,
        "/staff/cases",
        waiting.cases.to_string(),
        p.t("staff-figure-cases"),
        p.t("staff-figure-cases-text"),
    );
    add(
        sees_cases,
        "/staff/cases?filter=staff",
        waiting.for_staff.to_string(),
        p.t("staff-figure-staff"),
        p.t("staff-figure-staff-text"),
    );
    add(
        sees_customers,
        "/staff/applications?filter=referred",
        waiting.referred.to_string(),
        p.t("staff-figure-referred"),
        p.t("staff-figure-referred-text"),
    );
    add(
        staffer.takes_part_in_requests(),
        "/staff/requests",
        waiting.requests.to_string(),
        p.t("staff-figure-requests"),
        p.t("staff-figure-requests-text"),
    );
    figures
}
