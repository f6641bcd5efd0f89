//! Each role sees and does what is its own, and nobody comes in by another door.

use super::Member;
use crate::browser::Served;
use crate::world::PASSWORD;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use base::Language;
use security::staff::Role;

/// Every room of the desk and who may enter. A form that is let in is empty and changes nothing.
pub fn rooms(served: &Served) -> Vec<(Method, String, &'static [Role])> {
    use Role::{Administrator, Agent, RiskOfficer, Supervisor, Teller};
    const EVERYBODY: &[Role] = &Role::ALL;
    const AT_CASES: &[Role] = &[Agent, RiskOfficer, Supervisor];
    const AT_CUSTOMERS: &[Role] = &[Agent, Teller, RiskOfficer, Supervisor];
    const DECIDING: &[Role] = &[RiskOfficer, Supervisor];
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let payment = format!("/staff/payments/{}", world.hold(&lin, &wang, 150_000, ""));
    let wallet = format!("/staff/wallets/{}", lin.wallet.id);
    let document = "11010519491231002X";
    let (application, _) = world.applied("13800138020", document, "referred", "low_score:500:550");
    let application = format!("/staff/applications/{application}");
    let member = world.db.read(security::staff::list).unwrap().remove(0).id;
    let member = format!("/staff/members/{member}");
    let case = world.ring().remove(0);
    let recording = format!("/staff/calls/{}/recording.wav", case.attempt.id);
    let case = format!("/staff/cases/{}", case.case.id);
    let mut asker = Member::at(served, "asker", RiskOfficer);
    asker.post(&format!("{payment}/void"), &[("void", "for the table")]);
    let request = asker.request();
    let get = |path: &str, may| (Method::GET, path.to_owned(), may);
    let post = |path: String, may| (Method::POST, path, may);
    vec![
        get("/staff", EVERYBODY),
        get("/staff/cases", AT_CASES),
        get(&case, AT_CASES),
        post(format!("{case}/number"), AT_CASES),
        get("/staff/payments", AT_CASES),
        get(&payment, AT_CASES),
        post(format!("{payment}/release"), AT_CASES),
        post(format!("{payment}/void"), AT_CASES),
        get("/staff/applications", AT_CUSTOMERS),
        get(&application, AT_CUSTOMERS),
        get(&format!("{application}/files/{}", "0".repeat(32)), AT_CUSTOMERS),
        post(format!("{application}/documents"), AT_CASES),
        post(format!("{application}/approve"), AT_CASES),
        post(format!("{application}/activate"), AT_CASES),
        post(format!("{application}/decline"), AT_CASES),
        get("/staff/wallets", AT_CUSTOMERS),
        get(&wallet, AT_CUSTOMERS),
        post("/staff/wallets/find".to_owned(), AT_CUSTOMERS),
        post(format!("{wallet}/freeze"), AT_CUSTOMERS),
        post(format!("{wallet}/unfreeze"), AT_CASES),
        get(&format!("{wallet}/number"), AT_CASES),
        post(format!("{wallet}/number"), AT_CASES),
        get("/staff/calls", AT_CASES),
        get(&recording, DECIDING),
        get(
            "/staff/requests",
            &[Agent, RiskOfficer, Supervisor, Administrator],
        ),
        post(format!("{request}/refuse"), DECIDING),
        post(format!("{request}/withdraw"), &[]),
        get("/staff/members", &[Administrator]),
        get(&member, &[Administrator]),
        post(format!("{member}/reset"), &[Administrator]),
        get("/staff/audit", &[Supervisor, Administrator]),
        post(format!("{request}/approve"), DECIDING),
    ]
}

#[test]
fn each_role_enters_its_own_rooms_and_no_other() {
    let served = Served::new();
    served.world.first_day("zhou.min", Role::Agent);
    let rooms = rooms(&served);
    let mut members = Role::ALL.map(|role| (role, Member::at(&served, role.code(), role)));
    for (method, path, may) in &rooms {
        for (role, member) in &mut members {
            let seen = match *method {
                Method::GET => member.get(path),
                _ => member.post(path, &[]),
            };
            let let_in = seen.status != StatusCode::FORBIDDEN;
            assert_eq!(
                let_in,
                may.contains(role),
                "{role} {method} {path}: {}",
                seen.status
            );
            assert!(!seen.status.is_server_error(), "{role} {method} {path}");
        }
    }
}

