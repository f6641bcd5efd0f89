//! The desk: each role within its bounds, and nothing that moves money by one person alone.

use crate::browser::Served;
use crate::world::PASSWORD;
use axum::http::StatusCode;
use base::Language;
use security::staff::Role;

#[test]
fn a_release_takes_two_people() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let payment = world.hold(&lin, &wang, 150_000, "");
    let (first, first_csrf) = world.staff("chen.hua", Role::RiskOfficer);
    let (second, second_csrf) = world.staff("li.na", Role::Supervisor);
    let path = format!("/staff/payments/{payment}");
    let mut asker = served.staff_browser(&first);
    let empty = asker.post(
        &format!("{path}/release"),
        &[("csrf", &first_csrf), ("release", " ")],
    );
    assert!(empty.shows("Give a reason"), "{}", empty.text);
    let asked = asker.post(
        &format!("{path}/release"),
        &[("csrf", &first_csrf), ("release", "Came to the branch")],
    );
    assert_eq!(asked.to(), format!("{path}?done=asked"), "{}", asked.text);
    let page = asker.get("/staff/requests");
    assert!(page.shows("another person must agree"));
    let id = asker.get(&path).text;
    assert!(id.contains("Came to the branch"));
    let mut approver = served.staff_browser(&second);
    let list = approver.get("/staff/requests");
    let id = list
        .text
        .split("/staff/requests/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    let own = asker.post(&format!("/staff/requests/{id}/approve"), &[("csrf", &first_csrf)]);
    assert!(own.shows("Whoever asked cannot agree as well"), "{}", own.text);
    let done = approver.post(
        &format!("/staff/requests/{id}/approve"),
        &[("csrf", &second_csrf)],
    );
    assert_eq!(done.to(), "/staff/requests?done=approved", "{}", done.text);
    let again = approver.post(
        &format!("/staff/requests/{id}/approve"),
        &[("csrf", &second_csrf)],
    );
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(approver.get(&path).shows("Paid"));
    let log = approver.get("/staff/audit");
    assert!(log.shows("approve.release_payment") && log.shows("request.release_payment"));
}

#[test]
fn a_freeze_beside_a_stopped_payment_is_lifted_by_two() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    world.freeze(&lin, "customer-stop");
    let (first, first_csrf) = world.staff("chen.hua", Role::Agent);
    let (second, second_csrf) = world.staff("li.na", Role::Supervisor);
    let mut asker = served.staff_browser(&first);
    assert!(asker.get("/staff/wallets").shows("林晓雯"));
    let path = format!("/staff/wallets/{}", lin.wallet.id);
    asker.post(
        &format!("{path}/unfreeze"),
        &[("csrf", &first_csrf), ("unfreeze", "Spoke at the branch")],
    );
    let mut approver = served.staff_browser(&second);
    let list = approver.get("/staff/requests");
    let id = list
        .text
        .split("/staff/requests/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    let by_agent = asker.post(&format!("/staff/requests/{id}/approve"), &[("csrf", &first_csrf)]);
    assert_eq!(by_agent.status, StatusCode::FORBIDDEN);
    approver.post(
        &format!("/staff/requests/{id}/approve"),
        &[("csrf", &second_csrf)],
    );
    assert!(!approver.get("/staff/wallets").shows("林晓雯"));
}

#[test]
fn a_role_sees_and_does_only_what_is_its_own() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let (administrator, csrf) = world.staff("root.admin", Role::Administrator);
    let mut browser = served.staff_browser(&administrator);
    for closed in [
        "/staff/cases",
        "/staff/payments",
        "/staff/wallets",
        "/staff/applications",
        "/staff/calls",
        "/staff/requests",
    ] {
        assert_eq!(browser.get(closed).status, StatusCode::FORBIDDEN, "{closed}");
    }
    let overview = browser.get("/staff");
    assert_eq!(overview.status, StatusCode::OK);
    for hidden in ["href=\"/staff/cases\"", "href=\"/staff/requests\"", "<table"] {
        assert!(!overview.shows(hidden), "{hidden} is not this role's");
    }
    let (teller, _) = world.staff("he.yu", Role::Teller);
    let overview = served.staff_browser(&teller).get("/staff");
    assert!(overview.shows("href=\"/staff/wallets\"") && !overview.shows("<table"));
    assert_eq!(browser.get("/staff/audit").status, StatusCode::OK);
    let path = format!("/staff/wallets/{}/unfreeze", lin.wallet.id);
    let refused = browser.post(&path, &[("csrf", &csrf), ("unfreeze", "because")]);
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut customer = served.browser_of(&lin);
    assert_eq!(customer.get("/staff").to(), "/staff/sign-in");
    let mut crossed = served.browser();
    crossed.cookies.insert("staff".into(), lin.session.clone());
    assert_eq!(
        crossed.get("/staff").to(),
        "/staff/sign-in",
        "a customer's session opens no desk"
    );
    let mut reversed = served.browser();
    reversed.cookies.insert("session".into(), administrator);
    assert_eq!(reversed.get("/").to(), "/sign-in", "nor a member's a wallet");
}

#[test]
fn with_the_first_password_nobody_gets_to_the_desk() {
    let served = Served::new();
    let world = &served.world;
    let (ambient, keyring) = (world.ambient.clone(), world.keyring.clone());
    let hash = security::passwords::hash(&ambient, security::passwords::Cost::TEST, PASSWORD);
    world
        .db
        .write(move |tx| security::staff::add(tx, &ambient, &keyring, "zhou.min", Role::Agent, &hash))
        .unwrap();
    let mut browser = served.browser();
    let fields = [("name", "zhou.min"), ("password", PASSWORD)];
    let entered = browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    assert_eq!(entered.to(), "/staff/sign-in/password", "{}", entered.text);
    assert_eq!(browser.get("/staff/totp").to(), "/staff/sign-in/password");
    assert_eq!(browser.get("/staff/sign-in/code").to(), "/staff/sign-in/password");
    let csrf = browser.get("/staff/sign-in/password").field("csrf");
    for path in ["/staff/totp", "/staff/sign-in/code"] {
        let refused = browser.post(path, &[("csrf", &csrf), ("code", "123456")]);
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(browser.get("/staff").to(), "/staff/sign-in/code");
}

#[test]
fn the_log_says_who_came_who_was_kept_out_and_who_looked_at_whom() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    world.staff("chen.hua", Role::RiskOfficer);
    let (supervisor, _) = world.staff("li.na", Role::Supervisor);
    let (officer, csrf) = world.staff("zhou.min", Role::RiskOfficer);
    let mut browser = served.staff_browser(&officer);
    let path = format!("/staff/wallets/{}", lin.wallet.id);
    for _ in 0..3 {
        assert_eq!(browser.get(&path).status, StatusCode::OK);
    }
    let nobody = format!("/staff/wallets/{}", "0".repeat(32));
    assert_eq!(browser.get(&nobody).status, StatusCode::NOT_FOUND);
    browser.post("/staff/sign-out", &[("csrf", &csrf)]);
    let mut stranger = served.browser();
    for _ in 0..7 {
        let fields = [("name", "chen.hua"), ("password", "not-the-password")];
        stranger.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    }
    let log = served.staff_browser(&supervisor).get("/staff/audit").text;
    let written = |action: &str| log.matches(action).count();
    assert_eq!(written("wallet.view"), 1, "once an hour: {log}");
    assert_eq!(written("staff.sign_out"), 1, "{log}");
    assert_eq!(written("staff.locked_out"), 1, "{log}");
}
