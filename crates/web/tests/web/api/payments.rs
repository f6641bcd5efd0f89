//! What a program can order, and what it is told.

use super::{Api, order};
use axum::http::StatusCode;
use base::Language;
use serde_json::json;

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
