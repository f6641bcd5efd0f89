//! Coming in: the first time, every time, and after a loss.

use crate::browser::{Browser, Seen, Served};
use crate::world::{PASSWORD, Person};
use axum::http::StatusCode;
use base::Language;
use security::logins;
use security::staff::Role;
use security::totp::{self, Secret};

fn enter_password(browser: &mut Browser, person: &Person, password: &str) -> Seen {
    let phone = person.phone.to_string();
    browser.post_from(
        "/sign-in",
        "/sign-in",
        &[("phone", &phone), ("password", password)],
    )
}

#[test]
fn a_sign_in_takes_password_and_code_and_a_new_session_each_step() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser();
    assert_eq!(browser.get("/activity").to(), "/sign-in?next=%2Factivity");
    browser.cookies.insert("session".into(), "A".repeat(43));
    let wrong = enter_password(&mut browser, &lin, "not-the-password");
    assert!(wrong.shows("The number or the password is not right"));
    assert_eq!(wrong.field("phone"), "+8613800138010");
    let entered = enter_password(&mut browser, &lin, PASSWORD);
    assert!(entered.to().starts_with("/sign-in/code"), "{}", entered.text);
    let half = browser.cookies["session"].clone();
    assert_ne!(half, "A".repeat(43), "a planted session is not taken over");
    assert_eq!(
        browser.get("/").to(),
        "/sign-in/code",
        "the password alone opens nothing"
    );
    let code = served.world.code(&lin, 0);
    let bad = browser.post_from("/sign-in/code", "/sign-in/code", &[("code", "000000")]);
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = browser.post_from(
        "/sign-in/code",
        "/sign-in/code",
        &[("code", &code), ("next", "/activity")],
    );
    assert_eq!(done.to(), "/activity", "{}", done.text);
    assert_ne!(browser.cookies["session"], half);
    assert_eq!(browser.get("/activity").status, StatusCode::OK);
    let inbox = browser.get("/inbox");
    assert!(inbox.shows("New"), "a new device is told: {}", inbox.text);
    let mut thief = served.browser();
    thief.cookies.insert("session".into(), half);
    assert_eq!(thief.get("/").status, StatusCode::SEE_OTHER);
    let csrf = browser.get("/security").field("csrf");
    browser.post("/sign-out", &[("csrf", &csrf)]);
    assert_eq!(browser.get("/").to(), "/sign-in");
}

/// Without scripts a button can be pressed twice: the browser shows the second answer alone, and may never
/// have read the first.
#[test]
fn a_code_that_is_sent_twice_signs_in_once_and_is_no_wrong_code() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::En);
    let mut browser = served.browser();
    enter_password(&mut browser, &lin, PASSWORD);
    let csrf = browser.get("/sign-in/code").field("csrf");
    let half = browser.cookies["session"].clone();
    let code = served.world.code(&lin, 0);
    let sent = [("csrf", csrf.as_str()), ("code", &code), ("next", "/activity")];
    assert_eq!(browser.post("/sign-in/code", &sent).to(), "/activity");
    let whole = browser.cookies["session"].clone();
    for cookie in [&half, &half, &whole, &whole, &whole, &whole] {
        browser.cookies.insert("session".into(), cookie.clone());
        let again = browser.post("/sign-in/code", &sent);
        assert_eq!(again.to(), "/activity", "{}", again.text);
        assert_eq!(browser.cookies["session"], whole, "one session");
    }
    assert_eq!(browser.get("/activity").status, StatusCode::OK);
    let mut other = served.browser();
    for wrong in [
        [("csrf", csrf.as_str()), ("code", "000000")],
        [("csrf", "x"), ("code", &code)],
    ] {
        other.cookies.insert("session".into(), half.clone());
        assert_eq!(other.post("/sign-in/code", &wrong).status, StatusCode::FORBIDDEN);
    }
    served.world.ambient.clock.advance_ms(31_000);
    assert_eq!(
        other.post("/sign-in/code", &sent).status,
        StatusCode::FORBIDDEN,
        "too late"
    );
    let told = browser.get("/inbox").text.matches("New sign-in").count();
    assert!(told <= 1, "{told} messages of one sign-in");
}

