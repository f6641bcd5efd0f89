//! What takes two: asked for with a reason, agreed to or refused by another person.

use super::Member;
use crate::browser::Served;
use axum::http::StatusCode;
use base::{Language, PaymentId};
use money::payments::{self, VoidedBy};
use security::four_eyes::{self, Action, Requested, Wanted, Withdrawn};
use security::staff::{self, Role};

/// A payment that waits for its customer.
fn held(served: &Served) -> PaymentId {
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    world.hold(&lin, &wang, 150_000, "")
}

#[test]
fn a_release_takes_two_people() {
    let served = Served::new();
    let path = format!("/staff/payments/{}", held(&served));
    let (mut asker, mut approver) = Member::two(&served);
    let release = format!("{path}/release");
    let empty = asker.post(&release, &[("release", " ")]);
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.shows("Give a reason"), "{}", empty.text);
    let asked = asker.post(&release, &[("release", "Came to the branch")]);
    assert_eq!(asked.to(), format!("{path}?done=asked"), "{}", asked.text);
    let twice = asker.post(&release, &[("release", "Once more")]);
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asker.get("/staff/requests").shows("another person must agree"));
    let page = asker.get(&path);
    assert!(page.shows("Came to the branch"));
    assert!(
        page.shows("<p>Release payment 林晓雯 → 王小明 ¥1,500.00</p>"),
        "{}",
        page.text
    );
    let request = approver.request();
    let own = asker.post(&format!("{request}/approve"), &[]);
    assert!(own.shows("Whoever asked cannot agree as well"), "{}", own.text);
    let waiting = approver.get("/staff/requests");
    assert!(
        waiting.shows("林晓雯 → 王小明 ¥1,500.00"),
        "whom and how much: {}",
        waiting.text
    );
    let case = page
        .text
        .split("/staff/cases/")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let case = approver.get(&format!("/staff/cases/{}", case.unwrap()));
    assert!(case.shows(">林晓雯 → 王小明 ¥1,500.00</a>"), "{}", case.text);
    let done = approver.agree();
    assert_eq!(done.to(), "/staff/requests?done=approved", "{}", done.text);
    let again = approver.post(&format!("{request}/approve"), &[]);
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(approver.get(&path).shows("Paid"));
    let log = approver.get("/staff/audit");
    assert!(log.shows("approve.release_payment") && log.shows("request.release_payment"));
    assert!(log.shows("Agreed to: release a payment") && log.shows("Asked for: release a payment"));
    assert!(log.shows("asked by chen.hua; "), "{}", log.text);
}

#[test]
fn a_request_about_a_held_payment_ends_when_the_payment_does() {
    let served = Served::new();
    let id = held(&served);
    let path = format!("/staff/payments/{id}");
    let (mut asker, mut approver) = Member::two(&served);
    asker.post(&format!("{path}/release"), &[("release", "Came to the branch")]);
    let world = &served.world;
    let payment = world.db.read(move |tx| payments::get(tx, id)).unwrap();
    let deadline = payment.unwrap().hold.unwrap().deadline;
    let now = world.ambient.now();
    let open = world
        .db
        .read(move |tx| four_eyes::open_requests(tx, now))
        .unwrap();
    assert_eq!(open[0].expires_at, deadline);
    let page = approver.get(&path).text;
    let told = page.split("<dt>Deadline</dt><dd>").nth(1).expect("the deadline");
    let until = format!("until {}", told.split('<').next().unwrap());
    assert!(page.contains(&until), "{until}: {page}");
    assert!(approver.get("/staff/requests").shows(&until));
    // What is over is not asked for.
    let gone = open[0].id;
    let (ambient, by) = (world.ambient.clone(), open[0].requested_by);
    let taken = world
        .db
        .write(move |tx| four_eyes::withdraw(tx, &ambient, by, gone));
    assert_eq!(taken.unwrap(), Withdrawn::Withdrawn);
    let ambient = world.ambient.clone();
    world
        .db
        .write(move |tx| payments::void(tx, &ambient, id, VoidedBy::Freeze, ""))
        .unwrap();
    let late = asker.post(&format!("{path}/void"), &[("void", "Too late")]);
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.shows("Nothing was done"), "{}", late.text);
}

#[test]
fn a_request_whose_payment_was_settled_meanwhile_is_shown_as_over() {
    let served = Served::new();
    let id = held(&served);
    let (mut asker, mut approver) = Member::two(&served);
    let path = format!("/staff/payments/{id}");
    asker.post(&format!("{path}/release"), &[("release", "Came to the branch")]);
    let request = approver.request();
    let (db, now) = (&served.world.db, served.world.ambient.now());
    let asked = [Action::ReleasePayment];
    let ended = db.write(move |tx| four_eyes::overtaken(tx, now, &asked, &id.to_string()));
    assert_eq!(ended.unwrap(), 1);
    let list = asker.get("/staff/requests");
    assert!(
        list.shows("Nothing waits") && list.shows("Settled meanwhile"),
        "{}",
        list.text
    );
    assert!(!approver.get(&path).shows(&request));
    let late = approver.agree_to(&request);
    assert_eq!(late.status, StatusCode::CONFLICT);
    asker.browser.language = "zh-CN";
    assert!(asker.get("/staff/requests").shows("付款已了结"));
}

