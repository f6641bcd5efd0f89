//! Signing in by program, and how guessing ends.

use super::{Api, request};
use crate::world::PASSWORD;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::json;
use web::RequestLimits;

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
fn a_sign_in_that_is_sent_twice_is_told_that_its_code_is_used_and_locks_nobody_out() {
    let api = Api::new();
    let (li, _) = api.two();
    let mut wish = json!({ "phone": "13800138001", "password": PASSWORD, "code": api.world.code(&li, 0) });
    let signed = api.post("/api/v1/tokens", "", &wish);
    assert_eq!(signed.status, StatusCode::CREATED, "{}", signed.json());
    for _ in 0..6 {
        let again = api.post("/api/v1/tokens", "", &wish);
        assert_eq!(again.status, StatusCode::UNAUTHORIZED);
        let told = again.json()["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("used a moment ago"), "{told}");
    }
    let token = signed.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(api.get("/api/v1/wallet", &token).status, StatusCode::OK);
    wish["code"] = json!(api.world.code(&li, 1));
    assert_eq!(api.post("/api/v1/tokens", "", &wish).status, StatusCode::CREATED);
}

#[test]
fn a_sign_in_that_is_sent_twice_with_its_key_gets_the_same_token_for_half_a_minute() {
    let api = Api::new();
    let (li, wang) = api.two();
    let sign_in = |phone: &str, key: &str, code: &str| {
        let wish = json!({ "phone": phone, "password": PASSWORD, "code": code });
        api.post_keyed("/api/v1/tokens", "", key, &wish)
    };
    let (key, code) = ("5f1c2b9e-2a5e-4d0b-9a35-9f4f2f6b1f10", api.world.code(&li, 0));
    let signed = sign_in("13800138001", key, &code);
    assert_eq!(signed.status, StatusCode::CREATED, "{}", signed.json());
    assert_eq!(signed.header("idempotency-replayed"), "");
    for _ in 0..6 {
        let again = sign_in("13800138001", key, &code);
        assert_eq!(again.status, StatusCode::CREATED, "{}", again.json());
        assert_eq!(again.bytes, signed.bytes);
        assert_eq!(again.header("idempotency-replayed"), "true");
    }
    let token = signed.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(api.get("/api/v1/wallet", &token).status, StatusCode::OK);
    // Whoever read the code alone has no use for it, nor has anybody else with the same key.
    let other = "5f1c2b9e-2a5e-4d0b-9a35-9f4f2f6b1f11";
    let mut password = json!({ "phone": "13800138001", "password": "another-long-one", "code": code });
    for refused in [
        sign_in("13800138001", other, &code),
        sign_in("13800138002", key, &code),
        api.post_keyed("/api/v1/tokens", "", key, &password),
    ] {
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.json());
    }
    let same = api.world.code(&wang, 0);
    let hers = sign_in("13800138002", key, &same).json();
    assert!(hers["token"].is_string() && hers["token"] != token.as_str());
    // One that can be guessed would be none.
    password["password"] = json!(PASSWORD);
    let short = api.post_keyed("/api/v1/tokens", "", "lunch-1", &password);
    assert_eq!(short.status, StatusCode::BAD_REQUEST, "{}", short.json());
    let told = short.json()["detail"].as_str().unwrap().to_owned();
    assert!(told.contains("22 to 64"), "{told}");
    api.world.ambient.clock.advance_ms(31_000);
    let late = sign_in("13800138001", key, &code);
    assert_eq!(late.status, StatusCode::UNAUTHORIZED, "too late");
    let next = sign_in("13800138001", key, &api.world.code(&li, 1));
    assert_eq!(next.status, StatusCode::CREATED, "the next code begins anew");
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
