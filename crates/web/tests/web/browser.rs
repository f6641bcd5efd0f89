//! A browser without eyes: it keeps cookies, follows nothing by itself, and reads forms.

use crate::world::{Person, World};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base::{Ambient, Timestamp};
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use web::RequestLimits;

/// A Wednesday's noon in Shanghai.
pub const NOON: Timestamp = Timestamp::from_secs(1_793_764_800);
const PLENTY: RequestLimits = RequestLimits {
    sign_in: 100_000,
    apply: 100_000,
    pages: 1_000_000,
    body_ms: 10_000,
};

/// A world that is served.
pub struct Served {
    pub world: World,
    router: Router,
    runtime: Arc<Runtime>,
}

pub struct Browser {
    router: Router,
    runtime: Arc<Runtime>,
    pub cookies: BTreeMap<String, String>,
    pub language: &'static str,
}

pub struct Seen {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Served {
    pub fn new() -> Self {
        Self::with(PLENTY)
    }

    /// A place that lets one address see so many pages a minute.
    pub fn limited(pages: u32) -> Self {
        Self::with(RequestLimits { pages, ..PLENTY })
    }

    fn with(limits: RequestLimits) -> Self {
        Self::over(World::new(Ambient::seeded(NOON, 11), limits))
    }

    pub fn over(world: World) -> Self {
        Self {
            router: web::router(world.state.clone()),
            runtime: Arc::new(Runtime::new().unwrap()),
            world,
        }
    }

    pub fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            runtime: self.runtime.clone(),
            cookies: BTreeMap::new(),
            language: "en",
        }
    }

    /// A browser in which this person has signed in.
    pub fn browser_of(&self, person: &Person) -> Browser {
        let mut browser = self.browser();
        browser.cookies.insert("session".into(), person.session.clone());
        browser
    }

    /// The answer to one request; of a stream that never ends, its head alone.
    pub fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let router = self.router.clone();
        self.runtime.block_on(async move {
            let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
            let streams = parts
                .headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|media| media.as_bytes().starts_with(b"text/event-stream"));
            let text = if streams {
                String::new()
            } else {
                let bytes = body.collect().await.unwrap().to_bytes();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            (parts.status, parts.headers, text)
        })
    }

    /// The open stream of events at this person's pages.
    pub fn listen(&self, person: &Person) -> Body {
        let request = Request::get("/events")
            .header(header::COOKIE, format!("session={}", person.session))
            .body(Body::empty())
            .unwrap();
        let router = self.router.clone();
        let response = self.runtime.block_on(router.oneshot(request)).unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body()
    }

    /// The next event of a stream; `None` when there is none for so long.
    pub fn next_event(&self, stream: &mut Body, within: Duration) -> Option<String> {
        self.runtime.block_on(async {
            let frame = tokio::time::timeout(within, stream.frame()).await.ok()?;
            let bytes = frame.unwrap().unwrap().into_data().unwrap();
            Some(String::from_utf8_lossy(&bytes).into_owned())
        })
    }

    pub fn staff_browser(&self, session: &str) -> Browser {
        let mut browser = self.browser();
        browser.cookies.insert("staff".into(), session.into());
        browser
    }
}

impl Browser {
    pub fn get(&mut self, path: &str) -> Seen {
        self.send(Method::GET, path, &[], Body::empty())
    }

    /// Posts a form with the token that the page at `from` carries.
    pub fn post_from(&mut self, from: &str, path: &str, fields: &[(&str, &str)]) -> Seen {
        let page = self.get(from);
        let csrf = page.field("csrf");
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        self.post(path, &fields)
    }

    /// Posts a form with files, its token first, as a browser does.
    pub fn upload(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Seen {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
        }
        for (name, bytes) in files {
            let head = format!(
                "--edge\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                content-type: text/html\r\n\r\n"
            );
            body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        body.extend(b"--edge--\r\n");
        let media = [("content-type", "multipart/form-data; boundary=edge")];
        self.send(Method::POST, path, &media, Body::from(body))
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let body: String = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect::<Vec<_>>()
            .join("&");
        let media = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &media, Body::from(body))
    }

    pub fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Seen {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::COOKIE, cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap();
        let router = self.router.clone();
        let (parts, bytes) = self.runtime.block_on(async move {
            let response = router.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            (parts, body.collect().await.unwrap().to_bytes())
        });
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        Seen {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

impl Seen {
    /// The value of the first input of this name.
    pub fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\"");
        let at = self
            .text
            .find(&mark)
            .unwrap_or_else(|| panic!("{name} in {}: {}", self.status, self.text));
        let tag_start = self.text[..at].rfind('<').unwrap();
        let tag_end = at + self.text[at..].find('>').unwrap();
        let tag = &self.text[tag_start..tag_end];
        let value = tag.split("value=\"").nth(1).unwrap_or_default();
        value.split('"').next().unwrap_or_default().to_owned()
    }

    pub fn to(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn shows(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
