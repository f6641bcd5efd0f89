//! A case for a person: what there is to do about it, and that it ends.

use super::Member;
use crate::browser::Served;
use axum::http::{StatusCode, header};
use base::{Language, PaymentId, WalletId};
use calls::Disposition;
use calls::cases::{self, CaseKind};
use security::audit::{self, Entry};
use security::staff::Role;

/// A payment that its customer stopped on the telephone; the address of the case for staff.
fn stopped(served: &Served) -> (PaymentId, WalletId, String) {
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let payment = world.hold(&lin, &wang, 150_000, "");
    for begun in world.ring() {
        world.answer(&begun, false);
        world.stop(&begun);
        world.hang_up(&begun, Disposition::Stopped);
    }
    let path = address(served, CaseKind::Security(payment));
    (payment, lin.wallet.id, path)
}

fn address(served: &Served, kind: CaseKind) -> String {
    let case = served.world.db.read(move |tx| cases::by_kind(tx, kind));
    format!("/staff/cases/{}", case.unwrap().unwrap().id)
}

#[test]
fn the_case_of_a_stopped_payment_says_what_to_do_and_ends_when_two_unfreeze_the_wallet() {
    let served = Served::new();
    let (payment, wallet, path) = stopped(&served);
    let mut agent = Member::at(&served, "chen.hua", Role::Agent);
    let mut approver = Member::at(&served, "li.na", Role::Supervisor);
    assert!(agent.get("/staff/cases?filter=staff").shows(&path));
    let page = agent.get(&path);
    for text in [
        "What to do",
        "The customer stopped this payment on our call",
        "Talk to the customer",
        &format!("/staff/payments/{payment}"),
        // The call itself is told and heard there.
        &address(&served, CaseKind::PaymentConfirmation(payment)),
        "Unfreeze the wallet",
    ] {
        assert!(page.shows(text), "{text}: {}", page.text);
    }
    assert!(
        !page.shows("Attempts") && !page.shows("Deadline"),
        "{}",
        page.text
    );
    let ask = format!("/staff/wallets/{wallet}/unfreeze");
    assert!(page.shows(&format!("action=\"{ask}\"")), "{}", page.text);
    let done = agent.post(&ask, &[("unfreeze", "Spoke with her from 95138")]);
    assert_eq!(done.to(), format!("/staff/wallets/{wallet}?done=asked"));
    let page = agent.get(&path);
    assert!(page.shows("Spoke with her from 95138"), "{}", page.text);
    assert!(!page.shows(&ask), "it is asked for once");
    approver.agree();
    assert!(!agent.get("/staff/cases?filter=staff").shows(&path));
    let page = agent.get(&path);
    assert!(
        page.shows("Handled") && !page.shows("What to do"),
        "{}",
        page.text
    );
}

#[test]
fn what_to_do_is_said_in_chinese_too() {
    let served = Served::new();
    let (.., path) = stopped(&served);
    let mut agent = Member::at(&served, "chen.hua", Role::Agent);
    agent.browser.language = "zh-CN";
    let page = agent.get(&path);
    for text in ["怎么处理", "客户在我们的电话里停止了这笔付款", "解冻钱包"] {
        assert!(page.shows(text), "{text}: {}", page.text);
    }
}

fn looks(served: &Served) -> Vec<Entry> {
    let log = served.world.db.read(|tx| audit::recent(tx, None, 200)).unwrap();
    let is_look = |entry: &Entry| entry.action == "case.number.view";
    log.into_iter().filter(is_look).collect()
}

