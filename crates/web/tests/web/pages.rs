//! Every page, in both languages; and what is refused on the way to any of them.

use crate::browser::{Browser, Served};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use base::Language;
use security::staff::Role;

#[test]
fn every_page_reads_well_in_both_languages() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let held = world.hold(&lin, &wang, 150_000, "相机");
    for begun in world.ring() {
        world.answer(&begun, true);
        world.hang_up(&begun, calls::Disposition::HungUp);
    }
    let progress = world.apply("李四", "13800138020", "11010519491231002X");
    let (session, _) = world.staff("chen.hua", Role::Supervisor);
    let public = [
        "/sign-in",
        "/apply",
        "/recover",
        "/is-this-you",
        "/offline",
        "/staff/sign-in",
    ];
    let customer = [
        "/",
        "/pay",
        "/receive",
        "/top-up",
        "/activity",
        "/notices",
        "/security",
        "/inbox",
    ];
    let staff = [
        "/staff",
        "/staff/cases",
        "/staff/payments",
        "/staff/applications",
        "/staff/wallets",
        "/staff/calls",
        "/staff/requests",
        "/staff/audit",
    ];
    let own = format!("/payments/{held}");
    let progress = format!("/apply/progress/{progress}");
    let kind = calls::cases::CaseKind::PaymentConfirmation(held);
    let case = world
        .db
        .read(move |tx| calls::cases::by_kind(tx, kind))
        .unwrap()
        .unwrap();
    let desk = [
        format!("/staff/payments/{held}"),
        format!("/staff/wallets/{}", lin.wallet.id),
        format!("/staff/cases/{}", case.id),
    ];
    for language in ["zh-CN", "en-GB"] {
        let mut open = served.browser();
        let mut signed_in = served.browser_of(&lin);
        let mut at_desk = served.staff_browser(&session);
        for browser in [&mut open, &mut signed_in, &mut at_desk] {
            browser.language = language;
        }
        let mut pages: Vec<(String, _)> = Vec::new();
        for path in public.iter().copied().chain([progress.as_str()]) {
            pages.push((path.to_owned(), open.get(path)));
        }
        for path in customer.iter().copied().chain([own.as_str()]) {
            pages.push((path.to_owned(), signed_in.get(path)));
        }
        for path in staff.iter().copied().chain(desk.iter().map(String::as_str)) {
            pages.push((path.to_owned(), at_desk.get(path)));
        }
        for (path, seen) in pages {
            assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
            assert!(!seen.shows("⟦"), "{path} lacks a message in {language}");
            assert!(!seen.shows(" style="), "{path} has an inline style");
            let tag = if language == "zh-CN" { "zh-Hans" } else { "en" };
            assert!(seen.shows(&format!("<html lang=\"{tag}\">")), "{path}");
        }
    }
}

#[test]
fn the_switch_is_remembered() {
    let served = Served::new();
    let mut browser = served.browser();
    assert!(browser.get("/sign-in").shows("Sign in"));
    let choose = |browser: &mut Browser, from: &str, language: &str, back: &str| {
        let fields = [("language", language), ("back", back)];
        browser.post_from(from, "/language", &fields)
    };
    let chosen = choose(&mut browser, "/sign-in", "zh-Hans", "/sign-in");
    assert_eq!(chosen.to(), "/sign-in");
    assert!(browser.get("/sign-in").shows("登录"));
    let elsewhere = choose(&mut browser, "/sign-in", "en", "//evil.example");
    assert_eq!(elsewhere.to(), "/");
    let unknown = choose(&mut browser, "/sign-in", "tlh", "/sign-in");
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let link = browser.get("/language?language=zh-Hans");
    assert_eq!(
        link.status,
        StatusCode::METHOD_NOT_ALLOWED,
        "a link chooses nothing"
    );
    assert!(link.shows("<html lang=\"en\""), "{}", link.text);
    let untrue = browser.post("/language", &[("language", "zh-Hans"), ("csrf", "x")]);
    assert_eq!(untrue.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.cookies["language"], "en", "another site chooses nothing");
    assert!(
        !browser.get("/offline").shows("name=\"csrf\""),
        "what is kept holds no token"
    );
}

