//! An application without a sign-in.

use super::Api;
use axum::http::StatusCode;
use serde_json::{Value, json};

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
fn a_key_is_its_callers_alone() {
    let api = Api::new();
    let wish = |phone: &str, document: &str, income: &str| {
        json!({
            "name": "赵小云", "phone": phone, "document": document, "income": income,
            "requested_limit": "50000", "language": "en", "consent": true,
        })
    };
    let send = |wish: &Value| api.post_keyed("/api/v1/applications", "", "1", wish);
    let mine = wish("13900139000", "11010519491231002X", "8000");
    let first = send(&mine);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.json());
    let theirs = send(&wish("13900139001", "440524198801010011", "8000"));
    assert_eq!(theirs.status, StatusCode::CREATED, "{}", theirs.json());
    assert_ne!(theirs.bytes, first.bytes);
    let other = send(&wish("13900139000", "11010519491231002X", "9000"));
    assert_eq!(other.problem().0, "key-reused");
    assert_eq!(send(&mine).bytes, first.bytes);
}
