//! A small world with something to see on every page, served for looking at it:
//! `cargo run -p web --example preview`. It prints a cookie for each person.

#[expect(dead_code, reason = "the tests use more of it than a look does")]
#[path = "../tests/web/world/mod.rs"]
mod world;

use base::{Ambient, Clock, Language, Rng};
use security::staff::Role;
use std::io::Write;
use web::RequestLimits;
use world::World;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let limits = RequestLimits {
        sign_in: 10_000,
        apply: 10_000,
        pages: 100_000,
        body_ms: 10_000,
    };
    let world = tokio::task::spawn_blocking(move || {
        // The past is lived through by hand, and the clock stands still at the present.
        let clock = Clock::manual(Clock::System.now().plus_secs(-9 * 86_400));
        let world = World::new(
            Ambient {
                clock,
                rng: Rng::from_system(),
            },
            limits,
        );
        people(&world);
        world
    })
    .await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8199").await?;
    println!("listening http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    web::serve(
        listener,
        web::router(world.state.clone()),
        false,
        std::future::pending(),
    )
    .await
}

fn people(world: &World) {
    let wei = world.person("陈伟", "13800138001", Language::ZhHans);
    let ming = world.person("王小明", "13800138002", Language::ZhHans);
    let he = world.person("He Ping", "13800138003", Language::En);
    for rich in [&wei, &ming, &he] {
        world.top_up(rich, 3_000_000);
    }
    let mut waiting = world.person("林晓雯", "13800138010", Language::ZhHans);
    let mut on_call = world.person("赵蕾", "13800138011", Language::ZhHans);
    let mut ready = world.person("Ma Jun", "13800138012", Language::En);
    for one in [&waiting, &on_call, &ready] {
        world.top_up(one, 1_500_000);
        for (minor, note) in [
            (2_350, "早餐"),
            (14_620, ""),
            (8_800, "书"),
            (3_100, ""),
            (12_000, ""),
        ] {
            world.pay(one, &wei, minor, note);
            world.ambient.clock.advance_ms(8 * 3_600_000);
        }
        world.pay(&he, one, 30_000, "还你的午饭钱");
    }
    let past = world.ambient.now();
    world
        .ambient
        .clock
        .advance_ms(Clock::System.now().as_ms() - past.as_ms() - 60_000);
    world.beat();
    for one in [&mut waiting, &mut on_call, &mut ready] {
        world.sign_in(one);
    }
    let second = world.hold(&on_call, &ming, 62_500, "");
    let third = world.hold(&ready, &ming, 62_500, "Camera");
    for begun in world.ring() {
        world.answer(&begun, true);
        if begun.case.customer == Some(ready.customer) {
            world.details_played(third, &begun);
            world.hang_up(&begun, calls::Disposition::HungUp);
        }
    }
    let frozen = world.person("吴迪", "13800138013", Language::ZhHans);
    world.top_up(&frozen, 250_000);
    let stopped = world.hold(&frozen, &ming, 160_000, "");
    for begun in world.ring() {
        world.answer(&begun, true);
        world.stop(&begun);
        world.hang_up(&begun, calls::Disposition::Stopped);
    }
    let first = world.hold(&waiting, &ming, 62_500, "相机");
    let progress = world.apply("李四", "13800138020", "11010519491231002X");
    println!("applied session=- payment={progress}");
    let invited = world.invite("苏晴", "13800138040");
    println!("invited session=- payment={invited}");
    for (name, person, payment) in [
        ("waiting", &waiting, Some(first)),
        ("on_call", &on_call, Some(second)),
        ("ready", &ready, Some(third)),
        ("frozen", &frozen, Some(stopped)),
    ] {
        println!(
            "{name} session={} payment={}",
            person.session,
            payment.map_or(String::new(), |id| id.to_string())
        );
        println!("{name} phone={} code={}", person.phone, world.code(person, 0));
    }
    let (session, _) = world.staff("chen.hua", Role::Supervisor);
    println!("staff session={session} payment={second}");
    applications(world);
    requests(world, second, third);
    println!(
        "desk_wallet session=- payment=/staff/wallets/{}",
        waiting.wallet.id
    );
    println!(
        "desk_frozen session=- payment=/staff/wallets/{}",
        frozen.wallet.id
    );
}

/// Applications in every state that has a page of its own.
fn applications(world: &World) {
    for (number, state, reasons) in [
        (1, "more_documents", "name_differs:0:0"),
        (2, "declined", "overdue_loans:5:3,long_overdue:140:90"),
        (3, "callback", "limit_by_income:4800000:6"),
        (4, "referred", "low_score:512:550"),
        (5, "activated", "limit_as_requested:6000000:6000000"),
        (6, "withdrawn", ""),
    ] {
        let body = format!("11010519900101{number:03}");
        let check = people::identity_checks::gb11643::check_character(&body);
        let phone = format!("1390013800{number}");
        let (id, token) = world.applied(&phone, &format!("{body}{check}"), state, reasons);
        println!("app_{state} session=- payment={token}");
        println!("desk_{state} session=- payment=/staff/applications/{id}");
        if state == "referred" {
            world.supply(id, b"\x89PNG\r\n\x1a\n");
        }
    }
}

/// One request that waits for the reader, one refused, one whose payment was settled meanwhile.
fn requests(world: &World, one: base::PaymentId, other: base::PaymentId) {
    use security::four_eyes::{self, Action, Requested, Wanted};
    let member = |name: &str| {
        let ambient = world.ambient.clone();
        let (name, role) = (name.to_owned(), Role::RiskOfficer);
        let hash = security::passwords::hash(&ambient, security::passwords::Cost::TEST, world::PASSWORD);
        let keyring = world.keyring.clone();
        let added = world
            .db
            .write(move |tx| security::staff::add(tx, &ambient, &keyring, &name, role, &hash));
        match added.expect("a member can be added") {
            security::staff::Added::Added(id) => (id, role),
            other => panic!("{other:?}"),
        }
    };
    let (zhou, li) = (member("zhou.min"), member("li.na"));
    let ask = |by, action: Action, subject: String, reason: &'static str| {
        let ambient = world.ambient.clone();
        let asked = world.db.write(move |tx| {
            let wanted = Wanted {
                action,
                subject: &subject,
                payload: "",
                reason,
                ends_by: None,
            };
            four_eyes::request(tx, &ambient, by, &wanted)
        });
        match asked.expect("it can be asked for") {
            Requested::Requested(id) => id,
            other => panic!("{other:?}"),
        }
    };
    let reason = "客户带身份证到柜台，确认是本人付款。";
    ask(zhou, Action::ReleasePayment, one.to_string(), reason);
    let refused = ask(
        zhou,
        Action::VoidPayment,
        other.to_string(),
        "The customer wrote to us.",
    );
    let ambient = world.ambient.clone();
    world
        .db
        .write(move |tx| four_eyes::refuse(tx, &ambient, li, refused, "We have no such letter."))
        .expect("it can be refused");
    ask(zhou, Action::ReleasePayment, other.to_string(), reason);
    let (now, released) = (world.ambient.now(), [Action::ReleasePayment]);
    world
        .db
        .write(move |tx| four_eyes::overtaken(tx, now, &released, &other.to_string()))
        .expect("it can be over");
}
