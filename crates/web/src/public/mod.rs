//! Pages for everyone: is this call from you, the announcement of a call, the language switch,
//! and the files that pages are made of.

mod assets;
mod notice;

pub use assets::{manifest, service_worker, static_file};
pub(crate) use notice::purpose_key;
pub use notice::{is_this_you, public_notice};

use crate::fault::Fault;
use crate::guard::{Cookie, Visitor, is_same_origin};
use crate::shell::{Page, Tab};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::Language;
use serde::Deserialize;

/// Where the language switch came from.
#[derive(Deserialize)]
pub struct Switch {
    to: String,
    #[serde(default)]
    back: String,
}

/// `/language`: keeps the choice in a cookie, and with the customer's file when signed in. A link
/// on another site leads here and chooses nothing.
pub async fn language(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(switch): Query<Switch>,
) -> Result<Response, Fault> {
    let chosen = Language::from_tag(&switch.to).ok_or_else(Fault::not_found)?;
    if !is_same_origin(&headers) {
        return Ok(Redirect::to("/").into_response());
    }
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
    let mut response = Redirect::to(&local_path(&switch.back)).into_response();
    let cookie = Cookie::Language.write(chosen.tag(), state.secure);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Only a path of ours, never another place.
pub(crate) fn local_path(text: &str) -> String {
    let sound = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 200
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if sound { text.to_owned() } else { "/".into() }
}

#[derive(Template)]
#[template(path = "public/offline.html")]
struct OfflinePage {
    p: Page,
}

/// `/offline`: what the service worker shows without a network.
pub async fn offline(State(state): State<AppState>, visitor: Visitor) -> Result<Html<String>, Fault> {
    let p = visitor.page(&state).titled("offline-title", Tab::None);
    Ok(Html(OfflinePage { p }.render()?))
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn a_redirect_never_leaves_this_place() {
        assert_eq!(local_path("/security"), "/security");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil", "", "/a b"] {
            assert_eq!(local_path(elsewhere), "/");
        }
    }
}
