//! When an applicant is called, as they chose it: in the form, on the progress page, by the API.

use crate::api::Api;
use crate::browser::{Seen, Served};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

// The tests' world begins on Wednesday 4 November 2026 at noon in Shanghai: Tuesday night in New York.

fn wish<'a>(key: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("key", key),
        ("name", "李四"),
        ("kind", "resident-id"),
        ("resident_id", "11010519491231002X"),
        ("phone", "13800138020"),
        ("income", "8000"),
        ("requested_limit", "60000"),
        ("consent", "yes"),
    ];
    fields.into_iter().chain(more.iter().copied()).collect()
}

fn offers(seen: &Seen, code: &str) -> bool {
    seen.shows(&format!("value=\"{code}\""))
}

#[test]
fn an_applicant_chooses_when_to_be_called_and_changes_it() {
    let served = Served::new();
    let mut browser = served.browser();
    let form = browser.get("/apply");
    assert!(form.shows("China time") && form.shows("As soon as possible"));
    assert!(form.shows("Today, afternoon 12:00–18:00"), "{}", form.text);
    assert!(offers(&form, "2026-11-04-afternoon") && !offers(&form, "2026-11-04-morning"));
    let key = form.field("key");
    let gone = [("zone", ""), ("call_time", "2026-11-03-evening")];
    let refused = browser.post_from("/apply", "/apply", &wish(&key, &gone));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("id=\"call_time-error\""), "{}", refused.text);
    let chosen = [("zone", "Mars/Olympus"), ("call_time", "2026-11-05-afternoon")];
    let sent = browser.post_from("/apply", "/apply", &wish(&key, &chosen));
    let path = sent.to().to_owned();
    let shown = browser.get(&path);
    assert!(
        shown.shows("at the time you chose: Tomorrow 12:00–18:00"),
        "{}",
        shown.text
    );
    assert!(shown.shows("value=\"2026-11-05-afternoon\" selected"));
    let post = format!("{path}/call-time");
    let again = browser.post_from(&path, &post, &[("call_time", "2026-11-06-morning")]);
    assert_eq!(again.to(), path);
    assert!(browser.get(&path).shows("you chose: 6 Nov 06:00–12:00"));
    let wrong = browser.post_from(&path, &post, &[("call_time", "2026-11-03-evening")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows("id=\"call_time-error\""));
    assert_eq!(browser.post_from(&path, &post, &[("call_time", "")]).to(), path);
    assert!(!browser.get(&path).shows("you chose"), "as soon as possible");
}

#[test]
fn the_clock_is_the_applicants_where_the_browser_names_it() {
    let served = Served::new();
    let mut browser = served.browser();
    let form = browser.get("/apply?zone=America/New_York");
    assert!(form.shows("data-zone=\"America/New_York\"") && form.shows("New York time"));
    assert!(offers(&form, "2026-11-03-evening") && offers(&form, "2026-11-04-morning"));
    let chosen = [("zone", "America/New_York"), ("call_time", "2026-11-04-morning")];
    let sent = browser.post_from("/apply", "/apply", &wish(&form.field("key"), &chosen));
    let path = sent.to().to_owned();
    let shown = browser.get(&path);
    assert!(shown.shows("you chose: Tomorrow 06:00–12:00"), "{}", shown.text);
    assert!(shown.shows("New York time"));
}

#[test]
fn who_was_not_reached_books_the_next_call_with_asking_for_it() {
    let served = Served::new();
    let world = &served.world;
    let (id, token) = world.applied("13800138020", "11010519491231002X", "callback", "");
    let path = format!("/apply/progress/{token}");
    let mut browser = served.browser();
    let post = format!("{path}/call-again");
    let wrong = browser.post_from(&path, &post, &[("call_time", "2026-11-11-morning")]);
    assert!(wrong.shows("id=\"call_time-error\""), "{}", wrong.text);
    assert!(world.application(id).number_doubted, "nothing was done");
    let done = browser.post_from(&path, &post, &[("call_time", "2026-11-05-morning")]);
    assert_eq!(done.to(), path, "{}", done.text);
    let application = world.application(id);
    assert!(!application.number_doubted);
    assert_eq!(
        application.call_time.unwrap().from.to_rfc3339(),
        "2026-11-04T22:00:00Z"
    );
}

