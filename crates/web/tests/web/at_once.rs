//! The same request several times in one moment, on PostgreSQL: it is done once, each is told that it
//! is done, and nobody is taken for one who guesses codes.

use crate::api::{Api, PLENTY, Reply, order};
use crate::browser::{Browser, NOON, Served};
use crate::sign_in::{codes_on, secret_on};
use crate::world::{PASSWORD, Person, World};
use axum::http::StatusCode;
use base::{Ambient, Language};
use security::totp;
use serde_json::{Value, json};
use std::sync::Barrier;

const CALLERS: usize = 6;

fn on_postgres() -> Api {
    Api::over(World::on_postgres(Ambient::seeded(NOON, 7), PLENTY))
}

/// What each of several callers gets who begin together.
fn several<T: Send>(call: impl Fn() -> T + Sync) -> Vec<T> {
    let together = Barrier::new(CALLERS);
    std::thread::scope(|scope| {
        let callers = [(); CALLERS].map(|()| {
            scope.spawn(|| {
                together.wait();
                call()
            })
        });
        callers.map(|caller| caller.join().unwrap()).into()
    })
}

fn at_once(api: &Api, path: &str, by: &Person, body: &Value) -> Vec<Reply> {
    several(|| api.post(path, &by.session, body))
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

#[test]
fn an_order_of_a_program_that_arrives_several_times_with_its_code_gets_one_answer() {
    for api in [Api::new(), on_postgres()] {
        let (li, wang) = api.two();
        let mut wish = order(&wang, "500");
        wish["code"] = json!(api.world.code(&li, 0));
        let replies = several(|| api.post_keyed("/api/v1/payments", &li.session, "once", &wish));
        for reply in &replies {
            assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.json());
            assert_eq!(reply.bytes, replies[0].bytes);
        }
        let other = api.post_keyed("/api/v1/payments", &li.session, "another", &wish);
        assert_eq!(other.problem().1, "code", "it was good for one order");
    }
}

/// An order of a little more than is usual, for which a code is asked: the fields that the page sends.
fn asked_for_a_code(served: &Served, lin: &Person, browser: &mut Browser) -> Vec<(String, String)> {
    let typed = [("to", "13800138011"), ("amount", "1200")];
    let review = browser.post_from("/pay", "/pay/review", &typed);
    let (key, payee) = (review.field("key"), review.field("payee"));
    let mut order = typed.to_vec();
    order.extend([("key", key.as_str()), ("payee", &payee), ("csrf", &lin.csrf)]);
    let asked = browser.post("/pay", &order);
    let (key, nonce, code) = (
        asked.field("key"),
        asked.field("nonce"),
        served.world.code(lin, 0),
    );
    order[2] = ("key", &key);
    order.extend([("nonce", nonce.as_str()), ("code", &code)]);
    let owned = order
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    owned.collect()
}

#[test]
fn an_order_that_is_sent_several_times_with_its_code_is_paid_once_and_each_is_led_to_it() {
    let served = Served::new();
    let mut lin = served.world.person("林晓雯", "13800138010", Language::En);
    let wang = served.world.person("王小明", "13800138011", Language::ZhHans);
    served.world.top_up(&lin, 2_000_000);
    for _ in 0..6 {
        served.world.pay(&lin, &wang, 90_000, "");
        served.world.ambient.clock.advance_ms(12 * 3_600_000);
    }
    served.world.sign_in(&mut lin);
    let order = asked_for_a_code(&served, &lin, &mut served.browser_of(&lin));
    let fields: Vec<_> = order
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let places = several(|| {
        let seen = served.browser_of(&lin).post("/pay", &fields);
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text);
        seen.to().to_owned()
    });
    assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
}

#[test]
fn a_sign_ins_code_that_arrives_several_times_gives_one_session_to_each() {
    for world in [World::new, World::on_postgres] {
        let served = Served::over(world(Ambient::seeded(NOON, 11), PLENTY));
        let lin = served.world.person("林晓雯", "13800138010", Language::En);
        let mut browser = served.browser();
        let typed = [("phone", "13800138010"), ("password", PASSWORD)];
        browser.post_from("/sign-in", "/sign-in", &typed);
        let csrf = browser.get("/sign-in/code").field("csrf");
        let code = served.world.code(&lin, 0);
        let sent = [("csrf", csrf.as_str()), ("code", &code)];
        let sessions = several(|| {
            let mut tab = served.browser();
            tab.cookies = browser.cookies.clone();
            let done = tab.post("/sign-in/code", &sent);
            assert_eq!(done.to(), "/", "{}", done.text);
            tab.cookies["session"].clone()
        });
        assert!(sessions.iter().all(|session| *session == sessions[0]));
        browser.cookies.insert("session".into(), sessions[0].clone());
        assert_eq!(browser.get("/activity").status, StatusCode::OK);
    }
}

#[test]
fn a_programs_sign_in_that_arrives_several_times_with_its_key_gives_one_token() {
    for api in [Api::new(), on_postgres()] {
        let (li, _) = api.two();
        let wish = json!({ "phone": "13800138001", "password": PASSWORD, "code": api.world.code(&li, 0) });
        let key = "5f1c2b9e-2a5e-4d0b-9a35-9f4f2f6b1f10";
        for reply in several(|| api.post_keyed("/api/v1/tokens", "", key, &wish)) {
            assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.json());
            let token = reply.json()["token"].as_str().unwrap().to_owned();
            assert_eq!(api.get("/api/v1/wallet", &token).status, StatusCode::OK);
        }
    }
}

#[test]
fn a_recovery_that_arrives_several_times_sets_one_password_and_is_no_wrong_code() {
    for world in [World::new, World::on_postgres] {
        let served = Served::over(world(Ambient::seeded(NOON, 13), PLENTY));
        let lin = served.world.person("林晓雯", "13800138010", Language::En);
        let mut browser = served.browser();
        let csrf = browser.get("/recover").field("csrf");
        let code = served.world.code(&lin, 0);
        let sent = [
            ("csrf", csrf.as_str()),
            ("phone", "13800138010"),
            ("code", &code),
            ("recovery", &lin.recovery_codes[0]),
            ("password", "green-hill-old-door"),
        ];
        for to in several(|| {
            let mut tab = served.browser();
            tab.cookies = browser.cookies.clone();
            tab.post("/recover", &sent).to().to_owned()
        }) {
            assert_eq!(to, "/sign-in?changed=1");
        }
    }
}

#[test]
fn an_enrolment_that_arrives_several_times_shows_each_the_same_codes() {
    for world in [World::new, World::on_postgres] {
        let served = Served::over(world(Ambient::seeded(NOON, 17), PLENTY));
        let welcome = format!("/welcome/{}", served.world.invite("Ma Jun", "13800138030"));
        let mut browser = served.browser();
        browser.post_from(&welcome, &welcome, &[("password", PASSWORD), ("again", PASSWORD)]);
        let page = browser.get("/totp");
        let code = totp::code_at(&secret_on(&page), served.world.ambient.now());
        let (csrf, secret) = (page.field("csrf"), page.field("secret"));
        let sent = [("csrf", csrf.as_str()), ("secret", &secret), ("code", &code)];
        let shown = several(|| {
            let mut tab = served.browser();
            tab.cookies = browser.cookies.clone();
            codes_on(&tab.post("/totp", &sent))
        });
        assert_eq!(shown[0].len(), 10);
        assert!(shown.iter().all(|codes| *codes == shown[0]), "{shown:?}");
    }
}
