//! Answers: JSON that nobody keeps, and problems in the caller's words.

use crate::fault::{self, Fault, Kind};
use crate::guard::{language, secure_answer};
use crate::ops::Counting;
use crate::state::AppState;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::Language;
use serde::Serialize;
use std::time::Duration;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// How long a request of the API may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The members that every problem has, and those that tell what to change.
#[derive(Serialize)]
pub struct Problem<'a> {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
}

pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Result<Response, Fault> {
    Ok(stored(status, to_vec(value)?))
}

/// JSON that is ready, byte for byte.
pub fn stored(status: StatusCode, body: Vec<u8>) -> Response {
    with_media(status, body, JSON)
}

/// A problem with members of its own: those of `more` follow the standard ones as they are.
pub fn problem(
    status: StatusCode,
    lang: Language,
    problem: &Problem<'_>,
    more: &[u8],
) -> Result<Response, Fault> {
    let mut body = to_vec(problem)?;
    if let Some(members) = more.strip_prefix(b"{").filter(|members| *members != b"}") {
        body.pop();
        body.push(b',');
        body.extend_from_slice(members);
    }
    let mut response = with_media(status, body, PROBLEM);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    Ok(response)
}

/// The `type` of a problem: its code, written with hyphens.
pub fn problem_type(code: &str) -> String {
    format!("urn:huiling:problem:{}", code.replace('_', "-"))
}

/// An address that is none of ours.
pub async fn nothing_here() -> Fault {
    Fault::not_found()
}

/// The only thing around the handlers: it counts, bounds the time, gives every fault its words and every
/// answer its headers.
pub async fn around(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let counting = Counting::begin(&state.metrics, &request);
    let language = language(request.headers(), state.secure);
    let mut response = in_time(request, next).await;
    if !response.status().is_success() {
        response = fault::dress(response, language, None);
        let headers = response.headers_mut();
        headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    }
    secure_answer(&state, &mut response);
    counting.end(&response);
    response
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        // What was begun may still be done: the same key tells.
        Err(_) => Fault::new(Kind::Unavailable).into_response(),
    }
}

fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|problem| {
        tracing::error!(%problem, "an answer cannot be written");
        Fault::new(Kind::Internal)
    })
}

fn with_media(status: StatusCode, body: Vec<u8>, media: HeaderValue) -> Response {
    let mut response = Body::from(Bytes::from(body)).into_response();
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}
