use super::deed;
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
            action(&p, &entry.action),
            Cell::text(subject(&names, &entry.subject)),
            Cell::why(named(&names, &entry.detail)),
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

/// What was done, in words, over the code that a search finds.
fn action(p: &Page, code: &str) -> Cell {
    match deed::words(p, code) {
        Some(words) => Cell::text(words).with_code(code),
        None => Cell::text(code),
    }
}

/// A member of staff by name, anything else by the end of its id.
fn subject(names: &Names, text: &str) -> String {
    let member = text.parse().ok().and_then(|id| names.get(&id));
    member.map_or_else(|| desk::short(text).to_owned(), Clone::clone)
}

/// The detail with the member's name where it names one by id: "asked by lin; done".
fn named(names: &Names, detail: &str) -> String {
    let Some((before, rest)) = detail.split_once("staff:") else {
        return detail.to_owned();
    };
    let end = rest
        .find(|sign: char| !sign.is_ascii_hexdigit())
        .unwrap_or(rest.len());
    let (id, after) = rest.split_at(end);
    match id.parse().ok().and_then(|id| names.get(&id)) {
        Some(name) => format!("{before}{name}{after}"),
        None => detail.to_owned(),
    }
}
