//! Held payments: confirmed by a bound code, or stopped.

use super::Api;
use axum::http::StatusCode;
use base::Language;
use serde_json::json;

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
    // The code that came too early was not used up.
    let good = answer(0);
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
fn whom_the_payer_has_paid_before_is_named_in_full_in_every_answer_while_the_payment_is_on_hold() {
    let api = Api::new();
    let (li, wang) = api.two();
    let payment = api.world.hold(&li, &wang, 300_000, "");
    let path = format!("/api/v1/payments/{payment}");
    let told = |name: &str| {
        let listed = api.get("/api/v1/payments", &li.session).json();
        let held = listed["payments"].as_array().unwrap().iter();
        let held = held.filter(|one| one["state"] == "held");
        let mut names: Vec<_> = held.map(|one| one["counterpart"]["name"].clone()).collect();
        names.push(api.get(&path, &li.session).json()["counterpart"]["name"].clone());
        let challenge = api.post(&format!("{path}/challenge"), &li.session, &json!({}));
        names.push(challenge.json()["payee"].clone());
        assert_eq!(names, [name; 3]);
    };
    told("王*明");
    api.world.pay(&li, &wang, 1_000, "");
    told("王小明");
    let stop = json!({ "freeze": false });
    let stopped = api.post(&format!("{path}/stop"), &li.session, &stop).json();
    assert_eq!(stopped["counterpart"]["name"], "王小明");
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
