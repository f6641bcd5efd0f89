//! A customer's telephone number, changed by two members of staff.

use super::desk::{self, Asking, Said, Wish};
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Fields, Staffer};
use crate::shell::{Page, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::{PhoneNumber, WalletId};
use money::wallets as room;
use security::four_eyes::Action;
use security::staff::Permission;

#[derive(Template)]
#[template(path = "staff/number.html")]
struct NumberPage {
    p: Page,
    wallet: String,
    number: String,
    form: Form,
    problem: Option<String>,
}

/// `GET /staff/wallets/{id}/number`.
pub async fn number_form(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    page(&state, &staffer, &id, Said::default()).await
}

/// `POST /staff/wallets/{id}/number`: asks a second person to agree.
pub async fn ask_number(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let wallet: WalletId = id.parse().map_err(|_| Fault::not_found())?;
    let Ok(phone) = PhoneNumber::parse(form.value("phone")) else {
        form.refuse("phone", staffer.visitor.page(&state).t("api-phone"));
        return page(&state, &staffer, &id, Said::refused(form)).await;
    };
    let countries = &state.call_policy.countries;
    if !countries.cover(&phone) {
        let p = staffer.visitor.page(&state);
        form.refuse("phone", p.t1("phone-country", "codes", countries));
        return page(&state, &staffer, &id, Said::refused(form)).await;
    }
    let wish = Wish {
        action: Action::ChangePhone,
        subject: wallet.to_string(),
        payload: phone.to_string(),
        field: "reason",
        ends_by: None,
        form,
    };
    match desk::ask(&state, &staffer, wish).await? {
        Asking::Waits => Ok(Redirect::to(&format!("/staff/wallets/{wallet}?done=asked")).into_response()),
        Asking::Refused(said) => page(&state, &staffer, &id, said).await,
    }
}

async fn page(state: &AppState, staffer: &Staffer, id: &str, said: Said) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let id: WalletId = id.parse().map_err(|_| Fault::not_found())?;
    let wallet = state.db.read_async(move |tx| room::by_id(tx, id)).await?;
    let wallet = wallet.ok_or_else(Fault::not_found)?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-number", "wallets");
    let refused = said.is_refusal();
    let view = NumberPage {
        wallet: id.to_string(),
        number: wallet.phone.masked(),
        problem: said.problem.map(|key| p.t(key)),
        form: said.form,
        p,
    };
    reply(&view, refused)
}