#[test]
fn the_number_to_call_is_shown_whole_to_whoever_asks_and_that_is_written_down() {
    const NUMBER: &str = "13800138010";
    let served = Served::new();
    let (payment, wallet, path) = stopped(&served);
    let mut agent = Member::at(&served, "chen.hua", Role::Agent);
    let page = agent.get(&path);
    let ask = format!("{path}/number");
    assert!(
        page.shows("138 **** 8010") && page.shows(&format!("action=\"{ask}\"")),
        "{}",
        page.text
    );
    assert!(!page.shows(NUMBER) && looks(&served).is_empty());

    let whole = agent.post(&ask, &[]);
    assert_eq!(whole.status, StatusCode::OK, "{}", whole.text);
    assert!(
        whole.shows("<dd>+8613800138010</dd>") && !whole.shows(&ask),
        "{}",
        whole.text
    );
    assert_eq!(whole.headers[header::CACHE_CONTROL], "no-store");
    assert!(
        whole.shows(&format!("data-own=\"{path}\"")),
        "loaded again, it is masked"
    );
    let look = looks(&served).remove(0);
    assert_eq!(format!("/staff/cases/{}", look.subject), path);
    let customer = served.world.db.read(move |tx| money::wallets::by_id(tx, wallet));
    let customer = customer.unwrap().unwrap().customer;
    assert_eq!(look.detail, format!("customer:{customer}"));
    assert!(look.actor.starts_with("staff:"));
    agent.post(&ask, &[]);
    assert_eq!(looks(&served).len(), 2, "every look");

    let mut supervisor = Member::at(&served, "li.na", Role::Supervisor);
    for page in [
        path.clone(),
        address(&served, CaseKind::PaymentConfirmation(payment)),
        format!("/staff/payments/{payment}"),
        format!("/staff/wallets/{wallet}"),
        format!("/staff/wallets/{wallet}/number"),
    ] {
        assert!(!supervisor.get(&page).shows(NUMBER), "{page}");
    }
    for page in [
        "",
        "/cases",
        "/payments",
        "/wallets",
        "/calls",
        "/requests",
        "/audit",
    ] {
        assert!(!supervisor.get(&format!("/staff{page}")).shows(NUMBER), "{page}");
    }
    let told = "Telephone number shown in full";
    assert!(supervisor.get("/staff/audit").shows(told));
    supervisor.browser.language = "zh-CN";
    assert!(supervisor.get("/staff/audit").shows("查看完整手机号码"));
    assert!(supervisor.get(&path).shows("显示号码"));
}

#[test]
fn the_number_is_shown_to_nobody_else_and_for_no_case_that_needs_no_call() {
    let served = Served::new();
    let (payment, wallet, path) = stopped(&served);
    let ask = format!("{path}/number");
    let mut agent = Member::at(&served, "chen.hua", Role::Agent);
    let refused = |member: &mut Member, ask: &str, status| {
        let seen = member.post(ask, &[]);
        assert_eq!(seen.status, status, "{}", seen.text);
        assert!(!seen.shows("13800138010"), "{}", seen.text);
    };
    for (name, role) in [("he.yu", Role::Teller), ("root.admin", Role::Administrator)] {
        refused(&mut Member::at(&served, name, role), &ask, StatusCode::FORBIDDEN);
    }
    let forged = agent.browser.post(&ask, &[("csrf", "no token of theirs")]);
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(agent.get(&ask).status, StatusCode::METHOD_NOT_ALLOWED);
    let called = address(&served, CaseKind::PaymentConfirmation(payment));
    refused(
        &mut agent,
        &format!("{called}/number"),
        StatusCode::UNPROCESSABLE_ENTITY,
    );
    let nobody = format!("/staff/cases/{}/number", "0".repeat(32));
    refused(&mut agent, &nobody, StatusCode::NOT_FOUND);
    // Two have lifted the freeze, and the case is over.
    let unfreeze = format!("/staff/wallets/{wallet}/unfreeze");
    agent.post(&unfreeze, &[("unfreeze", "Spoke with her from 95138")]);
    Member::at(&served, "li.na", Role::Supervisor).agree();
    refused(&mut agent, &ask, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!agent.get(&path).shows(&ask));
    assert!(looks(&served).is_empty());
}

#[test]
fn a_case_that_no_machine_calls_about_counts_no_attempts() {
    let served = Served::new();
    stopped(&served);
    let mut agent = Member::at(&served, "chen.hua", Role::Agent);
    for language in ["en", "zh-CN"] {
        agent.browser.language = language;
        let list = agent.get("/staff/cases?filter=staff").text;
        assert!(list.contains(">–<") && !list.contains("0 / "), "{list}");
        assert!(agent.get("/staff/cases").shows("1 / 3"), "the call that was made");
    }
}
