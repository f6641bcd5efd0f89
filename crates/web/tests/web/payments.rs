//! Paying in the browser: once, to the right person, and never without the customer's own act.

use crate::browser::Served;
use crate::staff::Member;
use crate::world::Person;
use axum::http::StatusCode;
use base::Language;
use security::staff::Role;
use store::Sql;

fn pair(served: &Served) -> (Person, Person) {
    let lin = served.world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = served.world.person("王小明", "13800138011", Language::ZhHans);
    served.world.top_up(&lin, 2_000_000);
    (lin, wang)
}

fn balance(served: &Served, person: &Person) -> i64 {
    let account = person.wallet.account;
    let wallet = served
        .world
        .db
        .read(move |tx| money::wallets::by_account(tx, account))
        .unwrap();
    wallet.unwrap().posted_minor
}

#[test]
fn a_double_click_pays_once() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let mut browser = served.browser_of(&lin);
    let typed = [("to", "13800138011"), ("amount", "25.50"), ("note", "午饭")];
    let review = browser.post_from("/pay", "/pay/review", &typed);
    assert_eq!(review.status, StatusCode::OK, "{}", review.text);
    assert!(review.shows("王*明"), "a stranger's name is masked");
    let (key, payee) = (review.field("key"), review.field("payee"));
    let mut order = typed.to_vec();
    order.extend([
        ("key", key.as_str()),
        ("csrf", lin.csrf.as_str()),
        ("payee", &payee),
    ]);
    let first = browser.post("/pay", &order);
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    let second = browser.post("/pay", &order);
    assert_eq!(first.to(), second.to());
    assert_eq!(balance(&served, &wang), 2_550);
    let page = browser.get(first.to());
    assert!(page.shows("¥25.50 to 王小明"), "{}", page.text);
    let receipt = browser.get(&format!("{}/receipt", first.to()));
    assert!(receipt.shows("午饭"));
    let mut other = order.clone();
    other[1] = ("amount", "26");
    let reused = browser.post("/pay", &other);
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reused.shows("Key used for something else"));
    let mut payee = served.browser_of(&wang);
    assert_eq!(payee.get(first.to()).status, StatusCode::OK);
    let stranger = served.world.person("赵蕾", "13800138012", Language::ZhHans);
    assert_eq!(
        served.browser_of(&stranger).get(first.to()).status,
        StatusCode::NOT_FOUND
    );
}

#[test]
fn bad_input_is_named_beside_its_field() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let mut browser = served.browser_of(&lin);
    for (to, amount, field, text) in [
        ("13900000000", "5", "to", "No wallet has this number"),
        ("", "5", "to", "mobile or wallet number."),
        ("13800138010", "5", "to", "your own wallet"),
        ("13800138011", "0", "amount", "above zero"),
        ("13800138011", "-3", "amount", "above zero"),
        ("13800138011", "1.234", "amount", "at most 2 decimal places"),
        ("13800138011", "much", "amount", "Enter the amount in digits"),
        ("13800138011", "99999999999999999", "amount", "too large"),
        (
            "13800138011",
            "6000",
            "amount",
            "At most ¥5,000.00 may be paid at once",
        ),
    ] {
        let seen = browser.post_from("/pay", "/pay/review", &[("to", to), ("amount", amount)]);
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{to} {amount}");
        assert!(seen.shows(&format!("id=\"{field}-error\"")), "{to} {amount}");
        assert!(seen.shows(text), "{to} {amount}: {}", seen.text);
        assert_eq!(seen.field("amount"), amount);
    }
    let key = "k-over";
    let payee = wang.wallet.number.to_string();
    let order = [
        ("to", "13800138011"),
        ("payee", payee.as_str()),
        ("amount", "6000"),
        ("key", key),
        ("csrf", lin.csrf.as_str()),
    ];
    let over = browser.post("/pay", &order);
    assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(over.shows("id=\"amount-error\""), "{}", over.text);
}

