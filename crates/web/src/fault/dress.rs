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
    /// The very same form is sent once more by loading this answer again: nothing typed is lost, and no
    /// form filled in anew becomes another order.
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
    // What came of it nobody knows; or it was not looked at at all.
    let unknown = page.sent && matches!(fault.kind, Kind::Unavailable | Kind::Internal | Kind::Unreadable);
    let undone = page.sent && matches!(fault.kind, Kind::Busy { .. } | Kind::Full | Kind::TooSlow);
    let again = unknown || undone;
    let (icon, href, action) = match fault.kind {
        _ if again => ("alert-triangle", home(page), "home-go"),
        Kind::Unavailable | Kind::Full | Kind::Internal | Kind::Busy { .. } => {
            ("alert-triangle", page.path.as_str(), "try-again")
        }
        Kind::Unreadable => ("alert-triangle", home(page), "home-go"),
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
        detail: if unknown {
            page.t("problem-again-text")
        } else {
            fault.kind.text(page.language, fault.detail.as_deref())
        },
        remedy: if undone {
            page.t("problem-undone-text")
        } else if fault.kind == Kind::Unreadable && home(page) == "/staff" {
            page.t("problem-unreadable-staff")
        } else {
            fault.remedy.clone().unwrap_or_default()
        },
        href,
        action: page.t(action),
        unsent: undone || fault.kind == Kind::Stale,
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

    fn shown(kind: Kind, language: Language, sent: bool) -> String {
        let brand = Brand {
            name_zh_hans: "回铃".into(),
            name_en: "Huiling".into(),
            calling_number: "95138".into(),
            public_url: "https://wallet.example".into(),
        };
        let zone = OperatorZone::named("Asia/Shanghai").unwrap();
        let mut page = Page::new(language, Arc::new(brand), zone, Timestamp::from_secs(0));
        (page.path, page.sent) = ("/pay".into(), sent);
        page.csrf = "a form's token".into();
        let response = dress(Fault::new(kind).into_response(), language, Some(&page));
        assert_eq!(response.status(), kind.status());
        let body = axum::body::to_bytes(response.into_body(), 65_536);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        String::from_utf8(runtime.block_on(body).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn a_form_without_an_answer_is_sent_once_more_as_it_was_and_never_filled_in_anew() {
        let order = shown(Kind::Unavailable, Language::En, true);
        assert!(
            order.contains("data-reload") && order.contains("Do not fill it in anew"),
            "{order}"
        );
        assert!(
            !order.contains("href=\"/pay\""),
            "an empty form would pay a second time: {order}"
        );
        assert!(
            !order.contains("name=\"language\""),
            "the other language has an empty form, too: {order}"
        );
        let page = shown(Kind::Unavailable, Language::En, false);
        assert!(
            !page.contains("data-reload")
                && page.contains("href=\"/pay\"")
                && page.contains("name=\"language\""),
            "{page}"
        );
    }

    #[test]
    fn a_form_that_came_too_fast_is_not_lost_and_its_page_says_when_to_send_it_again() {
        let busy = Kind::Busy { retry_secs: 7 };
        for (language, words) in [
            (Language::En, ["Wait 7 s,", "what you typed is not lost"]),
            (Language::ZhHans, ["7 秒后", "没有丢失"]),
        ] {
            let order = shown(busy, language, true);
            assert!(words.iter().all(|words| order.contains(words)), "{order}");
            assert!(order.contains("data-reload"), "the same once more: {order}");
            // The form's own page is offered by the script alone, which fills it in again.
            assert!(
                order.contains("data-unsent") && order.contains("href=\"/pay\" data-back hidden"),
                "{order}"
            );
        }
        let page = shown(busy, Language::En, false);
        assert!(
            !page.contains("data-reload") && !page.contains("data-back"),
            "{page}"
        );
    }
}
