//! What is wrong is told by name, as a problem.

use super::{Api, order, request};
use crate::world::Person;
use axum::body::Body;
use axum::http::{Method, Request, header};
use base::Language;
use security::staff::Role;
use serde_json::{Value, json};

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
        (with("currency", json!("ABC")), 422, "field", "currency"),
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

/// Every verb with a body, and a body that it understands.
fn verbs(api: &Api, li: &Person, wang: &Person) -> Vec<(&'static str, String, Value)> {
    let payment = api.world.hold(li, wang, 300_000, "");
    let application = json!({
        "name": "赵小云", "phone": "13900139000", "document": "11010519491231002X",
        "income": "8000", "requested_limit": "50000", "consent": true,
    });
    let sign_in = json!({ "phone": "13800138001", "password": "x", "code": "000000" });
    let proof = json!({ "nonce": "A".repeat(43), "code": "000000" });
    let top_up = json!({ "amount": "1", "currency": "CNY" });
    vec![
        ("POST", "/api/v1/payments".into(), order(wang, "1")),
        ("POST", "/api/v1/top-ups".into(), top_up),
        ("POST", "/api/v1/applications".into(), application),
        ("POST", "/api/v1/tokens".into(), sign_in),
        (
            "POST",
            "/api/v1/wallet/unfreeze".into(),
            json!({ "code": "000000" }),
        ),
        ("POST", format!("/api/v1/payments/{payment}/confirm"), proof),
        (
            "POST",
            format!("/api/v1/payments/{payment}/stop"),
            json!({ "freeze": false }),
        ),
    ]
}

#[test]
fn no_verb_takes_a_body_that_it_does_not_know() {
    let api = Api::new();
    let (li, wang) = api.two();
    for (number, (method, path, sound)) in verbs(&api, &li, &wang).into_iter().enumerate() {
        let mut unknown = sound.clone();
        unknown["admin"] = json!(true);
        let mut large = sound.clone();
        large["note"] = json!("x".repeat(70_000));
        let first = sound.as_object().unwrap().keys().next().unwrap().clone();
        let mut untyped = sound.clone();
        untyped[first.as_str()] = json!({ "$ne": null });
        let mut missing = sound.clone();
        missing.as_object_mut().unwrap().remove(&first);
        for (name, media, body, status) in [
            ("unknown", "application/json", unknown.to_string(), 422),
            ("untyped", "application/json", untyped.to_string(), 422),
            ("missing", "application/json", missing.to_string(), 422),
            ("list", "application/json", format!("[{sound}]"), 400),
            ("large", "application/json", large.to_string(), 413),
            ("empty", "application/json", String::new(), 400),
            ("form", "application/x-www-form-urlencoded", "a=1".into(), 415),
            ("text", "text/plain", sound.to_string(), 415),
            ("media", "application/json5", sound.to_string(), 415),
        ] {
            let request = request(Method::from_bytes(method.as_bytes()).unwrap(), &path, &li.session)
                .header(header::CONTENT_TYPE, media)
                .header("Idempotency-Key", format!("{number}-{name}-body-that-is-refused"));
            let reply = api.send(request.body(Body::from(body)).unwrap());
            assert_eq!(reply.status.as_u16(), status, "{path} {name}: {}", reply.json());
            reply.problem();
        }
    }
    assert_eq!(api.available(&li), "1000.00", "only the hold took anything");
}

#[test]
fn whatever_belongs_to_another_is_as_if_it_were_not() {
    let api = Api::new();
    let (li, wang) = api.two();
    let stranger = api.world.person("赵云", "13800138003", Language::En);
    let payment = api.world.hold(&li, &wang, 300_000, "");
    let proof = json!({ "nonce": "A".repeat(43), "code": "000000" });
    for token in [&stranger.session, &wang.session] {
        for (verb, body) in [
            ("challenge", json!({})),
            ("confirm", proof.clone()),
            ("stop", json!({ "freeze": true })),
        ] {
            let path = format!("/api/v1/payments/{payment}/{verb}");
            assert_eq!(api.post(&path, token, &body).problem().0, "not-found", "{verb}");
        }
        let path = format!("/api/v1/payments/{payment}");
        assert_eq!(api.get(&path, token).problem().0, "not-found");
    }
    let staff = api.world.staff("chen.hua", Role::Supervisor).0;
    for path in ["/api/v1/wallet", "/api/v1/payments", "/api/v1/notices"] {
        assert_eq!(
            api.get(path, &staff).problem().0,
            "sign-in",
            "the desk's token is none here"
        );
    }
    let held = api.get(&format!("/api/v1/payments/{payment}"), &li.session);
    assert_eq!(held.json()["state"], "held");
}
