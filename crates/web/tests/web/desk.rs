//! What staff decide: refusals with their reason, freezes, referred applications and their files.

use crate::browser::{Browser, Served};
use crate::world::World;
use axum::http::StatusCode;
use base::{ApplicationId, Language};
use people::applications::{ApplicationState, Supply};
use security::staff::Role;

const DOCUMENT: &str = "11010519491231002X";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>";

/// The id of the first request on the page of requests.
fn request(browser: &mut Browser) -> String {
    let page = browser.get("/staff/requests").text;
    let rest = page.split("/staff/requests/").nth(1).expect("a request waits");
    rest.split('/').next().unwrap().to_owned()
}

fn supplied(world: &World, id: ApplicationId, kind: people::applications::FileKind, bytes: &[u8]) {
    let (ambient, keyring) = (world.ambient.clone(), world.keyring.clone());
    let supply = Supply::parse("", "", vec![(kind, bytes.to_vec())]).unwrap();
    world
        .db
        .write(move |tx| people::applications::supply_documents(tx, &ambient, &keyring, id, &supply))
        .unwrap();
}

#[test]
fn a_request_is_refused_with_a_reason_that_whoever_asked_reads() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let payment = world.hold(&lin, &wang, 150_000, "");
    let (first, first_csrf) = world.staff("chen.hua", Role::RiskOfficer);
    let (second, second_csrf) = world.staff("li.na", Role::Supervisor);
    let (third, third_csrf) = world.staff("he.yu", Role::Agent);
    let (mut asker, mut approver) = (served.staff_browser(&first), served.staff_browser(&second));
    let mut agent = served.staff_browser(&third);
    let path = format!("/staff/payments/{payment}");
    let fields = [("csrf", first_csrf.as_str()), ("release", "Came to the branch")];
    asker.post(&format!("{path}/release"), &fields);
    let id = request(&mut approver);
    let refuse = format!("/staff/requests/{id}/refuse");

    assert!(
        agent
            .get("/staff/requests")
            .shows("A risk officer or supervisor decides this")
    );
    let by_agent = agent.post(&refuse, &[("csrf", &third_csrf), ("refusal", "no")]);
    assert_eq!(by_agent.status, StatusCode::FORBIDDEN);
    let own = asker.post(&refuse, &[("csrf", &first_csrf), ("refusal", "no")]);
    assert!(own.shows("Whoever asked cannot"), "{}", own.text);
    let silent = approver.post(&refuse, &[("csrf", &second_csrf), ("refusal", " ")]);
    assert_eq!(silent.status, StatusCode::CONFLICT);
    assert!(silent.shows("Say why you refuse"));
    let done = approver.post(
        &refuse,
        &[("csrf", &second_csrf), ("refusal", "Nobody saw them there")],
    );
    assert_eq!(done.to(), "/staff/requests?done=refused", "{}", done.text);

    let read = asker.get("/staff/requests");
    assert!(
        read.shows("Nobody saw them there") && read.shows("Refused"),
        "{}",
        read.text
    );
    assert!(
        asker.get(&path).shows("Waiting for the customer"),
        "nothing moved"
    );
    assert!(approver.get("/staff/audit").shows("refuse.release_payment"));
    // It can be asked for again, and taken back by whoever asked.
    asker.post(
        &format!("{path}/void"),
        &[("csrf", &first_csrf), ("void", "Customer wants out")],
    );
    let id = request(&mut asker);
    let taken = asker.post(
        &format!("/staff/requests/{id}/withdraw"),
        &[("csrf", &first_csrf)],
    );
    assert_eq!(taken.to(), "/staff/requests?done=withdrawn");
    let late = approver.post(
        &format!("/staff/requests/{id}/approve"),
        &[("csrf", &second_csrf)],
    );
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[test]
fn one_member_freezes_with_a_reason_and_two_lift_it() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    let payment = world.hold(&lin, &wang, 150_000, "");
    let (session, csrf) = world.staff("chen.hua", Role::Agent);
    let mut agent = served.staff_browser(&session);
    let nobody = agent.post("/staff/wallets/find", &[("csrf", &csrf), ("find", "13900000000")]);
    assert!(nobody.shows("No wallet has this number"), "{}", nobody.text);
    let path = format!("/staff/wallets/{}", lin.wallet.id);
    for typed in ["138 0013 8010", &lin.wallet.number.to_string()] {
        let found = agent.post("/staff/wallets/find", &[("csrf", &csrf), ("find", typed)]);
        assert_eq!(found.to(), path, "{typed}");
    }
    let freeze = format!("{path}/freeze");
    let silent = agent.post(&freeze, &[("csrf", &csrf), ("freeze", "")]);
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = agent.post(&freeze, &[("csrf", &csrf), ("freeze", "Reported a stolen phone")]);
    assert_eq!(done.to(), format!("{path}?done=frozen"), "{}", done.text);
    let page = agent.get(&path);
    for text in ["Reported a stolen phone", "Two members of staff", "chen.hua"] {
        assert!(page.shows(text), "{text}: {}", page.text);
    }
    let again = agent.post(&freeze, &[("csrf", &csrf), ("freeze", "again")]);
    assert!(again.shows("Nothing was done"));
    assert!(agent.get(&format!("/staff/payments/{payment}")).shows("Stopped"));
    let mut owner = served.browser_of(&lin);
    assert!(
        owner.get("/security").shows("our staff"),
        "{}",
        owner.get("/security").text
    );
    let lifted = owner.post(
        "/security/unfreeze",
        &[("csrf", &lin.csrf), ("code", &world.code(&lin, 1))],
    );
    assert_ne!(lifted.to(), "/security?done=unfrozen");
    assert!(
        agent.get(&path).shows("Frozen"),
        "the customer alone lifts no freeze of ours"
    );
    let (auditor, _) = world.staff("zhang.wei", Role::Administrator);
    assert!(
        served
            .staff_browser(&auditor)
            .get("/staff/audit")
            .shows("wallet.freeze")
    );
}

