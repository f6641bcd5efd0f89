//! Back to where somebody was: after a sign-in, after a form that came too late, after a switch of
//! the language.

use crate::browser::{Browser, Seen, Served};
use crate::world::{PASSWORD, Person};
use axum::http::StatusCode;
use base::Language;
use security::staff::Role;

fn mark(page: &Seen) -> Option<String> {
    let mark = page.text.split("data-who=\"").nth(1)?;
    mark.split('"').next().map(str::to_owned)
}

/// Signs in from the page that a refused request led to; the place where it ends.
fn sign_in(served: &Served, browser: &mut Browser, person: &Person, address: &str) -> String {
    let next = browser.get(address).field("next");
    let phone = person.phone.to_string();
    let typed = [("phone", phone.as_str()), ("password", PASSWORD), ("next", &next)];
    let entered = browser.post_from(address, "/sign-in", &typed);
    let half = browser.get(entered.to());
    assert_eq!(mark(&half), None, "the password alone is nobody yet");
    let code = served.world.code(person, 0);
    let typed = [("code", code.as_str()), ("next", &half.field("next"))];
    let csrf = half.field("csrf");
    let done = browser.post(
        "/sign-in/code",
        &[typed.as_slice(), &[("csrf", csrf.as_str())]].concat(),
    );
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    done.to().to_owned()
}

#[test]
fn a_form_that_came_after_the_session_says_so_and_is_come_back_to() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser_of(&lin);
    let before = mark(&browser.get("/pay"));
    assert!(before.is_some() && browser.get("/pay").shows("data-draft"));
    browser.cookies.clear();
    let typed = [("to", "13800138011"), ("amount", "12"), ("csrf", &lin.csrf)];
    let sent = browser.post("/pay/review", &typed);
    assert_eq!(sent.to(), "/sign-in?ended=yes&next=%2Fpay");
    let door = browser.get(sent.to());
    assert!(
        door.shows("nothing was sent") && door.shows("data-unsent"),
        "{}",
        door.text
    );
    assert_eq!(mark(&door), None);
    assert_eq!(sign_in(&served, &mut browser, &lin, sent.to()), "/pay");
    let form = browser.get("/pay");
    assert_eq!(mark(&form), before, "the same person, for the page's script");
    assert!(form.shows("id=\"draft-back\""));
    let wang = served.world.person("王磊", "13800138011", Language::ZhHans);
    assert_ne!(mark(&served.browser_of(&wang).get("/pay")), before);
    let asked = served.browser().get("/activity?before=%2F&x=1");
    assert_eq!(asked.to(), "/sign-in?next=%2Factivity%3Fbefore%3D%252F%26x%3D1");
}

#[test]
fn the_desk_is_come_back_to_and_no_other_place() {
    let served = Served::new();
    let mut browser = served.browser();
    assert_eq!(browser.get("/staff").to(), "/staff/sign-in");
    let page = browser.get("/staff/cases");
    assert_eq!(page.to(), "/staff/sign-in?next=%2Fstaff%2Fcases");
    let sent = browser.post("/staff/payments/0a/release", &[("reason", "long")]);
    assert_eq!(
        sent.to(),
        "/staff/sign-in?ended=yes&next=%2Fstaff%2Fpayments%2F0a"
    );
    let door = browser.get(sent.to());
    assert!(door.shows("nothing was sent") && door.shows("data-unsent"));
    for elsewhere in ["//evil.example", "/security", "https://evil.example"] {
        let door = browser.get(&format!("/staff/sign-in?next={elsewhere}"));
        assert_eq!(door.field("next"), "/staff", "{elsewhere}");
    }
    served.world.staff("zhou.min", Role::Agent);
    let fields = [
        ("name", "zhou.min"),
        ("password", PASSWORD),
        ("next", "/staff/cases"),
    ];
    let entered = browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    assert_eq!(entered.to(), "/staff/sign-in/code?next=%2Fstaff%2Fcases");
}

#[test]
fn a_half_sign_in_at_the_desk_that_ended_leads_to_the_desks_door() {
    let served = Served::new();
    let mut browser = served.browser();
    let late = browser.post_from("/staff/sign-in", "/staff/sign-in/code", &[("code", "123456")]);
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.shows("href=\"/staff/sign-in\""), "{}", late.text);
}

#[test]
fn an_old_form_leads_back_to_its_page() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser_of(&lin);
    let typed = [
        ("to", "13800138011"),
        ("amount", "12"),
        ("csrf", "of another session"),
    ];
    let stale = browser.post("/pay/review", &typed);
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    assert!(
        stale.shows("href=\"/pay\"") && stale.shows("data-unsent"),
        "{}",
        stale.text
    );
    assert!(stale.shows("Open the form again"));
}

#[test]
fn the_language_is_switched_on_the_page_of_a_form_that_was_refused() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser_of(&lin);
    let refused = browser.post_from("/pay", "/pay/review", &[("to", "?"), ("amount", "")]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut stranger = served.browser();
    let token = served.world.apply("赵蕾", "13800138012", "11010519491231002X");
    let path = format!("/apply/progress/{token}");
    let refused = stranger.post_from(&path, &format!("{path}/phone"), &[("phone", "?")]);
    assert_eq!(refused.field("back"), path, "{}", refused.text);
}

#[test]
fn the_page_of_recovery_codes_loaded_again_asks_for_no_second_enrolment() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser_of(&lin);
    let code = served.world.code(&lin, 0);
    let again = browser.post("/totp", &[("csrf", &lin.csrf), ("secret", ""), ("code", &code)]);
    assert_eq!(again.to(), "/security?done=enrolled", "{}", again.text);
    let page = browser.get("/security?done=enrolled");
    assert!(page.shows("Recovery codes are shown only once"), "{}", page.text);
}

#[test]
fn a_form_that_came_too_fast_is_sent_again_from_its_answer() {
    let served = Served::limited(2);
    let lin = served.world.person("林晓雯", "13800138010", Language::En);
    let mut browser = served.browser_of(&lin);
    let typed = [("to", "13800138011"), ("amount", "12"), ("csrf", &lin.csrf)];
    for _ in 0..2 {
        assert_eq!(
            browser.post("/pay/review", &typed).status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let busy = browser.post("/pay/review", &typed);
    assert_eq!(busy.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(busy.headers["retry-after"], "31");
    for words in [
        "Wait 31 s,",
        "what you typed is not lost",
        "data-reload",
        "data-unsent",
    ] {
        assert!(busy.shows(words), "{words}: {}", busy.text);
    }
    assert!(busy.shows("href=\"/pay\" data-back hidden"), "{}", busy.text);
    served.world.ambient.clock.advance_ms(31_000);
    let again = browser.post("/pay/review", &typed);
    assert_eq!(again.field("amount"), "12", "{}", again.text);
}
