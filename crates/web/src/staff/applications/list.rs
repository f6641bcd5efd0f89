use super::page::{reasons, tone};
use super::yuan;
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::staff::desk::{self, Asked, ListPage, PAGE};
use crate::staff::table::{Cell, Table};
use crate::state::AppState;
use axum::extract::{Query, State};
use axum::response::Response;
use people::applications::{self as room, ApplicationState};
use security::staff::Permission;

/// `GET /staff/applications`.
pub async fn applications(
    State(state): State<AppState>,
    staffer: Staffer,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCustomers)?;
    let wanted = (asked.filter == "referred").then_some(ApplicationState::Referred);
    let before = asked.before()?;
    let found = state
        .db
        .read_async(move |tx| room::list(tx, wanted, before, PAGE))
        .await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-applications", "applications");
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
    let mut view = ListPage::new(p, table);
    let choices = [("filter-all", ""), ("filter-referred", "referred")];
    view.filters = asked.filters(&view.p, "/staff/applications", choices);
    let address = format!("/staff/applications?filter={}", asked.filter);
    view.next = desk::older(&found, &address, |last| last.id.to_string());
    view.show()
}