#[test]
fn a_held_payment_moves_only_by_the_customers_own_act_after_the_call() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let world = &served.world;
    let payment = world.hold(&lin, &wang, 150_000, "");
    let path = format!("/payments/{payment}");
    let mut browser = served.browser_of(&lin);
    let waiting = browser.get(&path);
    assert!(waiting.shows("Payment on hold"));
    assert!(waiting.shows("Answer our call first"));
    let early = browser.post_from(
        &path,
        &format!("{path}/confirm"),
        &[("code", "000000"), ("nonce", &"A".repeat(43))],
    );
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        served.browser_of(&wang).get(&path).status,
        StatusCode::NOT_FOUND,
        "the payee sees nothing"
    );

    let begun = world.ring();
    let rings = browser.get("/");
    assert!(rings.shows("We are calling you now") && rings.shows(">Calling now<"));
    world.answer(&begun[0], true);
    let home = browser.get("/");
    assert!(
        home.shows(">On the call<") && !home.shows(">Calling now<"),
        "{}",
        home.text
    );
    assert!(browser.get(&path).shows("The caller will say these words"));
    world.details_played(payment, &begun[0]);
    let page = browser.get(&path);
    let nonce = page.field("nonce");
    let wrong = browser.post_from(
        &path,
        &format!("{path}/confirm"),
        &[("code", "123456"), ("nonce", &nonce)],
    );
    assert!(wrong.shows("was used already"), "{}", wrong.text);
    assert_eq!(balance(&served, &wang), 0);
    let nonce = browser.get(&path).field("nonce");
    let code = world.code(&lin, 0);
    let done = browser.post_from(
        &path,
        &format!("{path}/confirm"),
        &[("code", &code), ("nonce", &nonce)],
    );
    assert_eq!(done.to(), path, "{}", done.text);
    let again = [("code", code.as_str()), ("nonce", &nonce), ("csrf", &lin.csrf)];
    let twice = browser.post(&format!("{path}/confirm"), &again);
    assert_eq!(twice.to(), path, "sent twice, done once: {}", twice.text);
    assert_eq!(balance(&served, &wang), 150_000);
    assert!(browser.get(&path).shows("The money has arrived"));
}

#[test]
fn a_code_that_is_none_is_a_slip_and_no_attempt() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let world = &served.world;
    let payment = world.hold(&lin, &wang, 150_000, "");
    let path = format!("/payments/{payment}");
    let mut browser = served.browser_of(&lin);
    let begun = world.ring();
    world.answer(&begun[0], true);
    world.details_played(payment, &begun[0]);
    for slip in ["", "12345", "1234567", "12345x"].repeat(5) {
        let nonce = browser.get(&path).field("nonce");
        let typed = [("code", slip), ("nonce", &nonce)];
        let said = browser.post_from(&path, &format!("{path}/confirm"), &typed);
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(said.shows("Type the six digits"), "{}", said.text);
        let own = format!("data-own=\"{path}\"");
        assert!(
            said.shows(&own),
            "going back asks for the page, not for the form again"
        );
        assert!(!browser.get(&path).shows("data-own"));
    }
    // Twenty wrong codes would have locked it.
    let nonce = browser.get(&path).field("nonce");
    let typed = [("code", &*world.code(&lin, 0)), ("nonce", &nonce)];
    let done = browser.post_from(&path, &format!("{path}/confirm"), &typed);
    assert_eq!(done.to(), path, "{}", done.text);
    assert_eq!(balance(&served, &wang), 150_000);
}

