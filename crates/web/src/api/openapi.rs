//! `GET /openapi.json`: the description of all this, for programs that write programs.

use axum::http::header;
use axum::response::{IntoResponse, Response};

pub const DOCUMENT: &str = include_str!("openapi.json");

pub async fn document() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, DOCUMENT).into_response()
}

#[cfg(test)]
#[path = "openapi_tests.rs"]
mod tests;