#[test]
fn five_wrong_passwords_close_the_door_even_to_the_right_one() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser();
    for _ in 0..5 {
        enter_password(&mut browser, &lin, "not-the-password");
    }
    assert!(enter_password(&mut browser, &lin, PASSWORD).shows("Too many wrong tries"));
    served.world.ambient.clock.advance_ms(16 * 60_000);
    assert!(
        enter_password(&mut browser, &lin, PASSWORD)
            .to()
            .starts_with("/sign-in/code")
    );
}

#[test]
fn a_recovery_code_replaces_a_lost_authenticator() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut browser = served.browser();
    enter_password(&mut browser, &lin, PASSWORD);
    let recovery = &lin.recovery_codes[0];
    let mut broken_off = served.browser();
    enter_password(&mut broken_off, &lin, PASSWORD);
    let shown = broken_off.post_from("/sign-in/code", "/sign-in/code", &[("code", recovery)]);
    assert!(shown.shows("Add your authenticator"), "{}", shown.text);
    let enrol = browser.post_from("/sign-in/code", "/sign-in/code", &[("code", recovery)]);
    assert!(enrol.shows("Add your authenticator"), "{}", enrol.text);
    let mut elsewhere = served.browser_of(&lin);
    assert_eq!(elsewhere.get("/").status, StatusCode::OK);
    finish_enrolment(&served, &mut browser, "/totp", &enrol);
    assert_eq!(browser.get("/").status, StatusCode::OK);
    assert_eq!(
        elsewhere.get("/").status,
        StatusCode::SEE_OTHER,
        "other sessions end with the old authenticator"
    );
    let inbox = browser.get("/inbox");
    assert!(inbox.shows("Your authenticator was replaced"), "{}", inbox.text);
    let mut again = served.browser();
    enter_password(&mut again, &lin, PASSWORD);
    let used = again.post_from("/sign-in/code", "/sign-in/code", &[("code", recovery)]);
    assert_eq!(
        used.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a recovery code works once"
    );
}

/// Without scripts a button can be pressed twice: the browser shows the second answer alone.
#[test]
fn recovery_codes_asked_for_twice_say_that_a_set_was_made_and_not_seen() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::En);
    let mut browser = served.browser_of(&lin);
    let mut renew =
        |code: &str| browser.post_from("/security", "/security/recovery-codes", &[("renew", code)]);
    let code = served.world.code(&lin, 1);
    assert!(renew(&code).shows("Recovery codes"));
    let second = renew(&code);
    assert_eq!(second.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        second.shows("a new set was made that you have not seen"),
        "{}",
        second.text
    );
    let wrong = renew("000000");
    assert!(wrong.shows("That code is wrong"), "{}", wrong.text);
    served.world.ambient.clock.advance_ms(60_000);
    let third = renew(&served.world.code(&lin, 1));
    assert!(third.shows("Recovery codes"), "{}", third.text);
}

