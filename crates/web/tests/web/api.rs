//! The JSON API on a small world: every verb, what it refuses, and that a repeat changes nothing.

use crate::world::{PASSWORD, Person, World};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base::{Ambient, Language, Timestamp};
use http_body_util::BodyExt;
use money::wallets;
use security::api_tokens::{self, Issued};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt;
use web::RequestLimits;

/// A Wednesday's noon in Shanghai.
pub const NOON: Timestamp = Timestamp::from_secs(1_793_764_800);

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

#[test]
fn a_payment_is_made_once_and_its_answer_repeated_byte_for_byte() {
    let api = Api::new();
    let (li, wang) = api.two();
    let first = api.post_keyed("/api/v1/payments", &li.session, "k1", &order(&wang, "12.50"));
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.json());
    assert_eq!(first.json()["state"], "posted");
    let place = first.header("location").to_owned();
    assert_eq!(
        place,
        format!("/api/v1/payments/{}", first.json()["payment"].as_str().unwrap())
    );
    for _ in 0..2 {
        let again = api.post_keyed("/api/v1/payments", &li.session, "k1", &order(&wang, "12.50"));
        assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
        assert_eq!(again.header("idempotency-replayed"), "true");
    }
    let other = api.post_keyed("/api/v1/payments", &li.session, "k1", &order(&wang, "12.51"));
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.problem().0, "key-reused");
    assert_eq!(api.available(&li), "3987.50");
    assert_eq!(api.available(&wang), "12.50");
    let seen = api.get(&place, &wang.session).json();
    assert_eq!(
        (&seen["direction"], &seen["counterpart"]["name"]),
        (&json!("in"), &json!("李*"))
    );
    let stranger = api.world.person("赵云", "13800138003", Language::En);
    assert_eq!(api.get(&place, &stranger.session).problem().0, "not-found");
}