#[test]
fn staff_ask_for_documents_look_at_them_and_let_the_application_go_on_to_its_call() {
    let served = Served::new();
    let world = &served.world;
    let (id, token) = world.applied("13800138020", DOCUMENT, "referred", "low_score:500:550");
    let (first, first_csrf) = world.staff("chen.hua", Role::RiskOfficer);
    let (second, second_csrf) = world.staff("li.na", Role::Supervisor);
    let (mut asker, mut approver) = (served.staff_browser(&first), served.staff_browser(&second));
    let path = format!("/staff/applications/{id}");
    let nothing = asker.post(&format!("{path}/documents"), &[("csrf", &first_csrf)]);
    assert!(nothing.shows("Tick what you need"));
    let wish = [("csrf", first_csrf.as_str()), ("income_proof", "yes")];
    let done = asker.post(&format!("{path}/documents"), &wish);
    assert_eq!(done.to(), format!("{path}?done=documents"), "{}", done.text);
    let progress = served.browser().get(&format!("/apply/progress/{token}"));
    assert!(progress.shows("proof of income"), "{}", progress.text);
    supplied(world, id, people::applications::FileKind::IncomeProof, PICTURE);
    assert_eq!(world.application(id).state, ApplicationState::Referred);

    let page = asker.get(&path);
    let file = page.text.split("/files/").nth(1).expect("a file is listed");
    let file = format!("{path}/files/{}", file.split('"').next().unwrap());
    assert!(page.shows("Proof of income") && page.shows("PNG"));
    let seen = asker.get(&file);
    assert_eq!(seen.headers["content-type"], "image/png");
    assert_eq!(seen.headers["x-content-type-options"], "nosniff");
    assert_eq!(seen.headers["cache-control"], "no-store");
    let policy = seen.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(
        seen.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("inline")
    );
    assert!(approver.get("/staff/audit").shows("application.file.view"));
    let (administrator, _) = world.staff("zhang.wei", Role::Administrator);
    assert_eq!(
        served.staff_browser(&administrator).get(&file).status,
        StatusCode::FORBIDDEN
    );
    let elsewhere = file.replace(&id.to_string(), &ApplicationId::new(&world.ambient).to_string());
    assert_eq!(asker.get(&elsewhere).status, StatusCode::NOT_FOUND);

    let wish = [("csrf", first_csrf.as_str()), ("approve", "Payslips agree")];
    asker.post(&format!("{path}/approve"), &wish);
    assert!(approver.get("/staff/requests").shows("subject to the call"));
    let request = request(&mut approver);
    approver.post(
        &format!("/staff/requests/{request}/approve"),
        &[("csrf", &second_csrf)],
    );
    assert_eq!(world.application(id).state, ApplicationState::Callback);
}

#[test]
fn a_pdf_is_saved_and_a_referred_application_is_declined_by_two() {
    let served = Served::new();
    let world = &served.world;
    let (id, _) = world.applied("13800138020", DOCUMENT, "referred", "low_score:500:550");
    world.supply(id, b"%PDF-1.7 and so on");
    let (first, first_csrf) = world.staff("chen.hua", Role::RiskOfficer);
    let (second, second_csrf) = world.staff("li.na", Role::Supervisor);
    let (mut asker, mut approver) = (served.staff_browser(&first), served.staff_browser(&second));
    let path = format!("/staff/applications/{id}");
    let page = asker.get(&path);
    let file = page
        .text
        .split("/files/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let seen = asker.get(&format!("{path}/files/{file}"));
    let place = seen.headers["content-disposition"].to_str().unwrap();
    assert!(
        place.starts_with("attachment") && place.ends_with(".pdf\""),
        "{place}"
    );
    asker.post(
        &format!("{path}/decline"),
        &[("csrf", &first_csrf), ("decline", "Not legible")],
    );
    let request = request(&mut approver);
    approver.post(
        &format!("/staff/requests/{request}/approve"),
        &[("csrf", &second_csrf)],
    );
    assert_eq!(world.application(id).state, ApplicationState::Declined);
    assert!(asker.get("/staff/requests").shows("Agreed"));
}