#[test]
fn a_number_abroad_is_refused_by_form_correction_and_api_before_anything_rings() {
    let served = Served::new();
    let mut browser = served.browser();
    let key = browser.get("/apply").field("key");
    let mut fields = wish(&key, &[]);
    fields.iter_mut().find(|(name, _)| *name == "phone").unwrap().1 = "+882 16 5555 0000";
    let refused = browser.post_from("/apply", "/apply", &fields);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.shows("We call numbers that begin with +86 only"),
        "{}",
        refused.text
    );
    let (_, token) = served
        .world
        .applied("13800138020", "11010519491231002X", "callback", "");
    let path = format!("/apply/progress/{token}");
    let abroad = [("phone", "+44 20 7946 0000")];
    let refused = browser.post_from(&path, &format!("{path}/phone"), &abroad);
    assert!(
        refused.shows("We call numbers that begin with +86 only"),
        "{}",
        refused.text
    );
    let api = Api::new();
    let body = json!({
        "name": "赵小云", "phone": "+8821655550000", "document": "11010519491231002X",
        "income": "8000", "requested_limit": "50000", "consent": true,
    });
    let refused = api.post_keyed("/api/v1/applications", "", "a1", &body);
    assert_eq!(refused.problem(), ("field".into(), "phone".into()));
    assert_eq!(refused.json()["problems"][0]["code"], "phone_country");
}

fn put(api: &Api, path: &str, code: &str) -> crate::api::Reply {
    let body = json!({ "call_time": code }).to_string();
    let request = crate::api::request(Method::PUT, path, "");
    let request = request.header("content-type", "application/json");
    api.send(request.body(body.into()).unwrap())
}

#[test]
fn the_api_lists_books_and_changes_the_time_of_the_call() {
    let api = Api::new();
    let times = api.get("/api/v1/call-times?zone=Europe/London", "").json();
    assert_eq!(times["zone"], "Europe/London");
    assert_eq!(
        times["call_times"][0],
        json!({ "call_time": "2026-11-04-morning", "from": "2026-11-04T06:00:00Z", "until": "2026-11-04T12:00:00Z" })
    );
    let unknown = api.get("/api/v1/call-times?zone=Mars/Olympus", "");
    assert_eq!(unknown.problem(), ("field".into(), "zone".into()));
    let mut wish = json!({
        "name": "赵小云", "phone": "13900139000", "document": "11010519491231002X",
        "income": "8000", "requested_limit": "50000", "language": "en", "consent": true,
        "zone": "Europe/London", "call_time": "2026-11-03-evening",
    });
    let refused = api.post_keyed("/api/v1/applications", "", "a1", &wish);
    assert_eq!(refused.problem(), ("field".into(), "call_time".into()));
    wish["call_time"] = json!("2026-11-04-evening");
    let sent = api.post_keyed("/api/v1/applications", "", "a1", &wish);
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.json());
    let path = sent.header("location").to_owned();
    let booked = |progress: &Value| progress["call"]["booked"]["from"].clone();
    let progress = api.get(&path, "").json();
    assert_eq!(booked(&progress), "2026-11-04T18:00:00Z");
    assert_eq!(progress["call"]["zone"], "Europe/London");
    let place = format!("{path}/call-time");
    let changed = put(&api, &place, "2026-11-05-morning");
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.json());
    assert_eq!(booked(&changed.json()), "2026-11-05T06:00:00Z");
    assert_eq!(
        put(&api, &place, "soon").problem(),
        ("field".into(), "call_time".into())
    );
    assert_eq!(booked(&put(&api, &place, "").json()), Value::Null);
    let nobody = format!("/api/v1/applications/{}/call-time", "A".repeat(43));
    assert_eq!(put(&api, &nobody, "").problem().0, "not-found");
}