#[test]
fn the_switch_keeps_a_customers_choice_and_works_at_the_desk() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser_of(&lin);
    let fields = [("language", "en"), ("back", "/security")];
    assert_eq!(
        browser.post_from("/security", "/language", &fields).to(),
        "/security"
    );
    let customer = lin.customer;
    let kept = world.db.read(move |tx| people::customers::by_id(tx, customer));
    assert_eq!(kept.unwrap().unwrap().language, Language::En);
    let (session, _) = world.staff("chen.hua", Role::Agent);
    let mut desk = served.staff_browser(&session);
    let fields = [("language", "zh-Hans"), ("back", "/staff/cases")];
    assert_eq!(
        desk.post_from("/staff/cases", "/staff/language", &fields).to(),
        "/staff/cases"
    );
    assert!(desk.get("/staff/cases").shows("个案"));
}

#[test]
fn pages_tell_the_browser_what_they_never_do() {
    let served = Served::new();
    let seen = served.browser().get("/sign-in");
    let header = |name: &str| seen.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    assert!(!header("content-security-policy").contains("unsafe"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "no-store");
    assert!(header("set-cookie").contains("HttpOnly; SameSite=Lax"));
}

#[test]
fn a_form_from_elsewhere_changes_nothing() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser_of(&lin);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let without = browser.send(Method::POST, "/security/freeze", &form, Body::empty());
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    let wrong = browser.post("/security/freeze", &[("csrf", "x")]);
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let other_site = [form[0], ("sec-fetch-site", "cross-site")];
    let body = Body::from(format!("csrf={}", lin.csrf));
    let stolen = browser.send(Method::POST, "/security/freeze", &other_site, body);
    assert_eq!(stolen.status, StatusCode::FORBIDDEN);
    assert!(browser.get("/security").shows("Freeze now"));
    let own = browser.post("/security/freeze", &[("csrf", &lin.csrf)]);
    assert_eq!(own.to(), "/security?done=frozen");
    assert!(browser.get("/security").shows("Your wallet is frozen"));
}

#[test]
fn what_is_wrong_with_a_request_is_said_on_a_page() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser_of(&lin);
    let missing = browser.get("/nothing");
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.shows("There is nothing here"));
    let method = browser.send(Method::DELETE, "/activity", &[], Body::empty());
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(method.headers.contains_key("allow"));
    let json = browser.send(
        Method::POST,
        "/security/freeze",
        &[("content-type", "application/json")],
        Body::from("{}"),
    );
    assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let note = "x".repeat(70 * 1024);
    let large = browser.post("/pay/review", &[("csrf", &lin.csrf), ("note", &note)]);
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.shows("At most 64 KB"));
}

#[test]
fn an_application_names_each_field_and_keeps_what_was_typed() {
    let served = Served::new();
    let mut browser = served.browser();
    let key = browser.get("/apply").field("key");
    let typed = [
        ("key", key.as_str()),
        ("name", "李四"),
        ("kind", "resident-id"),
        ("resident_id", "110105194912310021"),
        ("phone", "1380013802"),
        ("income", "-5"),
        ("requested_limit", "60000.001"),
    ];
    let seen = browser.post_from("/apply", "/apply", &typed);
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(seen.field("name"), "李四");
    assert_eq!(seen.field("resident_id"), "110105194912310021");
    assert_eq!(seen.field("phone"), "1380013802");
    for field in [
        "document-error",
        "phone-error",
        "income-error",
        "requested_limit-error",
        "consent-error",
    ] {
        assert!(seen.shows(&format!("class=\"error\" id=\"{field}\"")), "{field}");
    }
    assert!(!seen.shows("name-error\"><svg"));
    let sound = [
        ("key", key.as_str()),
        ("name", "李四"),
        ("kind", "resident-id"),
        ("resident_id", "11010519491231002X"),
        ("phone", "13800138020"),
        ("income", "8000"),
        ("requested_limit", "60000"),
        ("consent", "yes"),
    ];
    let sent = browser.post_from("/apply", "/apply", &sound);
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let progress = sent.to().to_owned();
    let again = browser.post_from("/apply", "/apply", &sound);
    assert_eq!(again.to(), progress, "a double click is one application");
    assert!(browser.get(&progress).shows("We are checking your details"));
    let withdrawn = browser.post_from(&progress, &format!("{progress}/withdraw"), &[]);
    assert_eq!(withdrawn.to(), progress);
    assert!(browser.get(&progress).shows("You withdrew this application"));
    assert_eq!(browser.get("/apply/progress/AAAA").status, StatusCode::NOT_FOUND);
}