#[test]
fn no_form_of_the_desk_is_believed_without_its_token_or_from_elsewhere() {
    let served = Served::new();
    served.world.first_day("zhou.min", Role::Agent);
    let forms = rooms(&served).into_iter().filter(|room| room.0 == Method::POST);
    for (number, (_, path, may)) in forms.enumerate() {
        let role = may.first().copied().unwrap_or(Role::RiskOfficer);
        let mut member = Member::at(&served, &format!("member.{number}"), role);
        let token = format!("csrf={}", member.csrf);
        let form = "application/x-www-form-urlencoded";
        for (media, site, body, status) in [
            (form, "same-origin", "", StatusCode::FORBIDDEN),
            (form, "same-origin", "csrf=", StatusCode::FORBIDDEN),
            (form, "cross-site", token.as_str(), StatusCode::FORBIDDEN),
            (form, "same-site", token.as_str(), StatusCode::FORBIDDEN),
            (
                "text/plain",
                "same-origin",
                &token,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ),
        ] {
            let headers = [("content-type", media), ("sec-fetch-site", site)];
            let seen = member
                .browser
                .send(Method::POST, &path, &headers, Body::from(body.to_owned()));
            assert_eq!(seen.status, status, "{path} {site} {media}: {}", seen.text);
        }
    }
    assert!(
        served
            .world
            .db
            .read(|tx| security::audit::recent(tx, None, 100))
            .unwrap()
            .iter()
            .all(|entry| entry.action != "approve.void_payment")
    );
}

#[test]
fn a_role_is_shown_its_own_rooms_and_a_session_opens_one_house() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let (administrator, _) = world.staff("root.admin", Role::Administrator);
    let overview = served.staff_browser(&administrator).get("/staff");
    assert_eq!(overview.status, StatusCode::OK);
    for hidden in ["href=\"/staff/cases\"", "href=\"/staff/payments\"", "<table"] {
        assert!(!overview.shows(hidden), "{hidden} is not this role's");
    }
    let (teller, _) = world.staff("he.yu", Role::Teller);
    let overview = served.staff_browser(&teller).get("/staff");
    assert!(overview.shows("href=\"/staff/wallets\"") && !overview.shows("<table"));
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
    world.first_day("zhou.min", Role::Agent);
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
fn the_customers_door_is_no_way_around_the_first_password() {
    let served = Served::new();
    let world = &served.world;
    world.first_day("zhou.min", Role::Agent);
    let mut browser = served.browser();
    let fields = [("name", "zhou.min"), ("password", PASSWORD)];
    browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    // The desk's token is carried to the customers' pages.
    let token = browser.cookies["staff"].clone();
    let mut sly = served.browser();
    sly.cookies.insert("session".into(), token);
    for path in ["/totp", "/sign-in/code", "/"] {
        assert_eq!(sly.get(path).to().split('?').next(), Some("/sign-in"), "{path}");
    }
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut reversed = served.browser();
    reversed.cookies.insert("staff".into(), lin.session.clone());
    for path in ["/staff/totp", "/staff/sign-in/code", "/staff/sign-in/password"] {
        assert_eq!(reversed.get(path).to(), "/staff/sign-in", "{path}");
    }
}

#[test]
fn the_password_that_was_handed_over_is_not_chosen_again() {
    let served = Served::new();
    served.world.first_day("zhou.min", Role::Agent);
    let mut browser = served.browser();
    let fields = [("name", "zhou.min"), ("password", PASSWORD)];
    let entered = browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    let again = [("password", PASSWORD), ("again", PASSWORD)];
    let kept = browser.post_from(entered.to(), entered.to(), &again);
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        kept.shows("Choose another than the one you were given"),
        "{}",
        kept.text
    );
}
