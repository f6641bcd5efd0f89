//! Who froze a wallet decides who lifts it.

use super::{Api, order, request};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use money::wallets;
use serde_json::{Value, json};

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
    let again = api.post("/api/v1/wallet/unfreeze", &li.session, &code);
    assert_eq!(again.status, StatusCode::OK, "sent twice, lifted once");
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
