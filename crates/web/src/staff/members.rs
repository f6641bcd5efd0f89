//! The members of staff, for whoever manages them.

use super::desk::{self, Ask, Asked, Asking, DetailPage, Fact, ListPage, Said, Wish};
use super::pending::Pending;
use super::table::{Cell, Table};
use crate::fault::Fault;
use crate::guard::{Fields, Staffer, role_key};
use crate::state::AppState;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::StaffId;
use security::four_eyes::Action;
use security::staff::{self as room, Permission, StaffMember};

/// `GET /staff/members`.
pub async fn members(State(state): State<AppState>, staffer: Staffer) -> Result<Response, Fault> {
    staffer.may(Permission::ManageStaff)?;
    let members = state.db.read_async(room::list).await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-members", "members");
    let columns = vec![p.t("staff-name"), p.t("staff-role"), p.t("staff-col-state")];
    let mut table = Table::new(p.t("staff-members"), String::new(), columns);
    for member in &members {
        let (key, tone) = state_of(member);
        table.push(vec![
            Cell::link(member.name.clone(), format!("/staff/members/{}", member.id)),
            Cell::text(p.t(role_key(member.role))),
            Cell::pill(p.t(key), tone),
        ]);
    }
    let mut view = ListPage::new(p, table);
    view.note = Some(view.p.t("staff-members-text"));
    view.show()
}

fn state_of(member: &StaffMember) -> (&'static str, &'static str) {
    if member.active {
        ("staff-member-open", "ok")
    } else {
        ("staff-member-closed", "quiet")
    }
}

/// `GET /staff/members/{id}`.
pub async fn member(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let done = (asked.done == "asked").then_some("staff-requested");
    page(&state, &staffer, &id, Said::done(done)).await
}

/// `POST /staff/members/{id}/reset`: a second administrator must agree, and is shown the first
/// password.
pub async fn ask_reset(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::ManageStaff)?;
    let member = open_member(&state, &id).await?;
    if !member.active {
        return page(&state, &staffer, &id, Said::problem("staff-could-not-now")).await;
    }
    let wish = Wish {
        action: Action::ResetStaff,
        subject: member.id.to_string(),
        payload: String::new(),
        field: "reset",
        ends_by: None,
        form,
    };
    match desk::ask(&state, &staffer, wish).await? {
        Asking::Waits => {
            Ok(Redirect::to(&format!("/staff/members/{}?done=asked", member.id)).into_response())
        }
        Asking::Refused(said) => page(&state, &staffer, &id, said).await,
    }
}

async fn open_member(state: &AppState, id: &str) -> Result<StaffMember, Fault> {
    let id: StaffId = id.parse().map_err(|_| Fault::not_found())?;
    let found = state.db.read_async(move |tx| room::get(tx, id)).await?;
    found.ok_or_else(Fault::not_found)
}

async fn page(state: &AppState, staffer: &Staffer, id: &str, said: Said) -> Result<Response, Fault> {
    staffer.may(Permission::ManageStaff)?;
    let member = open_member(state, id).await?;
    let (now, subject) = (staffer.visitor.now, member.id.to_string());
    let waiting = state
        .db
        .read_async(move |tx| desk::waiting(tx, now, &[Action::ResetStaff], &subject))
        .await?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-members", "members");
    let back = ("/staff/members", "staff-members");
    let mut view = DetailPage::new(p, back, member.name.clone(), said);
    let p = &view.p;
    let (key, tone) = state_of(&member);
    (view.state, view.tone) = (p.t(key), tone);
    view.facts = vec![Fact::new(p.t("staff-role"), p.t(role_key(member.role)))];
    if member.active && waiting.is_none() {
        let action = format!("/staff/members/{}/reset", member.id);
        let (title, text) = ("staff-reset", "staff-reset-text");
        view.asks = vec![Ask::of_two(p, action, "reset", title, text).dangerous()];
    }
    view.pending = waiting.map(|request| Pending::of(p, &names, &member.name, staffer, &request));
    view.show()
}