#[test]
fn a_refusal_is_a_problem_and_is_repeated_byte_for_byte() {
    let api = Api::new();
    let (li, wang) = api.two();
    let wish = order(&wang, "4500.00");
    let first = api.post_keyed("/api/v1/payments", &li.session, "k1", &wish);
    assert_eq!(first.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(first.problem(), ("not-enough".into(), "amount".into()));
    assert_eq!(first.json()["refusal"]["figure_minor"], 400_000);
    api.world.top_up(&li, 400_000);
    let again = api.post_keyed("/api/v1/payments", &li.session, "k1", &wish);
    assert_eq!((again.status, again.bytes), (first.status, first.bytes));
    let nobody = json!({ "to": "13899999999", "amount": "1", "currency": "CNY" });
    let unknown = api.post_keyed("/api/v1/payments", &li.session, "k2", &nobody);
    assert_eq!(unknown.problem(), ("unknown-payee".into(), "to".into()));
    let own = api.post_keyed("/api/v1/payments", &li.session, "k3", &order(&li, "1"));
    assert_eq!(own.problem(), ("self-payment".into(), "to".into()));
    let euro = json!({ "to": wang.wallet.number.as_str(), "amount": "1", "currency": "EUR" });
    let wrong = api.post_keyed("/api/v1/payments", &li.session, "k4", &euro);
    assert_eq!(wrong.problem(), ("wrong-currency".into(), "currency".into()));
}

#[test]
fn a_payee_is_found_by_telephone_and_shown_masked_until_paid() {
    let api = Api::new();
    let (li, wang) = api.two();
    let by_phone = api.get("/api/v1/payees?to=13800138002", &li.session).json();
    assert_eq!(by_phone["name"], "王*明");
    assert_eq!(by_phone["number"], wang.wallet.number.as_str());
    let wish = json!({ "to": "138 0013 8002", "amount": "3", "currency": "CNY" });
    let paid = api.post_keyed("/api/v1/payments", &li.session, "k1", &wish);
    assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.json());
    let known = api.get("/api/v1/payees?to=13800138002", &li.session).json();
    assert_eq!(
        (&known["name"], &known["known"]),
        (&json!("王小明"), &json!(true))
    );
    assert_eq!(
        api.get("/api/v1/payees?to=13899999999", &li.session).problem().0,
        "not-found"
    );
    assert_eq!(
        api.get("/api/v1/payees", &li.session).problem(),
        ("field".into(), "to".into())
    );
    let own = api.get("/api/v1/payees?to=13800138001", &li.session);
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn nobody_reads_the_directory_of_numbers_by_asking() {
    let api = Api::new();
    let (li, wang) = api.two();
    let paid = api.post_keyed("/api/v1/payments", &li.session, "k1", &order(&wang, "1"));
    assert_eq!(paid.status, StatusCode::CREATED);
    let ask = |number: u32| api.get(&format!("/api/v1/payees?to=1390000{number:04}"), &li.session);
    let asked = (0..100)
        .map(ask)
        .find(|reply| reply.status != StatusCode::NOT_FOUND);
    let stopped = asked.expect("asking ends");
    assert_eq!(stopped.problem().0, "too-many-requests");
    let wish = json!({ "to": "13900009999", "amount": "0.01", "currency": "CNY" });
    let order = api.post_keyed("/api/v1/payments", &li.session, "k2", &wish);
    assert_eq!(order.status, StatusCode::TOO_MANY_REQUESTS, "nor by ordering");
    let known = api.get("/api/v1/payees?to=13800138002", &li.session);
    assert_eq!(known.status, StatusCode::OK, "whom one has paid is no stranger");
    let paid = api.post_keyed("/api/v1/payments", &li.session, "k3", &self::order(&wang, "2"));
    assert_eq!(paid.status, StatusCode::CREATED);
}

#[test]
fn a_code_is_the_second_factor_of_one_order_and_no_part_of_its_sameness() {
    let api = Api::new();
    let (li, wang) = api.two();
    let wish = order(&wang, "5");
    let mut coded = wish.clone();
    coded["code"] = json!(api.world.code(&li, 0));
    let paid = api.post_keyed("/api/v1/payments", &li.session, "k1", &coded);
    assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.json());
    let again = api.post_keyed("/api/v1/payments", &li.session, "k1", &coded);
    assert_eq!(
        again.bytes, paid.bytes,
        "a burnt code does not matter to a repeat"
    );
    let bare = api.post_keyed("/api/v1/payments", &li.session, "k1", &wish);
    assert_eq!(bare.bytes, paid.bytes);
    let burnt = api.post_keyed("/api/v1/payments", &li.session, "k2", &coded);
    assert_eq!(
        (burnt.status, burnt.problem().1),
        (StatusCode::FORBIDDEN, "code".into())
    );
    assert_eq!(api.available(&li), "3995.00");
    let program = api.long_lived(&li);
    coded["code"] = json!(api.world.code(&li, 1));
    let refused = api.post_keyed("/api/v1/payments", &program, "k3", &coded);
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[test]
fn a_held_payment_is_confirmed_after_its_call_by_a_code_bound_to_it() {
    let api = Api::new();
    let (li, wang) = api.two();
    let payment = api.world.hold(&li, &wang, 300_000, "");
    let path = |verb: &str| format!("/api/v1/payments/{payment}{verb}");
    assert_eq!(api.get(&path(""), &wang.session).problem().0, "not-found");
    let held = api.get(&path(""), &li.session).json();
    assert_eq!(
        (&held["state"], &held["hold"]["details_played"]),
        (&json!("held"), &json!(false))
    );
    assert!(!held["reasons"].as_array().unwrap().is_empty());
    let answer = |step: i64| {
        let challenge = api.post(&path("/challenge"), &li.session, &json!({})).json();
        assert_eq!(challenge["amount"], "3000.00");
        json!({ "nonce": challenge["nonce"], "code": api.world.code(&li, step) })
    };
    let early = api.post(&path("/confirm"), &li.session, &answer(0));
    assert_eq!(early.problem().0, "conflict");
    let ringing = api.world.ring();
    api.world.answer(&ringing[0], true);
    api.world.details_played(payment, &ringing[0]);
    let mut wrong = answer(0);
    wrong["code"] = json!("000000");
    assert_eq!(
        api.post(&path("/confirm"), &li.session, &wrong).status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        api.post(&path("/confirm"), &wang.session, &answer(1)).status,
        StatusCode::NOT_FOUND
    );
    let good = answer(1);
    let posted = api.post(&path("/confirm"), &li.session, &good);
    assert_eq!(posted.status, StatusCode::OK, "{}", posted.json());
    assert_eq!(posted.json()["hold"]["ended_by"], "app");
    assert_eq!(
        api.post(&path("/confirm"), &li.session, &good).bytes,
        posted.bytes
    );
    assert_eq!(api.available(&wang), "3000.00");
    let late = api.post(&path("/stop"), &li.session, &json!({ "freeze": false }));
    assert_eq!(late.status, StatusCode::CONFLICT);
    let program = api.long_lived(&li);
    assert_eq!(
        api.post(&path("/challenge"), &program, &json!({})).status,
        StatusCode::CONFLICT
    );
}

#[test]
fn a_wallet_frozen_beside_a_stopped_payment_is_not_the_customers_alone_to_lift() {
    let api = Api::new();
    let (li, wang) = api.two();
    let payment = api.world.hold(&li, &wang, 300_000, "");
    let stop = format!("/api/v1/payments/{payment}/stop");
    for _ in 0..2 {
        let stopped = api.post(&stop, &li.session, &json!({ "freeze": true }));
        assert_eq!(stopped.json()["state"], "voided");
    }
    assert_eq!(
        api.get("/api/v1/wallet", &li.session).json()["frozen"]["by"],
        "customer"
    );
    let refused = api.post_keyed("/api/v1/payments", &li.session, "k1", &order(&wang, "1"));
    assert_eq!(refused.problem().0, "payer-frozen");
    let program = api.long_lived(&li);
    let code = json!({ "code": api.world.code(&li, 0) });
    assert_eq!(
        api.post("/api/v1/wallet/unfreeze", &program, &code).status,
        StatusCode::FORBIDDEN
    );
    let alone = api.post("/api/v1/wallet/unfreeze", &li.session, &code);
    assert_eq!(alone.status, StatusCode::FORBIDDEN);
}

#[test]
fn the_customers_own_freeze_is_lifted_with_a_code() {
    let api = Api::new();
    let (li, wang) = api.two();
    let program = api.long_lived(&li);
    let frozen = api.send(
        request(Method::POST, "/api/v1/wallet/freeze", &program)
            .body(Body::empty())
            .unwrap(),
    );
    assert_eq!(frozen.json()["frozen"]["by"], "customer");
    let code = json!({ "code": api.world.code(&li, 0) });
    let unfrozen = api.post("/api/v1/wallet/unfreeze", &li.session, &code);
    assert_eq!(unfrozen.json()["frozen"], Value::Null);
    let paid = api.post_keyed("/api/v1/payments", &li.session, "k2", &order(&wang, "1"));
    assert_eq!(paid.status, StatusCode::CREATED);
}

#[test]
fn a_staff_freeze_in_the_same_moment_outlasts_the_customers_unfreeze() {
    let api = Api::new();
    let (li, _) = api.two();
    let world = &api.world;
    let wallet = li.wallet.id;
    for round in 0..6 {
        world.freeze(&li, "customer");
        let code = json!({ "code": world.code(&li, 0) });
        std::thread::scope(|scope| {
            scope.spawn(|| world.freeze(&li, "staff:somebody"));
            api.post("/api/v1/wallet/unfreeze", &li.session, &code);
        });
        let found = world
            .db
            .read(move |tx| wallets::by_id(tx, wallet))
            .unwrap()
            .unwrap();
        let by = found.frozen.map(|frozen| frozen.by);
        assert_eq!(by.as_deref(), Some("staff:somebody"), "round {round}");
        let ambient = world.ambient.clone();
        let lifted = world
            .db
            .write(move |tx| wallets::unfreeze(tx, &ambient, wallet, ""));
        assert!(lifted.unwrap());
        world.ambient.clock.advance_ms(31_000);
    }
}

#[test]
fn a_sign_in_gives_a_token_that_ends_when_it_is_revoked() {
    let api = Api::new();
    let (li, _) = api.two();
    let mut wish = json!({ "phone": "13800138001", "password": PASSWORD, "code": api.world.code(&li, 0) });
    let signed = api.post("/api/v1/tokens", "", &wish);
    assert_eq!(signed.status, StatusCode::CREATED, "{}", signed.json());
    let token = signed.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(api.get("/api/v1/wallet", &token).status, StatusCode::OK);
    let end = || {
        request(Method::DELETE, "/api/v1/tokens/current", &token)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(api.send(end()).status, StatusCode::NO_CONTENT);
    assert_eq!(api.get("/api/v1/wallet", &token).status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        api.post("/api/v1/tokens", "", &wish).status,
        StatusCode::UNAUTHORIZED,
        "a burnt code"
    );
    wish["code"] = json!(api.world.code(&li, 1));
    for (member, wrong) in [("phone", "13899999999"), ("password", "another-long-one")] {
        let mut other = wish.clone();
        other[member] = json!(wrong);
        let refused = api.post("/api/v1/tokens", "", &other);
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            refused.json()["detail"],
            "The number, the password or the code is wrong."
        );
    }
}

#[test]
fn a_new_password_ends_every_programs_token_at_once() {
    let api = Api::new();
    let (li, _) = api.two();
    let program = api.long_lived(&li);
    let (session, code) = (li.session.clone(), api.world.code(&li, 0));
    for token in [&program, &session] {
        assert_eq!(api.get("/api/v1/wallet", token).status, StatusCode::OK);
    }
    let csrf = api.form_token("/recover");
    let fields = [
        ("csrf", csrf.as_str()),
        ("phone", "13800138001"),
        ("code", &code),
        ("recovery", &li.recovery_codes[0]),
        ("password", "green-hill-old-door"),
    ];
    let done = api.post_form("/recover", &csrf, &fields);
    assert_eq!(done.header("location"), "/sign-in?changed=1");
    for token in [&program, &session] {
        assert_eq!(api.get("/api/v1/wallet", token).status, StatusCode::UNAUTHORIZED);
    }
}

#[test]
fn guessing_is_slowed_down_and_told_when_to_come_back() {
    let api = Api::limited(RequestLimits {
        sign_in: 2,
        apply: 2,
        pages: 2,
        body_ms: 10_000,
    });
    let (li, _) = api.two();
    let wish = json!({ "phone": "13899999999", "password": "x", "code": "123456" });
    let mut last = api.post("/api/v1/tokens", "", &wish);
    for _ in 0..2 {
        last = api.post("/api/v1/tokens", "", &wish);
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.header("retry-after").parse::<u32>().unwrap() > 0);
    for _ in 0..3 {
        last = api.get("/api/v1/payees?to=13800138002", &li.session);
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn what_is_wrong_with_a_body_is_told_by_name() {
    let api = Api::new();
    let (li, wang) = api.two();
    let to = wang.wallet.number.as_str();
    let with = |member: &str, value: Value| {
        let mut wish = order(&wang, "1");
        wish[member] = value;
        wish.to_string()
    };
    let nested = format!("{{\"to\":{}", "[".repeat(20_000));
    let cases: Vec<(String, u16, &str, &str)> = vec![
        ("{".into(), 400, "bad-request", ""),
        (nested, 400, "bad-request", ""),
        ("[]".into(), 400, "bad-request", ""),
        (
            format!("{{\"to\":\"{to}\",\"to\":\"{to}\",\"amount\":\"1\",\"currency\":\"CNY\"}}"),
            400,
            "bad-request",
            "",
        ),
        ("{}".into(), 422, "field", "to"),
        (with("color", json!("red")), 422, "field", "color"),
        (with("amount", json!(5)), 422, "field", "amount"),
        (with("amount", json!("0.00")), 422, "field", "amount"),
        (with("amount", json!("-3")), 422, "field", "amount"),
        (with("amount", json!("1.234")), 422, "field", "amount"),
        (with("amount", json!("1,000")), 422, "field", "amount"),
        (with("currency", json!("XXX")), 422, "field", "currency"),
        (with("to", json!("")), 422, "field", "to"),
        (with("note", json!("a\u{0}b")), 422, "field", "note"),
        (with("note", json!("x".repeat(101))), 422, "field", "note"),
        (with("code", Value::Null), 422, "field", "code"),
        (with("code", json!("12345x")), 422, "field", "code"),
        (with("note", json!("x".repeat(70_000))), 413, "too-large", ""),
    ];
    for (number, (body, status, kind, field)) in cases.into_iter().enumerate() {
        let request = request(Method::POST, "/api/v1/payments", &li.session)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header("Idempotency-Key", format!("bad-{number}"));
        let shown: String = body.chars().take(120).collect();
        let reply = api.send(request.body(Body::from(body)).unwrap());
        assert_eq!(reply.status.as_u16(), status, "{shown}: {}", reply.json());
        assert_eq!(reply.problem(), (kind.into(), field.into()), "{shown}");
    }
    assert_eq!(api.available(&li), "4000.00");
}

#[test]
fn every_rejection_is_a_problem() {
    let api = Api::new();
    let (li, wang) = api.two();
    let no_key = api.post("/api/v1/payments", &li.session, &order(&wang, "1"));
    assert_eq!(
        (no_key.status.as_u16(), no_key.problem().0),
        (400, "key-missing".into())
    );
    let long = api.post_keyed(
        "/api/v1/payments",
        &li.session,
        &"k".repeat(65),
        &order(&wang, "1"),
    );
    assert_eq!(long.problem().0, "key-missing");
    let form = request(Method::POST, "/api/v1/payments", &li.session)
        .header("Idempotency-Key", "k")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(
        api.send(form.body(Body::from("to=1")).unwrap()).problem().0,
        "unsupported-media"
    );
    let put = api.send(
        request(Method::PUT, "/api/v1/payments", &li.session)
            .body(Body::empty())
            .unwrap(),
    );
    assert_eq!(
        (put.status.as_u16(), put.problem().0),
        (405, "method-not-allowed".into())
    );
    assert!(put.header("allow").contains("POST"), "{:?}", put.headers);
    assert_eq!(api.get("/api/v1/nothing", &li.session).problem().0, "not-found");
    assert_eq!(
        api.get("/api/v1/payments/zz", &li.session).problem().0,
        "not-found"
    );
    for path in [
        "/api/v1/wallet",
        "/api/v1/payments",
        "/api/v1/call-status",
        "/api/v1/notices",
    ] {
        let reply = api.get(path, "");
        assert_eq!(
            (reply.status.as_u16(), reply.problem().0),
            (401, "sign-in".into())
        );
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
    }
    assert_eq!(
        api.get("/api/v1/payments?limit=0", &li.session).problem(),
        ("field".into(), "limit".into())
    );
    assert_eq!(
        api.get("/api/v1/payments?page=2", &li.session).problem(),
        ("field".into(), "page".into())
    );
    let chinese = Request::builder()
        .uri("/api/v1/wallet")
        .header("Accept-Language", "zh-CN")
        .body(Body::empty())
        .unwrap();
    assert_eq!(api.send(chinese).json()["title"], "需要登录");
}

#[test]
fn the_list_is_read_page_by_page_and_nothing_twice() {
    let api = Api::new();
    let (li, wang) = api.two();
    for number in 0..5 {
        let key = format!("k{number}");
        let paid = api.post_keyed("/api/v1/payments", &li.session, &key, &order(&wang, "1"));
        assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.json());
    }
    let (mut seen, mut next) = (Vec::new(), String::new());
    for _ in 0..10 {
        let page = api
            .get(&format!("/api/v1/payments?limit=2{next}"), &li.session)
            .json();
        let ids = page["payments"].as_array().unwrap();
        seen.extend(
            ids.iter()
                .map(|payment| payment["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 6, "five payments and the top-up");
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first, none twice");
}

#[test]
fn money_is_topped_up_once_for_a_key() {
    let api = Api::new();
    let (li, wang) = api.two();
    let wish = json!({ "amount": "100", "currency": "CNY" });
    let first = api.post_keyed("/api/v1/top-ups", &li.session, "k1", &wish);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.json());
    let again = api.post_keyed("/api/v1/top-ups", &li.session, "k1", &wish);
    assert_eq!(again.bytes, first.bytes);
    let other = api.post_keyed("/api/v1/top-ups", &wang.session, "k1", &wish);
    assert_eq!(
        other.status,
        StatusCode::CREATED,
        "another customer's key is another key"
    );
    assert_eq!(
        (api.available(&li), api.available(&wang)),
        ("4100.00".into(), "100.00".into())
    );
}

#[test]
fn a_call_is_announced_and_then_shown_while_it_rings() {
    let api = Api::new();
    let (li, wang) = api.two();
    assert_eq!(
        api.get("/api/v1/call-status", &li.session).json()["status"],
        "never_called"
    );
    api.world.hold(&li, &wang, 300_000, "");
    let notices = api.get("/api/v1/notices", &li.session).json();
    assert_eq!(notices["notices"][0]["purpose"], "payment");
    let ringing = api.world.ring();
    let status = api.get("/api/v1/call-status", &li.session).json();
    assert_eq!(
        (&status["status"], &status["number"]),
        (&json!("calling"), &json!("95138"))
    );
    api.world.answer(&ringing[0], true);
    let status = api.get("/api/v1/call-status", &li.session).json();
    assert_eq!(status["status"], "on_call");
    assert_eq!(status["words"].as_array().unwrap().len(), 2);
    assert_eq!(
        api.get("/api/v1/call-status", &wang.session).json()["status"],
        "never_called"
    );
}

#[test]
fn an_application_is_received_once_and_followed_by_its_address() {
    let api = Api::new();
    let wish = json!({
        "name": "赵小云", "phone": "13900139000", "document": "11010519491231002X",
        "income": "8000", "requested_limit": "50000", "language": "en", "consent": true,
    });
    let first = api.post_keyed("/api/v1/applications", "", "a1", &wish);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.json());
    let again = api.post_keyed("/api/v1/applications", "", "a1", &wish);
    assert_eq!(again.bytes, first.bytes);
    let progress = api.get(first.header("location"), "").json();
    assert_eq!(progress["state"], "submitted");
    assert_eq!(progress["next_steps"][0]["step"], "wait_for_checks");
    assert_eq!(
        api.post_keyed("/api/v1/applications", "", "a2", &wish)
            .problem()
            .0,
        "conflict"
    );
    let mut wrong = wish.clone();
    wrong["document"] = json!("11010519491231002Y");
    wrong["phone"] = json!("123");
    let refused = api.post_keyed("/api/v1/applications", "", "a3", &wrong);
    assert_eq!(refused.problem(), ("field".into(), "phone".into()));
    let problems = refused.json()["problems"].clone();
    assert_eq!(problems.as_array().unwrap().len(), 2, "{problems}");
    let unknown = "A".repeat(43);
    assert_eq!(
        api.get(&format!("/api/v1/applications/{unknown}"), "")
            .problem()
            .0,
        "not-found"
    );
}

#[test]
fn notices_are_paged_with_a_cursor() {
    let api = Api::new();
    let (li, wang) = api.two();
    let zhao = api.world.person("赵云", "13800138003", Language::En);
    let sun = api.world.person("孙立", "13800138004", Language::En);
    for payee in [&wang, &zhao, &sun] {
        api.world.hold(&li, payee, 110_000, "");
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/notices?limit=2".to_owned();
    for _ in 0..3 {
        let page = api.get(&path, &li.session).json();
        for notice in page["notices"].as_array().unwrap() {
            seen.push(notice["public_page"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/notices?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 3);
    seen.dedup();
    assert_eq!(seen.len(), 3, "each once");
    for (query, field) in [
        ("cursor=x", "cursor"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("page=2", "page"),
    ] {
        let refused = api.get(&format!("/api/v1/notices?{query}"), &li.session);
        assert_eq!(refused.problem(), ("field".into(), field.into()));
    }
    assert_eq!(
        api.get("/api/v1/notices", &wang.session).json(),
        json!({ "notices": [] })
    );
}
