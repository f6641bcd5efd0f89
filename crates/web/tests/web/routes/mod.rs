//! Every address of the place and who may use it. A new one without a line here fails.

mod table;

use crate::api::request;
use crate::browser::Served;
use crate::staff::rooms;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base::Language;
use std::collections::BTreeSet;
use table::TABLE;
use table::Who::{self, Anyone, Bearer, BearerParty, Customer, Holder, Party, Staff};

/// Each `verb address` of a router's source.
fn routes_of(source: &str, mount: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let route = route.split("\n        .").next().unwrap();
        let address = route.split('"').nth(1).unwrap();
        let verbs = route.rsplit_once('"').unwrap().1.replace(" pay.", " post(pay).");
        let before = found.len();
        for verb in ["get", "post", "put", "delete", "patch", "any"] {
            let called = |mark: &str| verbs.contains(&format!("{mark}{verb}("));
            if [" ", ".", "\n", "("].into_iter().any(called) {
                found.insert((verb.to_owned(), format!("{mount}{address}")));
            }
        }
        assert!(
            found.len() > before,
            "no verb of {address} is understood: {verbs}"
        );
    }
    found
}

#[test]
fn every_address_has_its_line_in_the_table_and_every_line_its_address() {
    let pages = routes_of(include_str!("../../../src/router.rs"), "");
    let api = routes_of(include_str!("../../../src/api/mod.rs"), "/api/v1");
    let routes: BTreeSet<_> = pages.union(&api).cloned().collect();
    let table: BTreeSet<_> = TABLE
        .iter()
        .map(|(verb, address, _)| ((*verb).to_owned(), (*address).to_owned()))
        .collect();
    assert_eq!(routes, table);
    assert_eq!(table.len(), TABLE.len(), "no line stands twice");
}

/// Whether a path is one of an address of the table.
fn fits(address: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (address.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other || one.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// A sign-in leads on to a page that can be looked at, whatever was sent.
fn leads_back_to_a_page(door: &str) {
    let next = door.split("next=").nth(1).unwrap_or("%2F").replace("%2F", "/");
    let is_page = |line: &&(&str, &str, Who)| line.0 == "get" && fits(line.1, &next);
    assert!(TABLE.iter().any(|line| is_page(&line)), "{door} leads to no page");
}

#[test]
fn the_roles_of_every_address_at_the_desk_are_known() {
    let served = Served::new();
    served.world.first_day("zhou.min", security::staff::Role::Agent);
    let rooms = rooms(&served);
    for (verb, address, _) in TABLE.iter().filter(|line| line.2 == Staff) {
        let known = rooms
            .iter()
            .any(|(method, path, _)| method.as_str().eq_ignore_ascii_case(verb) && fits(address, path));
        assert!(known, "staff::rooms does not say whose {verb} {address} is");
    }
}

/// A payment of Lin's that is held and names them, and addresses about it.
struct House {
    served: Served,
    payment: String,
    /// What nobody else may read.
    secrets: Vec<String>,
}

impl House {
    fn new() -> Self {
        let served = Served::new();
        let world = &served.world;
        let lin = world.person("林晓雯", "13800138010", Language::En);
        let wang = world.person("王小明", "13800138011", Language::En);
        world.top_up(&lin, 2_000_000);
        let payment = world.hold(&lin, &wang, 150_000, "a private note").to_string();
        let secrets = vec![
            lin.wallet.number.to_string(),
            "a private note".to_owned(),
            "1,500.00".to_owned(),
        ];
        Self {
            served,
            payment,
            secrets,
        }
    }

    fn path(&self, address: &str) -> String {
        address
            .replace("{id}", &self.payment)
            .replace("{file}", &self.payment)
            .replace("{token}", &"A".repeat(43))
            .replace("{progress_token}", &"A".repeat(43))
            .replace("{*path}", "app.css")
    }

    /// Asks with these cookies and this bearer token, with a sound form or JSON body.
    fn ask(
        &self,
        line: (&str, &str, Who),
        cookies: &str,
        csrf: &str,
        token: &str,
    ) -> (StatusCode, HeaderMap, String) {
        let method: Method = line.0.to_uppercase().parse().unwrap();
        let path = self.path(line.1);
        let mut asked = request(method.clone(), &path, token).header(header::COOKIE, cookies);
        let body = match method {
            Method::GET | Method::DELETE => Body::empty(),
            _ if path.starts_with("/api/") => {
                asked = asked
                    .header(header::CONTENT_TYPE, "application/json")
                    .header("Idempotency-Key", "routes");
                Body::from(body_for(line.1))
            }
            _ => {
                asked = asked.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                Body::from(format!("csrf={csrf}"))
            }
        };
        self.served.ask(asked.body(body).unwrap())
    }

    fn keeps_its_secrets(&self, line: (&str, &str, Who), text: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret.as_str()), "{line:?} tells {secret}: {text}");
        }
    }
}

