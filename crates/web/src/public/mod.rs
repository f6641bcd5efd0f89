//! Pages for everyone: is this call from you, the announcement of a call, the language switch,
//! and the files that pages are made of.

mod assets;
mod notice;

pub use assets::{manifest, service_worker, static_file};
pub(crate) use notice::purpose_key;
pub use notice::{is_this_you, public_notice};

use crate::fault::Fault;
use crate::guard::{Cookie, Fields, Visitor, local_path};
use crate::shell::{Page, Tab};
use crate::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::Language;

/// `POST /language`: keeps the choice in a cookie, and with the customer's file when signed in.
pub async fn language(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let chosen = Language::from_tag(form.value("language")).ok_or_else(Fault::not_found)?;
    let customer = visitor
        .session
        .as_ref()
        .and_then(|session| session.who.customer());
    if let Some(customer) = customer {
        state
            .db
            .write_async(move |tx| people::customers::set_language(tx, customer, chosen))
            .await?;
    }
    let mut response = Redirect::to(&local_path(form.value("back"))).into_response();
    let cookie = Cookie::Language.write(chosen.tag(), state.secure);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

#[derive(Template)]
#[template(path = "public/offline.html")]
struct OfflinePage {
    p: Page,
}

/// `/offline`: what the service worker shows without a network.
pub async fn offline(State(state): State<AppState>, visitor: Visitor) -> Result<Html<String>, Fault> {
    let mut p = visitor.page(&state).titled("offline-title", Tab::None);
    // The browser keeps this page for long; a form's token would not be right by then.
    p.csrf.clear();
    p.who = None;
    Ok(Html(OfflinePage { p }.render()?))
}
