//! Staff who lost password or authenticator.

use super::Member;
use crate::browser::Served;
use crate::world::PASSWORD;
use axum::http::StatusCode;
use security::staff::Role;

#[test]
fn two_administrators_give_a_colleague_a_new_start() {
    let served = Served::new();
    let mut lost = Member::at(&served, "zhou.min", Role::RiskOfficer);
    let mut asker = Member::at(&served, "admin.one", Role::Administrator);
    let mut other = Member::at(&served, "admin.two", Role::Administrator);
    let list = asker.get("/staff/members").text;
    let row = list
        .split("/staff/members/")
        .find(|part| part.contains(">zhou.min<"));
    let path = format!("/staff/members/{}", row.unwrap().split('"').next().unwrap());
    let reset = format!("{path}/reset");
    assert!(asker.post(&reset, &[("reset", "")]).shows("Give a reason"));
    let asked = asker.post(&reset, &[("reset", "Lost their telephone, came in person")]);
    assert_eq!(asked.to(), format!("{path}?done=asked"), "{}", asked.text);
    assert_eq!(asker.agree().status, StatusCode::CONFLICT, "not by who asked");
    assert!(
        !lost.get("/staff/requests").shows("zhou.min\""),
        "no other role sees it"
    );
    assert_eq!(
        lost.get("/staff/cases").status,
        StatusCode::OK,
        "nothing has happened yet"
    );

    let request = other.request();
    let done = other.agree();
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.headers["cache-control"], "no-store");
    let password = done.text.split("shown this once: ").nth(1).unwrap();
    let password = password.split('<').next().unwrap().to_owned();
    let again = other.post(&format!("{request}/approve"), &[]);
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(!again.shows(&password), "it is shown once");
    assert_eq!(
        lost.get("/staff/cases").to(),
        "/staff/sign-in?next=%2Fstaff%2Fcases",
        "signed out at once"
    );
    let log = other.get("/staff/audit");
    assert!(log.shows("request.reset_staff") && log.shows("approve.reset_staff"));
    assert!(!log.shows(&password));

    let mut browser = served.browser();
    let fields = [("name", "zhou.min"), ("password", PASSWORD)];
    let old = browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("name", "zhou.min"), ("password", password.as_str())];
    let entered = browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    assert_eq!(entered.to(), "/staff/sign-in/password", "{}", entered.text);
    let own = "autumn-gate-slow-train";
    let chosen = browser.post_from(entered.to(), entered.to(), &[("password", own), ("again", own)]);
    assert_eq!(chosen.to(), "/staff/sign-in/code", "{}", chosen.text);
    assert_eq!(
        browser.get(chosen.to()).to(),
        "/staff/totp",
        "a new authenticator is enrolled"
    );
}

#[test]
fn who_has_left_gets_no_new_start() {
    let served = Served::new();
    let mut asker = Member::at(&served, "admin.one", Role::Administrator);
    served.world.first_day("zhou.min", Role::Agent);
    let (ambient, members) = (
        served.world.ambient.clone(),
        served.world.db.read(security::staff::list).unwrap(),
    );
    let gone = members
        .iter()
        .find(|member| member.name == "zhou.min")
        .unwrap()
        .id;
    let closed = served
        .world
        .db
        .write(move |tx| security::staff::deactivate(tx, &ambient, gone));
    assert_eq!(closed.unwrap(), Some(0));
    let path = format!("/staff/members/{gone}");
    assert!(asker.get(&path).shows("Closed"));
    let refused = asker.post(&format!("{path}/reset"), &[("reset", "wants back in")]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Nothing was done"), "{}", refused.text);
}
