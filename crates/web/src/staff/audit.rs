use super::desk::{self, Asked, ListPage, Names, PAGE};
use super::table::{Cell, Table};
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use security::audit as log;
use security::staff::Permission;

/// `GET /staff/audit`: newest first.
pub async fn audit(
    State(state): State<AppState>,
    staffer: Staffer,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fault> {
    staffer.may(Permission::ReadAuditLog)?;
    let before: Option<i64> = match &asked.cursor {
        Some(text) => Some(text.parse().map_err(|_| Fault::not_found())?),
        None => None,
    };
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
    let next = (entries.len() >= PAGE)
        .then(|| {
            entries
                .last()
                .map(|entry| format!("/staff/audit?cursor={}", entry.seq))
        })
        .flatten();
    let note = Some(p.t("staff-audit-text"));
    Ok(Html(
        ListPage {
            p,
            filters: Vec::new(),
            note,
            find: None,
            table,
            next,
        }
        .render()?,
    ))
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
