//! The first page of the desk.

use super::Member;
use crate::browser::Served;
use base::Language;
use security::staff::Role;
use std::sync::Arc;
use store::Sql;
use store::jobs::{self, JobEnd, NewJob};
use store::outbox::{self, Handlers};

static OF_TOMORROW: Sql = Sql("UPDATE call_case SET outcome = 'beamed'");

#[test]
fn background_work_that_fails_is_said_with_what_to_do() {
    let served = Served::new();
    let mut agent = Member::at(&served, "agent.one", Role::Agent);
    assert!(!agent.get("/staff").shows("Work in the background fails"));
    let (db, ambient) = (served.world.db.clone(), served.world.ambient.clone());
    db.write(move |tx| {
        outbox::publish(tx, &ambient, "payment_held", &[1; 16], "{}")?;
        jobs::enqueue(tx, &ambient, NewJob::new("notify.sms", "1", "{}", ambient.now()))?;
        let job = jobs::claim(tx, &ambient, "notify.sms", 1, 1_000)?.remove(0);
        let error = "no such number".to_owned();
        jobs::finish(tx, &ambient, &job, &JobEnd::Abandon { error })
    })
    .unwrap();
    let mut handlers = Handlers::default();
    handlers.on("payment_held", |_, _| Err("the pot is cracked".into()));
    outbox::pump(&db, &Arc::new(handlers), 10).unwrap();
    let page = agent.get("/staff");
    assert!(
        page.shows(
            "Work in the background fails: payment_held, notify.sms. 1 tried again by themselves. 1 given up"
        ),
        "{}",
        page.text
    );
    assert!(page.shows("Tell whoever runs this program"));
    assert!(!page.shows("cracked"), "causes are the log's");
}

/// One that this version cannot read: nobody is called about it, and the desk still opens.
#[test]
fn a_case_that_cannot_be_read_is_counted_in_the_trouble() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓", "+8613700137001", Language::En);
    let wang = world.person("王小明", "+8613700137002", Language::En);
    world.top_up(&lin, 1_000_000);
    world.hold(&lin, &wang, 150_000, "");
    world.db.write(|tx| tx.execute(&OF_TOMORROW, &[])).unwrap();
    let mut agent = Member::at(&served, "agent.one", Role::Agent);
    let page = agent.get("/staff");
    let told = "Work in the background fails: calls.unreadable_case. 1 tried again by themselves.";
    assert!(page.shows(told), "{}", page.text);
}