#[test]
fn who_agrees_proves_each_time_that_it_is_them() {
    let served = Served::new();
    let path = format!("/staff/payments/{}", held(&served));
    let (mut asker, mut approver) = Member::two(&served);
    asker.post(&format!("{path}/release"), &[("release", "Came to the branch")]);
    let approve = format!("{}/approve", approver.request());
    let alone = approver.post(&approve, &[]);
    assert_eq!(
        alone.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a session alone is not enough"
    );
    let slip = approver.post(&approve, &[("code", "12 34")]);
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(slip.shows("Type the six digits"), "{}", slip.text);
    let code = approver.code();
    let guessed = approver.post(&approve, &[("code", &other_than(&code))]);
    assert_eq!(guessed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        guessed.shows("That code is wrong or already used"),
        "{}",
        guessed.text
    );
    assert!(approver.get(&path).shows("Waiting for the customer"));
    let done = approver.post(&approve, &[("code", &code)]);
    assert_eq!(done.to(), "/staff/requests?done=approved", "{}", done.text);
    // The same form once more: decided already, and no attempt.
    for _ in 0..6 {
        let again = approver.post(&approve, &[("code", &code)]);
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.shows("handled already"), "{}", again.text);
    }
}

#[test]
fn whoever_guesses_codes_at_an_open_desk_is_locked_out() {
    let served = Served::new();
    let path = format!("/staff/payments/{}", held(&served));
    let (mut asker, mut approver) = Member::two(&served);
    asker.post(&format!("{path}/void"), &[("void", "Customer wants out")]);
    let approve = format!("{}/approve", approver.request());
    let code = approver.code();
    for _ in 0..5 {
        approver.post(&approve, &[("code", &other_than(&code))]);
    }
    let locked = approver.post(&approve, &[("code", &code)]);
    assert_eq!(locked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(locked.shows("Too many"), "{}", locked.text);
    assert!(approver.get(&path).shows("Waiting for the customer"));
    let log = approver.get("/staff/audit");
    assert!(log.shows("staff.locked_out") && !log.shows("approve.void_payment"));
}

/// Six digits that are not shown now.
fn other_than(code: &str) -> String {
    let code: u32 = code.parse().unwrap();
    format!("{:06}", (code + 7) % 1_000_000)
}

#[test]
fn a_request_is_refused_with_a_reason_that_whoever_asked_reads() {
    let served = Served::new();
    let path = format!("/staff/payments/{}", held(&served));
    let (mut asker, mut approver) = Member::two(&served);
    let mut agent = Member::at(&served, "he.yu", Role::Agent);
    asker.post(&format!("{path}/release"), &[("release", "Came to the branch")]);
    let refuse = format!("{}/refuse", approver.request());

    let watched = agent.get("/staff/requests");
    assert!(watched.shows("A risk officer or supervisor decides this"));
    let by_agent = agent.post(&refuse, &[("refusal", "no")]);
    assert_eq!(by_agent.status, StatusCode::FORBIDDEN);
    let own = asker.post(&refuse, &[("refusal", "no")]);
    assert!(own.shows("Whoever asked cannot"), "{}", own.text);
    let silent = approver.post(&refuse, &[("refusal", " ")]);
    assert_eq!(silent.status, StatusCode::CONFLICT);
    assert!(silent.shows("Say why you refuse"));
    let done = approver.post(&refuse, &[("refusal", "Nobody saw them there")]);
    assert_eq!(done.to(), "/staff/requests?done=refused", "{}", done.text);

    let read = asker.get("/staff/requests");
    assert!(
        read.shows("Nobody saw them there") && read.shows("Refused"),
        "{}",
        read.text
    );
    let waits = asker.get(&path).shows("Waiting for the customer");
    assert!(waits, "nothing moved");
    assert!(approver.get("/staff/audit").shows("refuse.release_payment"));
    // It can be asked for again, and taken back by whoever asked.
    asker.post(&format!("{path}/void"), &[("void", "Customer wants out")]);
    let request = asker.request();
    let taken = asker.post(&format!("{request}/withdraw"), &[]);
    assert_eq!(taken.to(), "/staff/requests?done=withdrawn");
    let late = approver.post(&format!("{request}/approve"), &[]);
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[test]
fn what_was_asked_for_leaves_the_list_with_whoever_may_no_longer_ask() {
    let served = Served::new();
    let id = held(&served);
    let path = format!("/staff/payments/{id}");
    let (mut asker, mut approver) = Member::two(&served);
    asker.post(&format!("{path}/release"), &[("release", "Came to the branch")]);
    let request = approver.request();
    let db = &served.world.db;
    let members = db.read(staff::list).unwrap();
    let moved = members.iter().find(|member| member.name == "chen.hua");
    let (moved, ambient) = (moved.unwrap().id, served.world.ambient.clone());
    let withdrawn = db.write(move |tx| staff::set_role(tx, &ambient, moved, Role::Teller));
    assert_eq!(withdrawn.unwrap(), Some(1));
    let list = approver.get("/staff/requests");
    assert!(
        list.shows("Nothing waits") && list.shows("Taken back"),
        "{}",
        list.text
    );
    assert!(!approver.get(&path).shows(&request), "nor on the payment's page");
    let late = approver.post(&format!("{request}/approve"), &[]);
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(approver.get(&path).shows("Waiting for the customer"));

    // Asked in the moment in which the role was changed.
    let (ambient, subject) = (served.world.ambient.clone(), id.to_string());
    let asked = db.write(move |tx| {
        let wanted = Wanted {
            action: Action::ReleasePayment,
            subject: &subject,
            payload: "",
            reason: "Came to the branch",
            ends_by: None,
        };
        four_eyes::request(tx, &ambient, (moved, Role::RiskOfficer), &wanted)
    });
    let Requested::Requested(orphan) = asked.unwrap() else {
        panic!("not asked");
    };
    assert!(approver.get("/staff/requests").shows("Nothing waits"));
    let refused = approver.agree_to(&format!("/staff/requests/{orphan}"));
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.shows("The request is closed"), "{}", refused.text);
    assert!(approver.get(&path).shows("Waiting for the customer"));
    let log = approver.get("/staff/audit");
    assert!(log.shows("request.withdraw") && !log.shows("approve.release_payment"));
}
