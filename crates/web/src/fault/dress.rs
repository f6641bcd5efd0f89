use super::{Fault, Kind};
use crate::shell::Page;
use crate::words::say;
use askama::Template;
use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use base::Language;
use serde_json::json;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    p: &'a Page,
    icon: &'a str,
    title: String,
    detail: String,
    remedy: String,
    href: &'a str,
    action: String,
    /// A form was sent in vain.
    unsent: bool,
    /// A form was sent and nobody knows what came of it: the very same is sent once more by loading
    /// this answer again. A form filled in anew would be another order.
    again: bool,
}

/// Gives the fault that a response carries its words: a page where `page` is given, problem
/// details otherwise. A response without a fault passes unchanged, but for the bare refusals of
/// the router (404, 405), which are dressed alike.
pub fn dress(response: Response, language: Language, page: Option<&Page>) -> Response {
    let fault = match response.extensions().get::<Fault>() {
        Some(fault) => fault.clone(),
        None => match (
            response.status().as_u16(),
            response.headers().get(header::CONTENT_TYPE),
        ) {
            (404, None) => Fault::not_found(),
            (405, None) => Fault::new(Kind::Method),
            // What the router's own readers of addresses say, in English and without a page.
            (400, Some(media)) if is_bare(media) => Fault::bad_request(say(language, "problem-address")),
            _ => return response,
        },
    };
    let mut dressed = match page {
        Some(page) => as_page(&fault, page),
        None => as_problem(&fault, language),
    };
    *dressed.status_mut() = fault.kind.status();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            dressed.headers_mut().append(name, value.clone());
        }
    }
    if let Some(retry_secs) = fault.kind.retry_secs() {
        dressed
            .headers_mut()
            .insert(header::RETRY_AFTER, retry_secs.into());
    }
    if matches!(fault.kind, Kind::TooLarge | Kind::TooSlow) {
        // What is left of the body is not worth reading.
        let close = HeaderValue::from_static("close");
        dressed.headers_mut().insert(header::CONNECTION, close);
    }
    if fault.kind == Kind::SignIn && page.is_none() {
        let challenge = HeaderValue::from_static("Bearer realm=\"huiling\"");
        dressed.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    dressed
}

fn is_bare(media: &HeaderValue) -> bool {
    media.as_bytes().starts_with(b"text/plain")
}

fn as_problem(fault: &Fault, language: Language) -> Response {
    let mut body = json!({
        "type": format!("urn:huiling:problem:{}", fault.kind.slug()),
        "title": say(language, fault.kind.title_key()),
        "status": fault.kind.status().as_u16(),
        "detail": fault.kind.text(language, fault.detail.as_deref()),
    });
    if let Some(field) = &fault.field {
        body["field"] = json!(field);
    }
    let remedy = fault.remedy.clone().or_else(|| remedy(fault.kind, language));
    if let Some(remedy) = remedy {
        body["remedy"] = json!(remedy);
    }
    let mut response = Json(body).into_response();
    let media = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    response
}

fn remedy(kind: Kind, lang: Language) -> Option<String> {
    (kind == Kind::KeyReused).then(|| say(lang, "problem-key-reused-remedy"))
}

fn as_page(fault: &Fault, page: &Page) -> Response {
    let again = page.sent && matches!(fault.kind, Kind::Unavailable | Kind::Internal);
    let (icon, href, action) = match fault.kind {
        _ if again => ("alert-triangle", home(page), "home-go"),
        Kind::Unavailable | Kind::Full | Kind::Internal | Kind::Busy { .. } => {
            ("alert-triangle", page.path.as_str(), "try-again")
        }
        Kind::SignIn if home(page) == "/staff" => ("lock", "/staff/sign-in", "signin-do"),
        Kind::SignIn => ("lock", "/sign-in", "signin-do"),
        Kind::Stale => ("clock", page.path.as_str(), "problem-stale-do"),
        Kind::Forbidden => ("lock", home(page), "home-go"),
        _ => ("search", home(page), "home-go"),
    };
    let view = ErrorPage {
        p: page,
        icon,
        title: page.t(fault.kind.title_key()),
        detail: if again {
            page.t("problem-again-text")
        } else {
            fault.kind.text(page.language, fault.detail.as_deref())
        },
        remedy: fault.remedy.clone().unwrap_or_default(),
        href,
        action: page.t(action),
        unsent: fault.kind == Kind::Stale,
        again,
    };
    match view.render() {
        Ok(html) => Html(html).into_response(),
        Err(problem) => {
            tracing::error!(%problem, "the error page cannot be written");
            fault.kind.status().into_response()
        }
    }
}

fn home(page: &Page) -> &'static str {
    if page.path.starts_with("/staff") {
        "/staff"
    } else {
        "/"
    }
}

/// Problem details in English, for what is no page and has no reader's language.
pub async fn plain(response: Response) -> Response {
    dress(response, Language::En, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::Brand;
    use base::{OperatorZone, Timestamp};
    use std::sync::Arc;

    fn shown(sent: bool) -> String {
        let brand = Brand {
            name_zh_hans: "回铃".into(),
            name_en: "Huiling".into(),
            calling_number: "95138".into(),
            public_url: "https://wallet.example".into(),
        };
        let zone = OperatorZone::named("Asia/Shanghai").unwrap();
        let mut page = Page::new(Language::En, Arc::new(brand), zone, Timestamp::from_secs(0));
        (page.path, page.sent) = ("/pay".into(), sent);
        let response = dress(
            Fault::new(Kind::Unavailable).into_response(),
            Language::En,
            Some(&page),
        );
        assert_eq!(response.status().as_u16(), 503);
        let body = axum::body::to_bytes(response.into_body(), 65_536);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        String::from_utf8(runtime.block_on(body).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn a_form_without_an_answer_is_sent_once_more_as_it_was_and_never_filled_in_anew() {
        let order = shown(true);
        assert!(
            order.contains("data-reload") && order.contains("Do not fill it in anew"),
            "{order}"
        );
        assert!(
            !order.contains("href=\"/pay\""),
            "an empty form would pay a second time: {order}"
        );
        let page = shown(false);
        assert!(
            !page.contains("data-reload") && page.contains("href=\"/pay\""),
            "{page}"
        );
    }
}
