//! Names and words that are code stay words, on every page that shows them.

use crate::browser::{Seen, Served};
use crate::staff::Member;
use axum::http::StatusCode;
use base::Language;
use security::staff::Role;

const NAME: &str = "<img src=x onerror=alert(1)>\"'";
const WORDS: &str = "\"><script>alert(2)</script>{{7*7}}";

/// Whether a page shows what was typed, as text.
fn is_text(seen: &Seen, path: &str) -> bool {
    assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
    for code in ["<img src=x", "<script>alert", "onerror=alert(1)>\""] {
        assert!(!seen.shows(code), "{path}: {}", seen.text);
    }
    seen.shows("script&#62;alert(2)") || seen.shows("&#60;img src")
}

#[test]
fn a_name_or_a_note_that_is_code_is_shown_as_text_everywhere() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person(NAME, "13800138010", Language::En);
    let wang = world.person(NAME, "13800138011", Language::En);
    world.top_up(&lin, 2_000_000);
    world.pay(&lin, &wang, 1_000, WORDS);
    let held = world.hold(&lin, &wang, 150_000, WORDS);
    let begun = world.ring().remove(0);
    world.answer(&begun, true);
    let mut shown = 0;
    let mut look = |seen: Seen, path: &str| shown += usize::from(is_text(&seen, path));
    for person in [&lin, &wang] {
        let mut browser = served.browser_of(person);
        for path in [
            "/",
            "/activity",
            "/inbox",
            "/notices",
            "/receive",
            "/security",
            "/pay",
        ] {
            look(browser.get(path), path);
        }
    }
    let mut browser = served.browser_of(&lin);
    let payment = format!("/payments/{held}");
    look(browser.get(&payment), &payment);
    let typed = [
        ("to", "13800138011"),
        ("amount", "12"),
        ("note", WORDS),
        ("csrf", &lin.csrf),
    ];
    look(browser.post("/pay/review", &typed), "/pay/review");

    let mut officer = Member::at(&served, "officer", Role::RiskOfficer);
    let mut supervisor = Member::at(&served, "supervisor", Role::Supervisor);
    let payment = format!("/staff/payments/{held}");
    let wallet = format!("/staff/wallets/{}", lin.wallet.id);
    officer.post(&format!("{payment}/void"), &[("void", WORDS)]);
    officer.post(&format!("{wallet}/freeze"), &[("freeze", WORDS)]);
    let case = format!("/staff/cases/{}", begun.case.id);
    for path in [
        "/staff",
        "/staff/payments",
        "/staff/cases",
        "/staff/wallets",
        "/staff/calls",
        "/staff/requests",
        "/staff/audit",
        payment.as_str(),
        wallet.as_str(),
        case.as_str(),
    ] {
        look(supervisor.get(path), path);
    }
    assert!(shown >= 10, "what was typed is seen on {shown} pages");
}
