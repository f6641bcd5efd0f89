//! The JSON API on a small world: every verb, what it refuses, and that a repeat changes nothing.

mod applications;
mod freezes;
mod holds;
mod payees;
mod payments;
mod rejections;
mod tokens;

use crate::browser::NOON;
use crate::world::{Person, World};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base::{Ambient, Language};
use http_body_util::BodyExt;
use security::api_tokens::{self, Issued};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt;
use web::RequestLimits;

pub const PLENTY: RequestLimits = RequestLimits {
    sign_in: 1_000,
    apply: 1_000,
    pages: 10_000,
    body_ms: 10_000,
};

pub struct Api {
    pub world: World,
    pub router: Router,
    pub runtime: Runtime,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, String::from_utf8_lossy(&self.bytes)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The last part of the problem's type, and its field.
    pub fn problem(&self) -> (String, String) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        let kind = problem["type"]
            .as_str()
            .unwrap()
            .rsplit(':')
            .next()
            .unwrap()
            .to_owned();
        (kind, problem["field"].as_str().unwrap_or_default().to_owned())
    }
}

impl Api {
    pub fn new() -> Self {
        Self::limited(PLENTY)
    }

    pub fn limited(limits: RequestLimits) -> Self {
        Self::over(World::new(Ambient::seeded(NOON, 7), limits))
    }

    pub fn over(world: World) -> Self {
        let router = web::router(world.state.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self {
            world,
            router,
            runtime,
        }
    }

    pub fn two(&self) -> (Person, Person) {
        let li = self.world.person("李明", "13800138001", Language::En);
        let wang = self.world.person("王小明", "13800138002", Language::ZhHans);
        self.world.top_up(&li, 400_000);
        (li, wang)
    }

    pub fn send(&self, request: Request<Body>) -> Reply {
        let router = self.router.clone();
        self.runtime.block_on(async move {
            let response = router.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes().to_vec();
            Reply {
                status: parts.status,
                headers: parts.headers,
                bytes,
            }
        })
    }

    pub fn get(&self, path: &str, token: &str) -> Reply {
        self.send(request(Method::GET, path, token).body(Body::empty()).unwrap())
    }

    pub fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        let request = request(Method::POST, path, token).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap())
    }

    pub fn post_keyed(&self, path: &str, token: &str, key: &str, body: &Value) -> Reply {
        let request = request(Method::POST, path, token)
            .header(header::CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", key);
        self.send(request.body(Body::from(body.to_string())).unwrap())
    }

    /// What an anonymous visitor's form is bound to.
    fn form_token(&self, page: &str) -> String {
        let seen = self.send(Request::get(page).body(Body::empty()).unwrap());
        let cookie = seen
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        cookie.strip_prefix("form=").expect("a form cookie").to_owned()
    }

    fn post_form(&self, path: &str, form_token: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, format!("form={form_token}"));
        self.send(request.body(Body::from(body)).unwrap())
    }

    pub fn available(&self, person: &Person) -> String {
        let wallet = self.get("/api/v1/wallet", &person.session).json();
        wallet["available"].as_str().unwrap().to_owned()
    }

    fn long_lived(&self, person: &Person) -> String {
        let (ambient, login) = (self.world.ambient.clone(), person.login);
        let issued = self
            .world
            .db
            .write(move |tx| api_tokens::issue(tx, &ambient, login, "a program", 86_400))
            .unwrap();
        match issued {
            Issued::Issued(_, token) => token.as_str().to_owned(),
            Issued::TooMany => panic!("too many"),
        }
    }
}

pub fn request(method: Method, path: &str, token: &str) -> axum::http::request::Builder {
    let builder = Request::builder()
        .method(method)
        .uri(path)
        .header("Accept-Language", "en");
    if token.is_empty() {
        builder
    } else {
        builder.header(header::AUTHORIZATION, format!("Bearer {token}"))
    }
}

pub fn order(to: &Person, amount: &str) -> Value {
    json!({ "to": to.wallet.number.as_str(), "amount": amount, "currency": "CNY", "note": "lunch" })
}
