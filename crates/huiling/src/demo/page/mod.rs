//! The handset page and what stands behind it: the telephone's socket, and the place where text
//! messages arrive.

use super::handset::{Act, Handset, Told};
use axum::Json;
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use base::Language;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use std::sync::Arc;

/// What the page needs to know of the demo.
#[derive(Clone)]
pub struct Page {
    pub handset: Arc<Handset>,
    /// The visitor's number as people write it.
    pub number_shown: String,
    /// Of the members of staff.
    pub first_password: &'static str,
}

pub fn router(page: Page) -> Router {
    Router::new()
        .route("/demo", get(show))
        .route("/demo/handset", get(socket))
        .route("/demo/sms", post(receive_message))
        .route(
            "/demo/handset.css",
            get(|| asset("text/css", include_str!("handset.css"))),
        )
        .route(
            "/demo/handset.js",
            get(|| asset("text/javascript", include_str!("handset.js"))),
        )
        .with_state(page)
}

async fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text).into_response()
}

#[derive(Deserialize)]
struct Choice {
    lang: Option<String>,
}

async fn show(State(page): State<Page>, Query(choice): Query<Choice>, headers: HeaderMap) -> Html<String> {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let chosen = choice.lang.as_deref().and_then(Language::from_tag);
    Html(fill(
        &page,
        chosen.unwrap_or_else(|| Language::negotiate(accepted)),
    ))
}

fn fill(page: &Page, language: Language) -> String {
    let keys: String = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"]
        .map(|key| format!("<button type=\"button\" data-key=\"{key}\">{key}</button>"))
        .concat();
    let mut html = include_str!("handset.html").to_owned();
    for (name, text) in words(language) {
        html = html.replace(&format!("{{{{{name}}}}}"), text);
    }
    // The document is the standard's own specimen (GB 11643).
    let person =
        "name=%E6%9E%97%E6%99%93%E9%9B%AF&resident_id=11010519491231002X&income=12000&requested_limit=50000";
    let phone: String = page.number_shown.chars().filter(char::is_ascii_digit).collect();
    let apply = format!("/apply?{person}&phone={phone}");
    let facts = [
        ("lang", language.tag()),
        ("number", &page.number_shown),
        ("first_password", page.first_password),
        ("keys", &keys),
        ("apply", &apply),
    ];
    facts.iter().fold(html, |html, (name, text)| {
        html.replace(&format!("{{{{{name}}}}}"), text)
    })
}

#[derive(Deserialize)]
struct TextMessage {
    to: String,
    text: String,
}

/// The demo's text-message service: what is sent to the visitor's number appears on the handset.
async fn receive_message(
    State(page): State<Page>,
    headers: HeaderMap,
    Json(message): Json<TextMessage>,
) -> StatusCode {
    if !is_own_page(&headers) {
        return StatusCode::FORBIDDEN;
    }
    if message.to.trim_start_matches('+') == page.handset.number.trim_start_matches('+') {
        page.handset.receive_message(message.text);
    }
    StatusCode::ACCEPTED
}

/// Another site's page in the visitor's browser, also by a name that was made to point here, must
/// not read the messages or press the keys. Programs name no origin.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(header::HOST) else {
        return false;
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let ours = ["127.0.0.1", "localhost", "[::1]"].contains(&name);
    let origin = headers.get(header::ORIGIN);
    let own = origin.is_none_or(|origin| origin.to_str().is_ok_and(|text| text == format!("http://{host}")));
    ours && own
}

async fn socket(State(page): State<Page>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if !is_own_page(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    upgrade
        .max_message_size(1_024)
        .on_upgrade(move |socket| serve(socket, page.handset))
}

async fn serve(socket: WebSocket, handset: Arc<Handset>) {
    let mut told = handset.watch();
    let (mut out, mut acts) = socket.split();
    let (messages, now) = handset.at_present();
    let hello = serde_json::json!({"is": "hello", "messages": messages}).to_string();
    if out.send(Message::text(hello)).await.is_err() {
        return;
    }
    if let Some(now) = now
        && out.send(as_message(&now)).await.is_err()
    {
        return;
    }
    loop {
        tokio::select! {
            news = told.recv() => match news {
                Ok(news) => if out.send(as_message(&news)).await.is_err() { return },
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(_) => return,
            },
            message = acts.next() => match message {
                Some(Ok(Message::Text(text))) => if let Some(act) = parse(&text) { handset.act(act) },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            }
        }
    }
}

fn as_message(told: &Told) -> Message {
    match told {
        Told::Sound(frame) => Message::binary(frame.to_vec()),
        other => Message::text(serde_json::to_string(other).unwrap_or_default()),
    }
}

#[derive(Deserialize)]
struct Order {
    r#do: String,
    key: Option<char>,
}

fn parse(text: &str) -> Option<Act> {
    let order: Order = serde_json::from_str(text).ok()?;
    match (order.r#do.as_str(), order.key) {
        ("answer", _) => Some(Act::Answer),
        ("decline", _) => Some(Act::Decline),
        ("hangup", _) => Some(Act::HangUp),
        ("press", Some(key)) if key.is_ascii_digit() || key == '*' || key == '#' => Some(Act::Press(key)),
        _ => None,
    }
}

/// The page's words. The demo is not part of the product's screens and keeps its own.
fn words(language: Language) -> Vec<(&'static str, &'static str)> {
    let text = match language {
        Language::ZhHans => include_str!("words.zh-Hans.txt"),
        Language::En => include_str!("words.en.txt"),
    };
    text.lines().filter_map(|line| line.split_once(" = ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_missing_in_either_language() {
        for language in Language::ALL {
            let filled = words(language)
                .into_iter()
                .fold(include_str!("handset.html").to_owned(), |html, (name, text)| {
                    html.replace(&format!("{{{{{name}}}}}"), text)
                });
            let facts = ["lang", "number", "first_password", "keys", "apply"];
            let filled = facts
                .iter()
                .fold(filled, |html, name| html.replace(&format!("{{{{{name}}}}}"), ""));
            assert!(
                !filled.contains("{{"),
                "{}: {}",
                language.tag(),
                &filled[filled.find("{{").unwrap()..][..30]
            );
        }
    }

    #[test]
    fn only_keys_of_a_telephone_are_pressed() {
        assert_eq!(parse(r#"{"do":"press","key":"5"}"#), Some(Act::Press('5')));
        assert_eq!(parse(r#"{"do":"press","key":"x"}"#), None);
        assert_eq!(parse(r#"{"do":"answer"}"#), Some(Act::Answer));
        assert_eq!(parse("nonsense"), None);
    }

    #[test]
    fn only_the_demos_own_page_opens_the_telephone() {
        let headers = |host: &str, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            headers
        };
        let own = |host, origin| is_own_page(&headers(host, origin));
        assert!(own("127.0.0.1:8080", Some("http://127.0.0.1:8080")));
        assert!(own("localhost:8081", Some("http://localhost:8081")));
        assert!(own("127.0.0.1:8080", None));
        assert!(!own("127.0.0.1:8080", Some("https://evil.example")));
        assert!(!own("127.0.0.1:8080", Some("null")));
        assert!(!own("evil.example:8080", Some("http://evil.example:8080")));
        assert!(!is_own_page(&HeaderMap::new()));
    }
}