#[test]
fn a_call_that_was_put_off_says_when_the_next_one_comes() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let world = &served.world;
    let payment = world.hold(&lin, &wang, 150_000, "");
    let begun = world.ring();
    world.answer(&begun[0], true);
    world.details_played(payment, &begun[0]);
    world.ambient.clock.advance_ms(30_000);
    world.hang_up(&begun[0], calls::Disposition::HungUp);
    let page = served.browser_of(&lin).get(&format!("/payments/{payment}"));
    assert!(
        page.shows("We call you") && page.shows("<time>next "),
        "{}",
        page.text
    );
    assert!(page.shows("Confirm this payment"), "it can be signed meanwhile");
    let story = format!("/staff/payments/{payment}");
    let mut agent = Member::at(&served, "chen.hua", Role::Agent);
    let mut planned = || agent.get(&story).text.matches("<li class=\"now\">").count();
    assert_eq!(planned(), 1);
    world.ambient.clock.advance_ms(16 * 60_000);
    world.beat();
    assert_eq!(world.ring().len(), 1);
    assert_eq!(planned(), 0, "what was planned has come");
}

#[test]
fn a_payee_who_was_paid_before_is_named_in_full_on_hold_and_the_signature_covers_that_name() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let world = &served.world;
    let first = world.hold(&lin, &wang, 150_000, "");
    let mut browser = served.browser_of(&lin);
    let stranger = browser.get(&format!("/payments/{first}"));
    assert!(
        stranger.shows("王*明") && !stranger.shows("王小明"),
        "{}",
        stranger.text
    );
    let lists = ["/", "/activity", "/notices"];
    for list in lists {
        let page = browser.get(list);
        assert!(
            page.shows("王*明") && !page.shows("王小明"),
            "{list}: {}",
            page.text
        );
    }
    world.pay(&lin, &wang, 1_000, "");
    let path = format!("/payments/{first}");
    for page in lists.into_iter().chain([path.as_str()]) {
        let known = browser.get(page);
        assert!(
            known.shows("王小明") && !known.shows("王*明"),
            "{page}: {}",
            known.text
        );
    }
    let begun = world.ring();
    world.answer(&begun[0], true);
    world.details_played(first, &begun[0]);
    let (nonce, code) = (browser.get(&path).field("nonce"), world.code(&lin, 0));
    let signed = [("csrf", lin.csrf.as_str()), ("nonce", &nonce), ("code", &code)];
    for _ in 0..2 {
        let done = browser.post(&format!("{path}/confirm"), &signed);
        assert_eq!(done.to(), path, "{}", done.text);
    }
    assert_eq!(balance(&served, &wang), 151_000);
}

static IN_NEW_YORK: Sql = Sql("UPDATE call_notice SET zone = 'America/New_York'");

#[test]
fn whose_clock_counts_is_said_only_beside_a_time_of_that_clock() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let world = &served.world;
    world.hold(&lin, &wang, 150_000, "");
    world.db.write(|tx| tx.execute(&IN_NEW_YORK, &[])).unwrap();
    let mut browser = served.browser_of(&lin);
    let announced = browser.get("/notices");
    assert!(announced.shows("New York"), "{}", announced.text);
    let begun = world.ring();
    assert!(!browser.get("/notices").shows("New York"), "it rings now");
    world.answer(&begun[0], true);
    assert!(!browser.get("/notices").shows("New York"), "somebody is on it");
}

#[test]
fn a_frozen_wallet_is_told_once_on_the_pay_page_and_before_the_review() {
    let served = Served::new();
    let (lin, _) = pair(&served);
    let mut browser = served.browser_of(&lin);
    let typed = [("to", "13800138011"), ("amount", "25.50")];
    let review = browser.post_from("/pay", "/pay/review", &typed);
    let (key, payee) = (review.field("key"), review.field("payee"));
    browser.post("/security/freeze", &[("csrf", &lin.csrf)]);
    let mut order = typed.to_vec();
    order.extend([("key", key.as_str()), ("csrf", &lin.csrf), ("payee", &payee)]);
    for path in ["/pay", "/pay/review"] {
        let refused = browser.post(path, &order);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            refused.text.matches("wallet is frozen").count(),
            1,
            "{}",
            refused.text
        );
        assert!(refused.shows("href=\"/security\"") && refused.field("amount") == "25.50");
    }
    assert_eq!(browser.get("/pay").text.matches("wallet is frozen").count(), 1);
}

