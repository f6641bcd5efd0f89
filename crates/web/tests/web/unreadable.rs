//! What a newer version of the program wrote, or what is damaged: it hides nothing else, from staff
//! or from customers.

use crate::browser::{Browser, Served};
use crate::staff::Member;
use crate::world::Person;
use axum::http::StatusCode;
use base::{Language, PaymentId};
use calls::Disposition;
use calls::cases::{self, CaseKind};
use security::staff::Role;
use store::Sql;

static OUTCOME_OF_TOMORROW: Sql = Sql("UPDATE call_case SET outcome = 'beamed' WHERE subject = $1");
static STATE_OF_TOMORROW: Sql = Sql("UPDATE call_case SET state = 'parked' WHERE subject = $1");
static PURPOSE_OF_TOMORROW: Sql = Sql("UPDATE call_notice SET purpose = 'beam'
    WHERE case_id = (SELECT id FROM call_case WHERE subject = $1)");
static CALL_OF_TOMORROW: Sql = Sql("UPDATE call_attempt SET disposition = 'vanished'
    WHERE case_id = (SELECT id FROM call_case WHERE subject = $1)");
static CUSTOMER_OF_TOMORROW: Sql = Sql("UPDATE customers SET language = 'tlh' WHERE id = $1");

struct Scene {
    served: Served,
    lin: Person,
    /// The first, whose call was declined; what was written of it changes.
    first: PaymentId,
    second: PaymentId,
}

impl Scene {
    fn new() -> Self {
        let served = Served::new();
        let world = &served.world;
        let lin = world.person("林晓", "+8613700137001", Language::En);
        let wang = world.person("王小明", "+8613700137002", Language::En);
        world.top_up(&lin, 2_000_000);
        let first = world.hold(&lin, &wang, 150_000, "");
        for begun in world.ring() {
            world.hang_up(&begun, Disposition::Declined);
        }
        let second = world.hold(&lin, &wang, 160_000, "");
        Self {
            lin,
            first,
            second,
            served,
        }
    }

    fn change(&self, sql: &'static Sql, id: [u8; 16]) {
        let changed = self
            .served
            .world
            .db
            .write(move |tx| tx.execute(sql, &[(&id).into()]));
        assert_eq!(changed.unwrap(), 1);
    }

    fn case(&self, payment: PaymentId) -> String {
        let kind = CaseKind::PaymentConfirmation(payment);
        let case = self.served.world.db.read(move |tx| cases::by_kind(tx, kind));
        case.unwrap().unwrap().id.to_string()
    }

    fn agent(&self) -> Member {
        Member::at(&self.served, "agent.one", Role::Agent)
    }

    fn browser(&self) -> Browser {
        self.served.browser_of(&self.lin)
    }
}

const TOLD: &str = "1 more on this page cannot be read";

#[test]
fn the_desk_lists_what_it_can_read_and_counts_the_rest() {
    let scene = Scene::new();
    let mut agent = scene.agent();
    assert!(!agent.get("/staff/cases").shows(TOLD));
    let (hidden, shown) = (scene.case(scene.first), scene.case(scene.second));
    scene.change(&OUTCOME_OF_TOMORROW, scene.first.0);
    for list in ["/staff/cases", "/staff/cases?filter=waiting"] {
        let page = agent.get(list);
        assert_eq!(page.status, StatusCode::OK, "{list}: {}", page.text);
        assert!(page.shows(&shown) && page.shows(TOLD), "{list}: {}", page.text);
        assert!(!page.shows(&hidden), "{list}: {}", page.text);
    }
    let none = agent.get("/staff/cases?filter=staff");
    assert!(!none.shows(TOLD), "it does not wait for a person");
    // Its call can be read.
    let calls = agent.get("/staff/calls");
    assert!(calls.shows("Declined") && !calls.shows(TOLD), "{}", calls.text);
    scene.change(&CALL_OF_TOMORROW, scene.first.0);
    let calls = agent.get("/staff/calls");
    assert!(!calls.shows("Declined") && calls.shows(TOLD), "{}", calls.text);
}

#[test]
fn the_page_of_a_case_or_a_call_that_cannot_be_read_says_so_and_what_to_do() {
    for changed in [&OUTCOME_OF_TOMORROW, &CALL_OF_TOMORROW] {
        let scene = Scene::new();
        let mut agent = scene.agent();
        let case = format!("/staff/cases/{}", scene.case(scene.first));
        assert_eq!(agent.get(&case).status, StatusCode::OK);
        scene.change(changed, scene.first.0);
        let page = agent.get(&case);
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        for told in ["This cannot be read", "Tell whoever runs this program"] {
            assert!(page.shows(told), "{}: {}", changed.0, page.text);
        }
        assert!(!page.shows("try again"), "{}", page.text);
    }
}

#[test]
fn the_desk_lists_the_case_of_a_customer_who_cannot_be_read() {
    let scene = Scene::new();
    scene.change(&CUSTOMER_OF_TOMORROW, scene.lin.wallet.customer.0);
    let mut agent = scene.agent();
    for list in ["/staff/cases", "/staff/calls"] {
        let page = agent.get(list);
        assert_eq!(page.status, StatusCode::OK, "{list}: {}", page.text);
        assert!(page.shows(&scene.case(scene.first)), "{list}: {}", page.text);
        assert!(page.shows("Name cannot be read"), "{list}: {}", page.text);
    }
}

#[test]
fn the_customer_sees_the_other_calls_that_we_announced() {
    for changed in [
        &OUTCOME_OF_TOMORROW,
        &STATE_OF_TOMORROW,
        &PURPOSE_OF_TOMORROW,
        &CALL_OF_TOMORROW,
    ] {
        let scene = Scene::new();
        scene.change(changed, scene.first.0);
        let mut browser = scene.browser();
        let payment = format!("/payments/{}", scene.second);
        for path in ["/", "/notices", "/is-this-you"] {
            let page = browser.get(path);
            assert_eq!(page.status, StatusCode::OK, "{path} {}: {}", changed.0, page.text);
            assert!(
                path == "/is-this-you" || page.shows(&payment),
                "{path}: {}",
                page.text
            );
        }
    }
}