/// A body that would be understood, so that it is the person who is refused.
fn body_for(address: &str) -> String {
    match address.rsplit('/').next() {
        Some("stop") => "{\"freeze\":true}".into(),
        Some("confirm") => format!("{{\"nonce\":\"{}\",\"code\":\"123456\"}}", "A".repeat(43)),
        Some("call-time") => "{\"call_time\":\"2026-11-25T10:00:00+08:00\"}".into(),
        _ => "{}".into(),
    }
}

fn location(headers: &HeaderMap) -> &str {
    headers
        .get(header::LOCATION)
        .map_or("", |value| value.to_str().unwrap())
}

#[test]
fn a_stranger_comes_through_no_door_but_the_open_ones() {
    let house = House::new();
    let form = "A".repeat(43);
    for line in TABLE {
        let (status, headers, text) = house.ask(*line, &format!("form={form}"), &form, "");
        house.keeps_its_secrets(*line, &text);
        assert!(!status.is_server_error(), "{line:?}: {status}");
        match line.2 {
            Customer | Party => {
                assert_eq!(status, StatusCode::SEE_OTHER, "{line:?}");
                assert!(location(&headers).starts_with("/sign-in"), "{line:?}");
                leads_back_to_a_page(location(&headers));
            }
            Staff => {
                assert_eq!(status, StatusCode::SEE_OTHER, "{line:?}");
                assert!(location(&headers).starts_with("/staff/sign-in"), "{line:?}");
                leads_back_to_a_page(location(&headers));
            }
            Bearer | BearerParty => assert_eq!(status, StatusCode::UNAUTHORIZED, "{line:?}"),
            Holder => assert!(
                [StatusCode::NOT_FOUND, StatusCode::GONE].contains(&status),
                "{line:?}: {status}"
            ),
            Anyone => {}
        }
    }
}

#[test]
fn another_customer_learns_and_does_nothing_about_ones_payment_or_at_the_desk() {
    let house = House::new();
    let zhao = house.served.world.person("赵云", "13800138012", Language::En);
    let cookies = format!("session={0}; staff={0}", zhao.session);
    for line in TABLE.iter().filter(|line| line.2 != Anyone) {
        // Ending one's own access is one's own affair.
        if line.1.ends_with("/tokens/current") {
            continue;
        }
        let (status, headers, text) = house.ask(*line, &cookies, &zhao.csrf, &zhao.session);
        if line.1 != "/events" {
            house.keeps_its_secrets(*line, &text);
        }
        assert!(!status.is_server_error(), "{line:?}: {status}");
        match line.2 {
            Party => assert_eq!(status, StatusCode::NOT_FOUND, "{line:?}: {text}"),
            BearerParty => assert_eq!(status, StatusCode::NOT_FOUND, "{line:?}: {text}"),
            Staff => {
                assert_eq!(status, StatusCode::SEE_OTHER, "{line:?}");
                assert!(location(&headers).starts_with("/staff/sign-in"), "{line:?}");
            }
            Customer | Bearer | Holder | Anyone => {}
        }
    }
    let id = house.payment.parse().unwrap();
    let payment = house
        .served
        .world
        .db
        .read(move |tx| money::payments::get(tx, id))
        .unwrap()
        .unwrap();
    assert_eq!(
        payment.state,
        money::PaymentState::Held,
        "nothing has moved or ended"
    );
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let house = House::new();
    let zhao = house.served.world.person("赵云", "13800138012", Language::En);
    let cookies = format!("session={}", zhao.session);
    let asked = [("", ""), (cookies.as_str(), zhao.session.as_str())];
    for line in TABLE {
        for (cookies, token) in asked {
            let (status, headers, _) = house.ask(*line, cookies, &zhao.csrf, token);
            let says = |name: &str| {
                headers
                    .get(name)
                    .map_or("", |value| value.to_str().unwrap())
                    .to_owned()
            };
            let here = format!("{line:?} {status} {headers:?}");
            assert_eq!(says("x-content-type-options"), "nosniff", "{here}");
            let open = ["/static/{*path}", "/sw.js", "/api/v1/openapi.json"].contains(&line.1);
            let kept = says("cache-control");
            assert!(
                open || kept.contains("no-store") || (line.1 == "/events" && kept == "no-cache"),
                "{here}"
            );
            if line.1.starts_with("/api/") {
                continue;
            }
            assert!(
                says("content-security-policy").contains("frame-ancestors 'none'"),
                "{here}"
            );
            assert_eq!(says("x-frame-options"), "DENY", "{here}");
            assert_eq!(says("referrer-policy"), "no-referrer", "{here}");
        }
    }
}

#[test]
fn no_link_of_ours_leads_elsewhere_however_a_page_was_asked_for() {
    let served = Served::limited(2);
    for path in ["//evil.example/x", "//evil.example/x?a=b", "/\\evil.example"] {
        for _ in 0..3 {
            let asked = Request::get(path).body(Body::empty());
            let Ok(asked) = asked else { continue };
            let (_, headers, text) = served.ask(asked);
            assert!(
                !text.contains("\"//evil") && !text.contains("\"/\\evil"),
                "{path}: {text}"
            );
            assert!(!location(&headers).contains("//evil"), "{path}");
        }
    }
}