#[test]
fn a_signature_for_one_payment_does_not_release_another() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let world = &served.world;
    let zhao = world.person("赵蕾", "13800138012", Language::ZhHans);
    let first = world.hold(&lin, &wang, 150_000, "");
    let second = world.hold(&lin, &zhao, 120_000, "");
    let begun = world.ring();
    world.answer(&begun[0], false);
    world.details_played(first, &begun[0]);
    world.details_played(second, &begun[0]);
    let mut browser = served.browser_of(&lin);
    let nonce = browser.get(&format!("/payments/{first}")).field("nonce");
    let code = world.code(&lin, 0);
    let path = format!("/payments/{second}");
    let seen = browser.post_from(
        &path,
        &format!("{path}/confirm"),
        &[("code", &code), ("nonce", &nonce)],
    );
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(balance(&served, &zhao), 0);
    assert_eq!(balance(&served, &wang), 0);
}

#[test]
fn stopping_and_freezing_is_not_the_customers_alone_to_undo() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let payment = served.world.hold(&lin, &wang, 150_000, "");
    let path = format!("/payments/{payment}");
    let mut browser = served.browser_of(&lin);
    let stopped = browser.post_from(&path, &format!("{path}/stop"), &[("freeze", "yes")]);
    assert_eq!(stopped.to(), path);
    assert!(browser.get(&path).shows("You stopped it"));
    let page = browser.get("/security");
    assert!(page.shows("two of our staff must agree"));
    let code = served.world.code(&lin, 0);
    let refused = browser.post("/security/unfreeze", &[("csrf", &lin.csrf), ("code", &code)]);
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(browser.get("/").shows("Frozen · balance"));
}

