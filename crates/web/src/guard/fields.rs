use super::visitor::Visitor;
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::state::AppState;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;

/// The largest body that a request may bring.
pub const BODY_LIMIT: usize = 64 * 1024;
const MOST_FIELDS: usize = 100;

/// The fields of a posted form. Reading them checks the form's token, so no handler can forget it.
pub struct Fields(pub Form);

impl FromRequest<AppState> for Fields {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let (parts, form) = read(request, state).await?;
        let visitor = parts
            .extensions
            .get::<Visitor>()
            .ok_or_else(|| Fault::new(Kind::Internal))?;
        if visitor.trusts(&form) {
            Ok(Self(form))
        } else {
            Err(Fault::new(Kind::Stale))
        }
    }
}

/// The fields of a form from our own pages; whether its token is right, the caller sees to.
pub(super) async fn read(request: Request, state: &AppState) -> Result<(Parts, Form), Fault> {
    let (parts, body) = request.into_parts();
    if !is_same_origin(&parts.headers) {
        return Err(Fault::new(Kind::Stale));
    }
    let wanted = "application/x-www-form-urlencoded";
    if !has_media_type(&parts.headers, wanted) {
        return Err(Fault::new(Kind::Media(wanted)));
    }
    let bytes = read_body(state, &parts.headers, body).await?;
    let pairs = form_urlencoded::parse(&bytes)
        .take(MOST_FIELDS)
        .map(|(name, value)| (name.into_owned(), value.into_owned()));
    let form = Form::from_pairs(pairs);
    Ok((parts, form))
}

/// The whole body within its bounds of size and time.
pub async fn read_body(state: &AppState, headers: &HeaderMap, body: Body) -> Result<Bytes, Fault> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT) {
        return Err(Fault::new(Kind::TooLarge));
    }
    let patience = Duration::from_millis(state.request_limits.body_ms);
    let collected = tokio::time::timeout(patience, Limited::new(body, BODY_LIMIT).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(problem)) if problem.is::<LengthLimitError>() => Err(Fault::new(Kind::TooLarge)),
        Ok(Err(_)) => Err(Fault::bad_request("the body broke off")),
        Err(_) => Err(Fault::new(Kind::TooSlow)),
    }
}

pub(crate) fn has_media_type(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case(wanted))
}

/// Browsers say where a form or a link comes from; one from elsewhere changes nothing here.
pub(super) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        _ => true,
    }
}