/// Types the code of the secret that the page shows.
fn finish_enrolment(served: &Served, browser: &mut Browser, path: &str, page: &Seen) {
    let shown = page
        .text
        .split("<p class=\"mono\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let secret = Secret::from_bytes(base32(&shown.replace(' ', "")));
    let sealed = page.field("secret");
    let csrf = page.field("csrf");
    let wrong = browser.post(path, &[("csrf", &csrf), ("secret", &sealed), ("code", "000000")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows(shown), "a slip does not make a new secret to scan");
    let code = totp::code_at(&secret, served.world.ambient.now());
    let codes = browser.post(path, &[("csrf", &csrf), ("secret", &sealed), ("code", &code)]);
    assert!(codes.shows("Recovery codes"), "{}", codes.text);
    assert_eq!(codes.text.matches("<li>").count(), 10);
}

/// Without scripts a button can be pressed twice, and the first answer, with the only copy of the codes,
/// may never have been read: the browser then still has the cookie from before.
#[test]
fn an_enrolment_that_is_sent_twice_shows_the_same_recovery_codes() {
    for (cookie, path, later) in [
        ("session", "/totp", "/security?done=enrolled"),
        ("staff", "/staff/totp", "/staff"),
    ] {
        let served = Served::new();
        let mut browser = served.browser();
        if cookie == "staff" {
            served.world.first_day("zhou.min", Role::RiskOfficer);
            let fields = [("name", "zhou.min"), ("password", PASSWORD)];
            browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
            let fresh = "green-hill-old-door";
            let to = "/staff/sign-in/password";
            browser.post_from(to, to, &[("password", fresh), ("again", fresh)]);
        } else {
            let welcome = format!("/welcome/{}", served.world.invite("Ma Jun", "13800138030"));
            browser.post_from(&welcome, &welcome, &[("password", PASSWORD), ("again", PASSWORD)]);
        }
        let page = browser.get(path);
        let before = browser.cookies[cookie].clone();
        let secret = secret_on(&page);
        let sent = [
            ("csrf", page.field("csrf")),
            ("secret", page.field("secret")),
            ("code", totp::code_at(&secret, served.world.ambient.now())),
        ];
        let sent = sent.each_ref().map(|(name, value)| (*name, value.as_str()));
        let codes = codes_on(&browser.post(path, &sent));
        assert_eq!(codes.len(), 10);
        let after = browser.cookies[cookie].clone();
        for came_with in [&before, &before, &after, &after] {
            browser.cookies.insert(cookie.into(), came_with.clone());
            let again = browser.post(path, &sent);
            assert_eq!(codes_on(&again), codes, "{path}: {}", again.text);
            assert_eq!(browser.cookies[cookie], after, "one session");
        }
        assert!(browser.get(later).status.is_success(), "{path}");
        // Whoever has the cookie alone, without the form, sees none.
        let mut other = served.browser();
        other.cookies.insert(cookie.into(), after.clone());
        let bare = other.post(path, &[sent[0], ("secret", "00"), sent[2]]);
        assert_eq!(bare.to(), later, "{path}: {}", bare.text);
        served.world.ambient.clock.advance_ms(31_000);
        assert_eq!(browser.post(path, &sent).to(), later, "too late");
        browser.cookies.insert(cookie.into(), before);
        assert_eq!(browser.post(path, &sent).status, StatusCode::FORBIDDEN);
        let log = served.world.db.read(|tx| security::audit::recent(tx, None, 9));
        let enrolled = |action: &str| action == "staff.authenticator_enrolled";
        let log = log.unwrap();
        let times = log.iter().filter(|entry| enrolled(&entry.action)).count();
        assert_eq!(times, usize::from(cookie == "staff"), "enrolled once");
    }
}

pub fn codes_on(page: &Seen) -> Vec<String> {
    let items = page.text.split("<li>").skip(1);
    items
        .map(|item| item.split('<').next().unwrap().to_owned())
        .collect()
}

pub fn secret_on(page: &Seen) -> Secret {
    let shown = page.text.split("<p class=\"mono\">").nth(1).unwrap();
    Secret::from_bytes(base32(&shown.split('<').next().unwrap().replace(' ', "")))
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|b| *b != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            _ => letter - b'2' + 26,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}

#[test]
fn the_first_sign_in_leads_from_the_link_to_the_wallet() {
    let served = Served::new();
    let path = format!("/welcome/{}", served.world.invite("Ma Jun", "13800138030"));
    let mut browser = served.browser();
    assert!(browser.get(&path).shows("Welcome, Ma Jun"));
    for (password, again, text) in [
        ("short", "short", "password-error"),
        ("13800138030abc", "13800138030abc", "password-error"),
        (PASSWORD, "something-else", "The two passwords differ"),
    ] {
        let seen = browser.post_from(&path, &path, &[("password", password), ("again", again)]);
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.shows(text), "{password}: {}", seen.text);
        assert!(
            !seen.shows(&format!("value=\"{password}\"")),
            "a password is never sent back"
        );
    }
    let made = browser.post_from(&path, &path, &[("password", PASSWORD), ("again", PASSWORD)]);
    assert_eq!(made.to(), "/totp", "{}", made.text);
    let page = browser.get("/totp");
    finish_enrolment(&served, &mut browser, "/totp", &page);
    assert!(browser.get("/").shows("Ma Jun"));
    assert_eq!(
        served.browser().get(&path).status,
        StatusCode::GONE,
        "the link works once"
    );
}

#[test]
fn a_forgotten_password_takes_authenticator_and_recovery_code() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let phone = lin.phone.to_string();
    let code = served.world.code(&lin, 0);
    let fresh = "green-hill-old-door";
    let mut browser = served.browser();
    let mut form = vec![
        ("phone", phone.as_str()),
        ("code", "000000"),
        ("recovery", lin.recovery_codes[1].as_str()),
        ("password", fresh),
    ];
    for _ in 0..6 {
        let wrong = browser.post_from("/recover", "/recover", &form);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Guessing here closes this door alone: who has the password signs in as ever.
    let mut owner = served.browser();
    enter_password(&mut owner, &lin, PASSWORD);
    let entered = owner.post_from("/sign-in/code", "/sign-in/code", &[("code", &code)]);
    assert_eq!(entered.to(), "/", "{}", entered.text);
    served.world.ambient.clock.advance_ms(16 * 60_000);
    let code = served.world.code(&lin, 0);
    form[1] = ("code", code.as_str());
    let done = browser.post_from("/recover", "/recover", &form);
    assert_eq!(done.to(), "/sign-in?changed=1", "{}", done.text);
    assert_eq!(
        served.browser_of(&lin).get("/").status,
        StatusCode::SEE_OTHER,
        "every device is signed out"
    );
    assert!(
        enter_password(&mut browser, &lin, fresh)
            .to()
            .starts_with("/sign-in/code")
    );
    served.world.ambient.clock.advance_ms(31_000);
    let code = served.world.code(&lin, 0);
    browser.post_from("/sign-in/code", "/sign-in/code", &[("code", &code)]);
    let inbox = browser.get("/inbox");
    assert!(
        inbox.shows("Your password was changed"),
        "a new password is told: {}",
        inbox.text
    );
}

/// Without scripts a button can be pressed twice: the browser shows the second answer alone.
#[test]
fn a_recovery_that_is_sent_twice_leads_to_the_one_new_password() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::En);
    let (phone, code) = (lin.phone.to_string(), served.world.code(&lin, 0));
    let fresh = "green-hill-old-door";
    let mut browser = served.browser();
    let csrf = browser.get("/recover").field("csrf");
    let sent = |password: &'static str| {
        [
            ("csrf", csrf.clone()),
            ("phone", phone.clone()),
            ("code", code.clone()),
            ("recovery", lin.recovery_codes[1].clone()),
            ("password", password.to_owned()),
        ]
    };
    let mut press = |password| {
        let sent = sent(password);
        let fields: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/recover", &fields)
    };
    for _ in 0..7 {
        let done = press(fresh);
        assert_eq!(done.to(), "/sign-in?changed=1", "{}", done.text);
    }
    // Another password is no repeat, and is counted: nobody tries passwords here.
    for _ in 0..5 {
        let other = press("brown-hill-old-door");
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(press(fresh).shows("Too many wrong tries"));
    let mut owner = served.browser();
    let entered = enter_password(&mut owner, &lin, fresh);
    assert!(entered.to().starts_with("/sign-in/code"), "{}", entered.text);
}