#[test]
fn a_public_notice_names_nobody() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    world.hold(&lin, &wang, 150_000, "");
    let id = lin.customer;
    let notices = world
        .db
        .read(move |tx| calls::notices::for_customer(tx, id))
        .unwrap();
    let seen = served.browser().get(&format!("/n/{}", notices[0].token));
    assert_eq!(seen.status, StatusCode::OK);
    assert!(seen.shows("95138"));
    for secret in ["林晓雯", "王", "13800138010", "1,500", "1500"] {
        assert!(!seen.shows(secret), "{secret}");
    }
    let guessed = "0".repeat(32);
    assert_eq!(
        served.browser().get(&format!("/n/{guessed}")).status,
        StatusCode::NOT_FOUND
    );
}

#[test]
fn health_and_metrics_are_told_to_machines() {
    let served = Served::new();
    let mut browser = served.browser();
    assert_eq!(browser.get("/health/live").text, "ok\n");
    let ready = browser.get("/health/ready");
    assert_eq!(ready.status, StatusCode::OK);
    assert!(ready.shows("\"ready\":true"));
    browser.get("/payments/0123");
    browser.get("/payments/4567");
    let metrics = browser.get("/metrics");
    assert!(
        metrics.shows("huiling_http_requests_total{route=\"/payments/{id}\",status=\"3xx\"} 2"),
        "{}",
        metrics.text
    );
    assert!(metrics.shows("huiling_line_ready 1"));
}

#[test]
fn no_form_is_believed_without_its_token_and_nobody_acts_for_another() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    let zhao = world.person("赵云", "13800138012", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let payment = world.hold(&lin, &wang, 150_000, "");
    let (_, progress) = world.applied("13800138020", "11010519491231002X", "referred", "low_score:1:2");
    let forms = [
        "/pay".to_owned(),
        "/pay/review".into(),
        "/top-up".into(),
        format!("/payments/{payment}/confirm"),
        format!("/payments/{payment}/stop"),
        "/security/freeze".into(),
        "/security/unfreeze".into(),
        "/security/recovery-codes".into(),
        "/security/sign-out-others".into(),
        "/security/phone".into(),
        "/apply".into(),
        format!("/apply/progress/{progress}/phone"),
        format!("/apply/progress/{progress}/call-again"),
        format!("/apply/progress/{progress}/call-time"),
        format!("/apply/progress/{progress}/appeal"),
        format!("/apply/progress/{progress}/withdraw"),
        format!("/apply/progress/{progress}/open"),
        "/sign-in".into(),
        "/sign-in/code".into(),
        "/sign-out".into(),
        "/totp".into(),
        "/recover".into(),
        "/language".into(),
    ];
    let mut browser = served.browser_of(&lin);
    for path in &forms {
        for csrf in ["", "x", zhao.csrf.as_str()] {
            let seen = browser.post(path, &[("csrf", csrf)]);
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path} {csrf}: {}", seen.text);
        }
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "cross-site"),
        ];
        let body = Body::from(format!("csrf={}", lin.csrf));
        let seen = browser.send(Method::POST, path, &headers, body);
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path} from elsewhere");
        let headers = [("content-type", "application/json")];
        let body = Body::from(format!("{{\"csrf\":\"{}\"}}", lin.csrf));
        let seen = browser.send(Method::POST, path, &headers, body);
        assert_eq!(seen.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} as JSON");
    }
    for other in [&wang, &zhao] {
        let mut browser = served.browser_of(other);
        for verb in ["confirm", "stop"] {
            let path = format!("/payments/{payment}/{verb}");
            let fields = [("csrf", other.csrf.as_str()), ("freeze", "yes")];
            assert_eq!(
                browser.post(&path, &fields).status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        for page in [
            format!("/payments/{payment}"),
            format!("/payments/{payment}/receipt"),
        ] {
            assert_eq!(browser.get(&page).status, StatusCode::NOT_FOUND, "{page}");
        }
    }
    let held = browser.get(&format!("/payments/{payment}"));
    assert_eq!(held.status, StatusCode::OK, "nothing has moved or ended");
    assert!(
        served
            .browser_of(&zhao)
            .get("/security")
            .shows("/security/freeze")
    );
}
