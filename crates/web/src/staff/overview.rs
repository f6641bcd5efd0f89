use super::desk;
use super::payments::held_table;
use super::table::Table;
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use ::calls::cases::{self, CaseState};
use askama::Template;
use axum::extract::State;
use axum::response::Html;
use money::payments;
use people::applications::{self, ApplicationState};
use security::four_eyes;
use security::staff::Permission;

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
    figures: Vec<Figure>,
    table: Option<Table>,
}

/// `GET /staff`.
pub async fn overview(State(state): State<AppState>, staffer: Staffer) -> Result<Html<String>, Fault> {
    let sees_cases = staffer.may(Permission::ViewCases).is_ok();
    let sees_customers = staffer.may(Permission::ViewCustomers).is_ok();
    let (sees_requests, role) = (staffer.takes_part_in_requests(), staffer.role);
    let now = staffer.visitor.now;
    let (held, open, for_staff, referred, requests) = state
        .db
        .read_async(move |tx| {
            let held = if sees_cases {
                payments::held(tx, 100)?
            } else {
                Vec::new()
            };
            let waiting = cases::list(tx, Some(CaseState::Waiting), None)?.len();
            let calling = cases::list(tx, Some(CaseState::Calling), None)?.len();
            let for_staff = cases::list(tx, Some(CaseState::ForStaff), None)?.len();
            let referred = applications::count_by_state(tx)?
                .into_iter()
                .find(|(state, _)| *state == ApplicationState::Referred)
                .map_or(0, |(_, count)| count);
            let mut requests = four_eyes::open_requests(tx, now)?;
            requests.retain(|request| role.may(request.action.asked_with()));
            Ok::<_, Fault>((held, waiting + calling, for_staff, referred, requests.len()))
        })
        .await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-overview", "overview");
    let figure = |href, label: &str, value: String, text: &str| Figure {
        href,
        label: p.t(label),
        value,
        text: p.t(text),
    };
    let figures = vec![
        (
            sees_cases,
            figure(
                "/staff/payments",
                "staff-figure-held",
                held.len().to_string(),
                "staff-figure-held-text",
            ),
        ),
        (
            sees_cases,
            figure(
                "/staff/cases",
                "staff-figure-cases",
                open.to_string(),
                "staff-figure-cases-text",
            ),
        ),
        (
            sees_cases,
            figure(
                "/staff/cases?filter=staff",
                "staff-figure-staff",
                for_staff.to_string(),
                "staff-figure-staff-text",
            ),
        ),
        (
            sees_customers,
            figure(
                "/staff/applications?filter=referred",
                "staff-figure-referred",
                referred.to_string(),
                "staff-figure-referred-text",
            ),
        ),
        (
            sees_requests,
            figure(
                "/staff/requests",
                "staff-figure-requests",
                requests.to_string(),
                "staff-figure-requests-text",
            ),
        ),
    ];
    let figures: Vec<Figure> = figures
        .into_iter()
        .filter_map(|(may, figure)| may.then_some(figure))
        .collect();
    let table = sees_cases.then(|| held_table(&p, &held));
    Ok(Html(OverviewPage { p, figures, table }.render()?))
}
