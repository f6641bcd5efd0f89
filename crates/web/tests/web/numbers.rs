//! A telephone number that does not reach its customer, put right by them.

use crate::browser::Served;
use axum::http::StatusCode;
use base::Language;
use calls::Disposition;

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
    for _ in 0..6 {
        // Without scripts a button can be pressed twice.
        let again = browser.post("/security/phone", &asked);
        assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text);
    }
    let other = [asked[0], ("phone", "13700137001"), asked[2]];
    let other = browser.post("/security/phone", &other);
    assert!(
        other.shows("already used"),
        "it was good for one number: {}",
        other.text
    );
    let begun = world.ring();
    assert_eq!(begun.len(), 1);
    assert_eq!(begun[0].matter.phone.as_str(), "+8613700137000");
}