#[test]
fn the_customers_own_freeze_is_lifted_with_a_code() {
    let served = Served::new();
    let (lin, _) = pair(&served);
    let mut browser = served.browser_of(&lin);
    browser.post("/security/freeze", &[("csrf", &lin.csrf)]);
    let wrong = browser.post("/security/unfreeze", &[("csrf", &lin.csrf), ("code", "000000")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = served.world.code(&lin, 0);
    let lifted = browser.post("/security/unfreeze", &[("csrf", &lin.csrf), ("code", &code)]);
    assert_eq!(lifted.to(), "/security?done=unfrozen");
    let twice = browser.post("/security/unfreeze", &[("csrf", &lin.csrf), ("code", &code)]);
    assert_eq!(twice.to(), "/security?done=unfrozen", "sent twice, lifted once");
    assert!(browser.get("/security?done=unfrozen").shows("Freeze now"));
}

#[test]
fn a_status_without_a_sign_of_life_is_unknown() {
    let served = Served::new();
    let (lin, _) = pair(&served);
    assert!(served.browser_of(&lin).get("/").shows("We are not calling you"));
    served.world.ambient.clock.advance_ms(2 * 86_400_000);
    let mut lin = lin;
    served.world.sign_in(&mut lin);
    let later = served.browser_of(&lin).get("/");
    assert!(later.shows("We cannot tell whether we are calling you"));
    assert!(!later.shows("<b>We are not calling you</b>"));
}

#[test]
fn a_line_that_is_down_is_said_where_a_call_is_awaited() {
    let served = Served::new();
    let (lin, wang) = pair(&served);
    let payment = served.world.hold(&lin, &wang, 150_000, "");
    let path = format!("/payments/{payment}");
    let mut browser = served.browser_of(&lin);
    assert!(!browser.get(&path).shows("line is down"));
    served.world.line_goes_down();
    let held = browser.get(&path);
    assert!(held.shows("Our telephone line is down"), "{}", held.text);
    assert!(held.shows("this payment stops by itself"), "the deadline holds");
    let home = browser.get("/");
    assert!(home.shows("We are not calling you") && home.shows("Our line is down"));
}

#[test]
fn a_held_payment_that_no_call_can_reach_says_so_and_what_to_do() {
    let mut served = Served::new();
    served.world.call_policy.per_number_hour = 1;
    served.world.call_policy.per_number_day = 1;
    let (lin, wang) = pair(&served);
    served.world.hold(&lin, &wang, 150_000, "");
    let first = served.world.ring().remove(0);
    served.world.hang_up(&first, calls::Disposition::NoAnswer);
    let payment = served.world.hold(&lin, &wang, 150_000, "");
    assert_eq!(served.world.ring().len(), 0, "called once today");
    let mut browser = served.browser_of(&lin);
    let held = browser.get(&format!("/payments/{payment}"));
    assert!(held.shows("No further call comes"), "{}", held.text);
    assert!(held.shows("order it again later") && held.shows("it stops by itself"));
    assert!(held.shows("Stop this payment") && !held.shows("Answer our call first"));
    let announced = browser.get("/").text.matches("We will call").count();
    assert_eq!(announced, 1, "the first payment's call alone");
}

#[test]
fn a_code_signs_this_amount_and_payee_and_a_repeat_needs_none() {
    let served = Served::new();
    let (mut lin, wang) = pair(&served);
    // A habit of paying ¥900 to a known payee: a little more is no reason to hold.
    for _ in 0..6 {
        served.world.pay(&lin, &wang, 90_000, "");
        served.world.ambient.clock.advance_ms(12 * 3_600_000);
    }
    served.world.sign_in(&mut lin);
    let zhao = served.world.person("赵蕾", "13800138012", Language::ZhHans);
    let mut browser = served.browser_of(&lin);
    let sheet = |browser: &mut crate::browser::Browser, to: &str, amount: &str| {
        let typed = [("to", to), ("amount", amount)];
        let review = browser.post_from("/pay", "/pay/review", &typed);
        let (key, payee) = (review.field("key"), review.field("payee"));
        let mut order = typed.to_vec();
        order.extend([
            ("key", key.as_str()),
            ("payee", &payee),
            ("csrf", lin.csrf.as_str()),
        ]);
        let asked = browser.post("/pay", &order);
        assert!(
            asked.shows("name=\"nonce\""),
            "a code is asked for: {}",
            asked.text
        );
        (asked.field("key"), payee, asked.field("nonce"))
    };
    let before = balance(&served, &wang);
    let (key, payee, nonce) = sheet(&mut browser, "13800138011", "1200");
    let code = served.world.code(&lin, 0);
    let order = |amount: &'static str, to: &'static str| {
        [
            ("to", to),
            ("amount", amount),
            ("code", code.as_str()),
            ("key", key.as_str()),
        ]
        .into_iter()
        .chain([
            ("payee", payee.as_str()),
            ("nonce", nonce.as_str()),
            ("csrf", lin.csrf.as_str()),
        ])
        .collect::<Vec<_>>()
    };
    let other_amount = browser.post("/pay", &order("1201", "13800138011"));
    assert!(
        other_amount.shows("belongs to an older page"),
        "{}",
        other_amount.text
    );
    let other_payee = browser.post("/pay", &order("1200", "13800138012"));
    assert!(other_payee.shows("The payee changed"), "{}", other_payee.text);
    assert_eq!((balance(&served, &wang), balance(&served, &zhao)), (before, 0));
    let wrong = {
        let mut order = order("1200", "13800138011");
        order[2] = ("code", "000000");
        browser.post("/pay", &order)
    };
    assert!(wrong.shows("id=\"code-error\""), "{}", wrong.text);
    let first = browser.post("/pay", &order("1200", "13800138011"));
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    let again = browser.post("/pay", &order("1200", "13800138011"));
    assert_eq!(again.to(), first.to(), "the code is spent, the answer stands");
}
