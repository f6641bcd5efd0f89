use super::desk::{self, Asked, ListPage, Names, PAGE};
use super::table::{Cell, Table};
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use axum::extract::{Query, State};
use axum::response::Response;
use security::audit as log;
use security::staff::Permission;

/// `GET /staff/audit`: newest first.
pub async fn audit(
    State(state): State<AppState>,
    staffer: Staffer,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    staffer.may(Permission::ReadAuditLog)?;
    let before = asked.before()?;
    let entries = state
        .db
        .read_async(move |tx| log::recent(tx, before, PAGE as i64))
        .await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-audit", "audit");
    let columns = vec![
        format!("#{}", "№"),
        p.t("staff-col-time"),
        p.t("staff-col-actor"),
        p.t("staff-col-action"),
        p.t("staff-col-subject"),
        p.t("staff-col-why"),
    ];
    let mut table = Table::new(p.t("staff-audit"), p.t("staff-none-audit"), columns);
    for entry in &entries {
        table.push(vec![
            Cell::text(entry.seq.to_string()),
            Cell::text(format!(
                "{} {}",
                p.calendar.day(entry.at),
                p.calendar.time_exact(entry.at)
            )),
            Cell::text(actor(&p, &names, &entry.actor)),
            Cell::text(entry.action.clone()),
            Cell::text(desk::short(&entry.subject)),
            Cell::why(entry.detail.clone()),
        ]);
    }
    let mut view = ListPage::new(p, table);
    view.note = Some(view.p.t("staff-audit-text"));
    view.next = desk::older(&entries, "/staff/audit", |last| last.seq.to_string());
    view.show()
}

/// `staff:<id>` becomes the member's name; a customer stays an id.
fn actor(p: &Page, names: &Names, text: &str) -> String {
    let Some((kind, id)) = text.split_once(':') else {
        return p.t("staff-actor-system");
    };
    let member = id.parse().ok().and_then(|id| names.get(&id));
    match (kind, member) {
        ("staff", Some(name)) => name.clone(),
        _ => desk::short(id).to_owned(),
    }
}
