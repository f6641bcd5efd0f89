//! A telephone number that does not reach its customer, put right by them or by two of staff.

use crate::browser::Served;
use axum::http::StatusCode;
use base::Language;
use calls::Disposition;
use security::staff::Role;

#[test]
fn a_number_that_the_network_does_not_know_is_put_right_with_a_code_and_a_call() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let mut browser = served.browser_of(&lin);
    let works = browser.get("/security/phone");
    assert!(works.shows("138 **** 8010") && !works.shows("name=\"phone\""));
    let code = world.code(&lin, 1);
    let asked = [
        ("csrf", lin.csrf.as_str()),
        ("phone", "13700137000"),
        ("code", &code),
    ];
    let refused = browser.post("/security/phone", &asked);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.shows("two of our staff must agree"),
        "a number that works stops a thief"
    );

    let payment = world.hold(&lin, &wang, 150_000, "");
    for begun in world.ring() {
        world.hang_up(&begun, Disposition::WrongNumber);
    }
    let doubted = browser.get("/security/phone");
    assert!(
        doubted.shows("the network says that it does not exist"),
        "{}",
        doubted.text
    );
    let held = browser.get(&format!("/payments/{payment}"));
    assert!(held.shows("We cannot call your number"), "{}", held.text);
    let wrong = [
        ("csrf", lin.csrf.as_str()),
        ("phone", "13700137000"),
        ("code", "000000"),
    ];
    let wrong = browser.post("/security/phone", &wrong);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.ring().is_empty(), "nobody is called without the code");
    world.ambient.clock.advance_ms(120_000);
    let code = world.code(&lin, 0);
    let asked = [
        ("csrf", lin.csrf.as_str()),
        ("phone", "13700137000"),
        ("code", &code),
    ];
    let done = browser.post("/security/phone", &asked);
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(browser.get("/security/phone").shows("137 **** 7000"));
    let begun = world.ring();
    assert_eq!(begun.len(), 1);
    assert_eq!(begun[0].matter.phone.as_str(), "+8613700137000");
}

#[test]
fn two_of_staff_change_a_number_and_one_does_not() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let (first, first_csrf) = world.staff("chen.hua", Role::RiskOfficer);
    let (second, second_csrf) = world.staff("li.na", Role::Supervisor);
    let (mut asker, mut approver) = (served.staff_browser(&first), served.staff_browser(&second));
    let path = format!("/staff/wallets/{}", lin.wallet.id);
    assert!(asker.get(&path).shows(&format!("{path}/number")));
    assert_eq!(asker.get(&format!("{path}/number")).status, StatusCode::OK);
    let fields = [
        ("csrf", first_csrf.as_str()),
        ("phone", "13700137000"),
        ("reason", "Came to the branch"),
    ];
    let asked = asker.post(&format!("{path}/number"), &fields);
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let number = || {
        let wallet = lin.wallet.id;
        let known = world.db.read(move |tx| money::wallets::by_id(tx, wallet));
        known.unwrap().unwrap().phone.to_string()
    };
    assert_eq!(number(), "+8613800138010");
    let list = approver.get("/staff/requests");
    assert!(list.shows("+8613700137000"), "{}", list.text);
    let rest = list.text.split("/staff/requests/").nth(1).unwrap();
    let id = rest.split('/').next().unwrap();
    let own = asker.post(&format!("/staff/requests/{id}/approve"), &[("csrf", &first_csrf)]);
    assert_ne!(own.status, StatusCode::SEE_OTHER, "not by who asked");
    let agreed = approver.post(
        &format!("/staff/requests/{id}/approve"),
        &[("csrf", &second_csrf)],
    );
    assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.text);
    assert_eq!(number(), "+8613700137000");
}
