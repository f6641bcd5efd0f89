//! Who stands behind a number, and how little of it is told.

use super::{Api, order};
use axum::http::StatusCode;
use serde_json::json;

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
