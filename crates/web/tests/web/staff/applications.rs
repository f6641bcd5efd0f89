//! Referred applications and the files that came with them.

use super::Member;
use crate::browser::Served;
use crate::world::World;
use axum::http::StatusCode;
use base::ApplicationId;
use people::applications::{ApplicationState, FileKind, Supply};
use security::staff::Role;

const DOCUMENT: &str = "11010519491231002X";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>";

fn supplied(world: &World, id: ApplicationId, kind: FileKind, bytes: &[u8]) {
    let (ambient, keyring) = (world.ambient.clone(), world.keyring.clone());
    let supply = Supply::parse("", "", vec![(kind, bytes.to_vec())]).unwrap();
    world
        .db
        .write(move |tx| people::applications::supply_documents(tx, &ambient, &keyring, id, &supply))
        .unwrap();
}

#[test]
fn staff_ask_for_documents_look_at_them_and_let_the_application_go_on_to_its_call() {
    let served = Served::new();
    let world = &served.world;
    let (id, token) = world.applied("13800138020", DOCUMENT, "referred", "low_score:500:550");
    let (mut asker, mut approver) = Member::two(&served);
    let path = format!("/staff/applications/{id}");
    let nothing = asker.post(&format!("{path}/documents"), &[]);
    assert!(nothing.shows("Tick what you need"));
    let done = asker.post(&format!("{path}/documents"), &[("income_proof", "yes")]);
    assert_eq!(done.to(), format!("{path}?done=documents"), "{}", done.text);
    let progress = served.browser().get(&format!("/apply/progress/{token}"));
    assert!(progress.shows("proof of income"), "{}", progress.text);
    supplied(world, id, FileKind::IncomeProof, PICTURE);
    assert_eq!(world.application(id).state, ApplicationState::Referred);

    let page = asker.get(&path);
    let file = page.text.split("/files/").nth(1).expect("a file is listed");
    let file = format!("{path}/files/{}", file.split('"').next().unwrap());
    assert!(page.shows("Proof of income") && page.shows("PNG"));
    let seen = asker.get(&file);
    let header = |name: &str| seen.headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "no-store");
    let policy = header("content-security-policy");
    assert!(
        policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(header("content-disposition").starts_with("inline"));
    assert!(approver.get("/staff/audit").shows("application.file.view"));
    let mut administrator = Member::at(&served, "zhang.wei", Role::Administrator);
    assert_eq!(administrator.get(&file).status, StatusCode::FORBIDDEN);
    let elsewhere = file.replace(&id.to_string(), &ApplicationId::new(&world.ambient).to_string());
    assert_eq!(asker.get(&elsewhere).status, StatusCode::NOT_FOUND);

    let fields = [("approve", "Payslips agree"), ("approve-limit", "60000")];
    asker.post(&format!("{path}/approve"), &fields);
    assert!(approver.get("/staff/requests").shows("subject to the call"));
    approver.agree();
    assert_eq!(world.application(id).state, ApplicationState::Callback);
}

#[test]
fn a_pdf_is_saved_and_a_referred_application_is_declined_by_two() {
    let served = Served::new();
    let world = &served.world;
    let (id, _) = world.applied("13800138020", DOCUMENT, "referred", "low_score:500:550");
    world.supply(id, b"%PDF-1.7 and so on");
    let (mut asker, mut approver) = Member::two(&served);
    let path = format!("/staff/applications/{id}");
    let page = asker.get(&path).text;
    let file = page.split("/files/").nth(1).unwrap().split('"').next().unwrap();
    let seen = asker.get(&format!("{path}/files/{file}"));
    let place = seen.headers["content-disposition"].to_str().unwrap();
    assert!(
        place.starts_with("attachment") && place.ends_with(".pdf\""),
        "{place}"
    );
    asker.post(&format!("{path}/decline"), &[("decline", "Not legible")]);
    approver.agree();
    assert_eq!(world.application(id).state, ApplicationState::Declined);
    assert!(asker.get("/staff/requests").shows("Agreed"));
}

#[test]
fn staff_grant_a_lower_limit_and_the_applicant_reads_why() {
    let served = Served::new();
    let world = &served.world;
    let (id, token) = world.applied("13800138020", DOCUMENT, "referred", "low_score:500:550");
    let (mut asker, mut approver) = Member::two(&served);
    let path = format!("/staff/applications/{id}");
    assert_eq!(asker.get(&path).field("activate-limit"), "60000.00");
    for (limit, reason) in [
        ("60000.01", "more"),
        ("99.99", "less than anybody needs"),
        ("", "none"),
        ("-1", "below nothing"),
        ("1e4", "not a number"),
        ("1000", " "),
    ] {
        let fields = [("activate", reason), ("activate-limit", limit)];
        let refused = asker.post(&format!("{path}/activate"), &fields);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{limit}");
        assert!(refused.shows("aria-invalid"), "{limit}: {}", refused.text);
    }
    let fields = [("activate", "Income is seasonal"), ("activate-limit", "20000")];
    let asked = asker.post(&format!("{path}/activate"), &fields);
    assert_eq!(asked.to(), format!("{path}?done=asked"), "{}", asked.text);
    let request = approver.get("/staff/requests");
    assert!(request.shows("limit ¥20,000.00 a year") && request.shows("Income is seasonal"));
    approver.agree();
    let granted = world.application(id).grant.unwrap();
    assert_eq!((granted.limit_minor, granted.tier), (2_000_000, 2));
    assert!(approver.get("/staff/audit").shows("limit 2000000"));
    let progress = served.browser().get(&format!("/apply/progress/{token}"));
    assert!(
        progress.shows("our staff set it at ¥20,000.00"),
        "{}",
        progress.text
    );
}
