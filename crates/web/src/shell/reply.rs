use crate::fault::Fault;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

/// The page, or the page that says what was wrong with the form it answers.
pub fn reply(view: &impl Template, refused: bool) -> Result<Response, Fault> {
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, Html(view.render()?)).into_response())
}
