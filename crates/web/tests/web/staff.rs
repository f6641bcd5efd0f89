//! The desk: each role within its bounds, and nothing that moves money by one person alone.

use crate::browser::Served;
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
    ] {
        assert_eq!(browser.get(closed).status, StatusCode::FORBIDDEN, "{closed}");
    }
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
