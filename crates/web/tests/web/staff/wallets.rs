//! Freezes: one member sets one, two lift it.

use super::Member;
use crate::browser::Served;
use axum::http::StatusCode;
use base::Language;
use security::staff::Role;

#[test]
fn a_freeze_beside_a_stopped_payment_is_lifted_by_two() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    world.freeze(&lin, "customer-stop");
    let mut agent = Member::at(&served, "chen.hua", Role::Agent);
    let mut approver = Member::at(&served, "li.na", Role::Supervisor);
    assert!(agent.get("/staff/wallets").shows("林晓雯"));
    let path = format!("/staff/wallets/{}/unfreeze", lin.wallet.id);
    agent.post(&path, &[("unfreeze", "Spoke at the branch")]);
    let request = approver.request();
    let by_agent = agent.post(&format!("{request}/approve"), &[]);
    assert_eq!(by_agent.status, StatusCode::FORBIDDEN);
    approver.agree();
    assert!(!approver.get("/staff/wallets").shows("林晓雯"));
}

#[test]
fn one_member_freezes_with_a_reason_and_two_lift_it() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let payment = world.hold(&lin, &wang, 150_000, "");
    let mut agent = Member::at(&served, "chen.hua", Role::Agent);
    let nobody = agent.post("/staff/wallets/find", &[("find", "13900000000")]);
    assert!(nobody.shows("No wallet has this number"), "{}", nobody.text);
    let path = format!("/staff/wallets/{}", lin.wallet.id);
    for typed in ["138 0013 8010", &lin.wallet.number.to_string()] {
        let found = agent.post("/staff/wallets/find", &[("find", typed)]);
        assert_eq!(found.to(), path, "{typed}");
    }
    let freeze = format!("{path}/freeze");
    let silent = agent.post(&freeze, &[("freeze", "")]);
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = agent.post(&freeze, &[("freeze", "Reported a stolen phone")]);
    assert_eq!(done.to(), format!("{path}?done=frozen"), "{}", done.text);
    let page = agent.get(&path);
    for text in ["Reported a stolen phone", "Two members of staff", "chen.hua"] {
        assert!(page.shows(text), "{text}: {}", page.text);
    }
    let again = agent.post(&freeze, &[("freeze", "again")]);
    assert!(again.shows("Nothing was done"));
    assert!(agent.get(&format!("/staff/payments/{payment}")).shows("Stopped"));
    let mut owner = served.browser_of(&lin);
    let security = owner.get("/security");
    assert!(security.shows("our staff"), "{}", security.text);
    let code = world.code(&lin, 1);
    let lifted = owner.post("/security/unfreeze", &[("csrf", &lin.csrf), ("code", &code)]);
    assert_ne!(lifted.to(), "/security?done=unfrozen");
    let frozen = agent.get(&path).shows("Frozen");
    assert!(frozen, "the customer alone lifts no freeze of ours");
    let mut auditor = Member::at(&served, "zhang.wei", Role::Administrator);
    assert!(auditor.get("/staff/audit").shows("wallet.freeze"));
}
