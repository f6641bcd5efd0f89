//! A case for a person: what there is to do about it, and that it ends.

use super::Member;
use crate::browser::Served;
use base::{Language, PaymentId, WalletId};
use calls::Disposition;
use calls::cases::{self, CaseKind};
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