#[test]
fn strangers_who_know_a_number_cannot_close_its_owners_second_factor() {
    let served = Served::new();
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut stranger = served.browser();
    let fail = |browser: &mut Browser, phone: &str| {
        let form = [
            ("phone", phone),
            ("code", "000000"),
            ("recovery", "aaaa-aaaa-aa"),
            ("password", "green-hill-old-door"),
        ];
        browser.post_from("/recover", "/recover", &form)
    };
    for phone in ["13800138010", "13911112222"] {
        for _ in 0..5 {
            fail(&mut stranger, phone);
        }
        let closed = fail(&mut stranger, phone);
        assert!(
            closed.shows("Too many wrong tries"),
            "the same for everybody: {}",
            closed.text
        );
    }
    let mut owner = served.browser();
    enter_password(&mut owner, &lin, PASSWORD);
    let code = served.world.code(&lin, 0);
    let done = owner.post_from("/sign-in/code", "/sign-in/code", &[("code", &code)]);
    assert_eq!(done.to(), "/", "{}", done.text);
}

#[test]
fn nobody_works_at_the_desk_with_the_first_password() {
    let served = Served::new();
    served.world.first_day("zhou.min", Role::RiskOfficer);
    let mut browser = served.browser();
    let fields = [("name", "zhou.min"), ("password", PASSWORD)];
    let entered = browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    assert_eq!(entered.to(), "/staff/sign-in/password", "{}", entered.text);
    let csrf = browser.get("/staff/sign-in/password").field("csrf");
    for path in ["/staff/totp", "/staff/sign-in/code"] {
        assert_eq!(browser.get(path).to(), "/staff/sign-in/password", "{path}");
        let tried = browser.post(path, &[("csrf", &csrf), ("code", "000000")]);
        assert_eq!(tried.status, StatusCode::FORBIDDEN, "{path}: {}", tried.text);
    }
    let fresh = [
        ("password", "green-hill-old-door"),
        ("again", "green-hill-old-door"),
    ];
    let path = "/staff/sign-in/password";
    assert_eq!(browser.post_from(path, path, &fresh).to(), "/staff/sign-in/code");
    assert_eq!(browser.get("/staff/sign-in/code").to(), "/staff/totp");
    let page = browser.get("/staff/totp");
    finish_enrolment(&served, &mut browser, "/staff/totp", &page);
    assert_eq!(browser.get("/staff").status, StatusCode::OK);
    let log = served
        .world
        .db
        .read(|tx| security::audit::recent(tx, None, 9))
        .unwrap();
    let of_them = log
        .iter()
        .filter(|entry| entry.actor == format!("staff:{}", entry.subject));
    let actions: Vec<&str> = of_them.map(|entry| entry.action.as_str()).collect();
    let expected = [
        "staff.sign_in",
        "staff.authenticator_enrolled",
        "staff.password_changed",
    ];
    assert_eq!(actions, expected, "newest first");
}

#[test]
fn a_member_who_replaces_the_authenticator_is_in_the_audit_log() {
    let served = Served::new();
    served.world.staff("zhou.min", Role::RiskOfficer);
    let (ambient, keyring) = (served.world.ambient.clone(), served.world.keyring.clone());
    let codes = served.world.db.write(move |tx| {
        let login = logins::by_staff_name(tx, &keyring, "zhou.min")?.unwrap();
        logins::renew_recovery_codes(tx, &ambient, &keyring, login.id)
    });
    let codes = codes.unwrap();
    let mut browser = served.browser();
    let fields = [("name", "zhou.min"), ("password", PASSWORD)];
    browser.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    let path = "/staff/sign-in/code";
    let enrol = browser.post_from(path, path, &[("code", &codes[0])]);
    assert!(enrol.shows("Add your authenticator"), "{}", enrol.text);
    finish_enrolment(&served, &mut browser, "/staff/totp", &enrol);
    let log = served
        .world
        .db
        .read(|tx| security::audit::recent(tx, None, 9))
        .unwrap();
    assert_eq!(log[1].action, "staff.authenticator_replaced");
}
