//! Who did what stays readable.

use super::Member;
use crate::browser::Served;
use axum::http::StatusCode;
use base::Language;
use security::staff::Role;

#[test]
fn the_log_says_who_came_who_was_kept_out_and_who_looked_at_whom() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    world.staff("chen.hua", Role::RiskOfficer);
    let mut supervisor = Member::at(&served, "li.na", Role::Supervisor);
    let mut officer = Member::at(&served, "zhou.min", Role::RiskOfficer);
    let path = format!("/staff/wallets/{}", lin.wallet.id);
    for _ in 0..3 {
        assert_eq!(officer.get(&path).status, StatusCode::OK);
    }
    let nobody = format!("/staff/wallets/{}", "0".repeat(32));
    assert_eq!(officer.get(&nobody).status, StatusCode::NOT_FOUND);
    officer.post("/staff/sign-out", &[]);
    let mut stranger = served.browser();
    for _ in 0..7 {
        let fields = [("name", "chen.hua"), ("password", "not-the-password")];
        stranger.post_from("/staff/sign-in", "/staff/sign-in", &fields);
    }
    let page = supervisor.get("/staff/audit");
    for words in ["Wallet opened", "Signed out", "Locked out after wrong attempts"] {
        assert!(page.shows(words), "{words}: {}", page.text);
    }
    let log = page.text;
    let written = |action: &str| log.matches(action).count();
    assert_eq!(written("wallet.view"), 1, "once an hour: {log}");
    assert_eq!(written("staff.sign_out"), 1, "{log}");
    assert_eq!(written("staff.locked_out"), 1, "{log}");
    supervisor.browser.language = "zh-CN";
    let page = supervisor.get("/staff/audit");
    for words in ["查看钱包", "退出登录", "多次输错，已锁定"] {
        assert!(page.shows(words), "{words}: {}", page.text);
    }
}
