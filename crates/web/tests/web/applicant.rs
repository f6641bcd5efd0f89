//! What an applicant can do on the progress page, step by step.

use crate::browser::Served;
use axum::http::StatusCode;
use people::applications::ApplicationState;

const DOCUMENT: &str = "11010519491231002X";

#[test]
fn documents_are_uploaded_and_what_is_wrong_with_them_is_said() {
    let served = Served::new();
    let world = &served.world;
    let (id, token) = world.applied("13800138020", DOCUMENT, "more_documents", "name_differs:0:0");
    let path = format!("/apply/progress/{token}");
    let post = format!("{path}/documents");
    let mut browser = served.browser();
    let csrf = browser.get(&path).field("csrf");
    let sent = |browser: &mut crate::browser::Browser, files: &[(&str, &[u8])]| {
        browser.upload(
            &post,
            &[("csrf", &csrf), ("name", ""), ("requested_limit", "")],
            files,
        )
    };
    let empty = sent(&mut browser, &[]);
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.shows("Upload a file, correct your name"), "{}", empty.text);
    let page = sent(&mut browser, &[("card.png", b"<html>")]);
    assert!(page.shows("must be JPEG, PNG or PDF"));
    let big = vec![0xff; 4 * 1024 * 1024 + 1];
    let page = sent(&mut browser, &[("big.jpg", &big)]);
    assert!(page.shows("at most 4 MB"), "{}", page.text);
    let stolen = browser.upload(&post, &[("csrf", "x")], &[("card.jpg", b"\xff\xd8\xff")]);
    assert_eq!(stolen.status, StatusCode::FORBIDDEN);
    let done = sent(
        &mut browser,
        &[("card.jpg", b"\xff\xd8\xff and more"), ("pay.pdf", b"%PDF-1.4")],
    );
    assert_eq!(done.to(), path, "{}", done.text);
    assert_eq!(world.application(id).state, ApplicationState::Submitted);
}

#[test]
fn a_declined_applicant_objects_once() {
    let served = Served::new();
    let world = &served.world;
    let (id, token) = world.applied("13800138020", DOCUMENT, "declined", "overdue_loans:5:3");
    let path = format!("/apply/progress/{token}");
    let post = format!("{path}/appeal");
    let mut browser = served.browser();
    let short = browser.post_from(&path, &post, &[("grounds", "no")]);
    assert!(short.shows("id=\"grounds-error\""), "{}", short.text);
    let done = browser.post_from(&path, &post, &[("grounds", "The loans are my brother's.")]);
    assert_eq!(done.to(), path, "{}", done.text);
    assert_eq!(world.application(id).state, ApplicationState::Referred);
    assert!(
        browser.get(&path).shows("A person is taking a second look"),
        "{}",
        browser.get(&path).text
    );
}

#[test]
fn a_doubted_number_is_corrected_or_called_again() {
    let served = Served::new();
    let world = &served.world;
    let (id, token) = world.applied(
        "13800138020",
        DOCUMENT,
        "callback",
        "limit_as_requested:6000000:6000000",
    );
    let path = format!("/apply/progress/{token}");
    let mut browser = served.browser();
    let wrong = browser.post_from(&path, &format!("{path}/phone"), &[("phone", "12345")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows("id=\"phone-error\""), "{}", wrong.text);
    let done = browser.post_from(&path, &format!("{path}/phone"), &[("phone", "139 0013 8021")]);
    assert_eq!(done.to(), path, "{}", done.text);
    let corrected = world.application(id);
    assert_eq!(corrected.phone.as_str(), "+8613900138021");
    assert!(!corrected.number_doubted);

    let (id, token) = world.applied(
        "13800138022",
        "110105199001010010",
        "callback",
        "limit_as_requested:1:1",
    );
    let path = format!("/apply/progress/{token}");
    let again = browser.post_from(&path, &format!("{path}/call-again"), &[]);
    assert_eq!(again.to(), path, "{}", again.text);
    assert!(!world.application(id).number_doubted);
    let withdrawn = browser.post_from(&path, &format!("{path}/withdraw"), &[]);
    assert_eq!(withdrawn.to(), path);
    assert_eq!(world.application(id).state, ApplicationState::Withdrawn);
    assert!(browser.get(&path).shows("Apply again"));
}

#[test]
fn an_applicant_who_awaits_our_call_is_told_that_the_line_is_down() {
    let served = Served::new();
    let world = &served.world;
    let (_, token) = world.applied("13800138020", DOCUMENT, "callback", "limit_as_requested:1:1");
    let path = format!("/apply/progress/{token}");
    let mut browser = served.browser();
    browser.post_from(&path, &format!("{path}/call-again"), &[]);
    let waiting = browser.get(&path);
    assert!(waiting.shows("We are going to call you"), "{}", waiting.text);
    world.line_goes_down();
    let down = browser.get(&path);
    assert!(down.shows("We cannot call just now"), "{}", down.text);
    assert!(down.shows("as soon as it is back") && !down.shows("We are going to call you"));
}

#[test]
fn an_applicant_reads_that_the_telephone_rings_and_then_that_we_speak() {
    let served = Served::new();
    let world = &served.world;
    let reason = "limit_as_requested:6000000:6000000";
    let (id, token) = world.applied("13800138020", DOCUMENT, "callback", reason);
    let path = format!("/apply/progress/{token}");
    let mut browser = served.browser();
    // The number is right after all.
    browser.post_from(&path, &format!("{path}/call-again"), &[]);
    world.open_call(id);
    let begun = world.ring();
    let rings = browser.get(&path);
    assert!(
        rings.shows("We are calling you now") && rings.shows(">Calling now<"),
        "{}",
        rings.text
    );
    world.answer(&begun[0], false);
    let speaks = browser.get(&path);
    assert!(
        speaks.shows("You are on a call with us") && speaks.shows(">On the call<"),
        "{}",
        speaks.text
    );
    assert!(
        !speaks.shows("Calling now") && !speaks.shows("Answer, and"),
        "{}",
        speaks.text
    );
}

#[test]
fn a_link_fills_in_no_numbers() {
    let served = Served::new();
    let page = served
        .browser()
        .get("/apply?name=Li&income=8000&phone=13800138000&resident_id=11010519491231002X&consent=yes");
    assert_eq!(
        (page.field("name").as_str(), page.field("income").as_str()),
        ("Li", "8000")
    );
    assert_eq!(
        (page.field("phone").as_str(), page.field("resident_id").as_str()),
        ("", "")
    );
}
