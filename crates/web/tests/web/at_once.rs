//! The same request several times in one moment, on PostgreSQL: it is done once, each is told that it
//! is done, and nobody is taken for one who guesses codes.

use crate::api::{Api, PLENTY, Reply};
use crate::browser::NOON;
use crate::world::{Person, World};
use axum::http::StatusCode;
use base::Ambient;
use serde_json::{Value, json};
use std::sync::Barrier;

const CALLERS: usize = 6;

fn on_postgres() -> Api {
    Api::over(World::on_postgres(Ambient::seeded(NOON, 7), PLENTY))
}

fn at_once(api: &Api, path: &str, by: &Person, body: &Value) -> Vec<Reply> {
    let together = Barrier::new(CALLERS);
    std::thread::scope(|scope| {
        let callers = [(); CALLERS].map(|()| {
            scope.spawn(|| {
                together.wait();
                api.post(path, &by.session, body)
            })
        });
        callers.map(|caller| caller.join().unwrap()).into()
    })
}

fn assert_all_done(replies: &[Reply]) {
    for reply in replies {
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.json());
        assert_eq!(reply.bytes, replies[0].bytes);
    }
}

#[test]
fn a_confirmation_that_arrives_several_times_posts_once_and_is_no_wrong_code() {
    let api = on_postgres();
    let (li, wang) = api.two();
    let payment = api.world.hold(&li, &wang, 300_000, "");
    let ringing = api.world.ring();
    api.world.answer(&ringing[0], true);
    api.world.details_played(payment, &ringing[0]);
    let path = |verb: &str| format!("/api/v1/payments/{payment}/{verb}");
    let challenge = api.post(&path("challenge"), &li.session, &json!({})).json();
    let signed = json!({ "nonce": challenge["nonce"], "code": api.world.code(&li, 0) });
    assert_all_done(&at_once(&api, &path("confirm"), &li, &signed));
    assert_eq!(api.available(&wang), "3000.00");
}

#[test]
fn an_unfreezing_that_arrives_several_times_is_no_wrong_code() {
    let api = on_postgres();
    let (li, _) = api.two();
    let frozen = api.post("/api/v1/wallet/freeze", &li.session, &json!({}));
    assert_eq!(frozen.json()["frozen"]["by"], "customer");
    let code = json!({ "code": api.world.code(&li, 0) });
    assert_all_done(&at_once(&api, "/api/v1/wallet/unfreeze", &li, &code));
}
