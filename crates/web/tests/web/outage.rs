//! The database fails under the API: 503 in the caller's words, nothing is lost, and the same key
//! gives the answer once it is back. The money's verbs on PostgreSQL.

use crate::api::{Api, PLENTY, Reply, order, request};
use crate::browser::NOON;
use crate::world::{Person, World};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use base::{Ambient, Language};
use serde_json::{Value, json};
use store::harness::{Cluster, TestDb};
use store::{Db, DbConfig, DbError, Sql, Tx};

fn on_postgres() -> Api {
    Api::over(World::on_postgres(Ambient::seeded(NOON, 7), PLENTY))
}

fn pay_in(api: &Api, language: &str, by: &Person, key: &str, body: &Value) -> Reply {
    let mut request = request(Method::POST, "/api/v1/payments", &by.session)
        .header("content-type", "application/json")
        .header("Idempotency-Key", key);
    let headers = request.headers_mut().unwrap();
    headers.insert("accept-language", language.parse().unwrap());
    api.send(request.body(Body::from(body.to_string())).unwrap())
}

/// 503 with its words, and when to come back.
fn assert_unavailable(reply: &Reply, words: &str) {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{}", reply.json());
    assert_eq!(reply.problem().0, "unavailable");
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(words), "{detail}");
    assert!(!reply.header("retry-after").is_empty());
}

/// What the machines that watch it are told.
fn assert_readiness(api: &Api, status: StatusCode, writes: bool) {
    let ready = api.get("/health/ready", "");
    assert_eq!(
        (ready.status, ready.json()["writes"].clone()),
        (status, json!(writes))
    );
}

#[test]
fn a_full_disk_is_told_in_the_callers_language_and_the_same_key_pays_once_there_is_room() {
    let api = Api::new();
    let (li, wang) = api.two();
    let pages = |sql: &'static Sql| {
        api.world
            .db
            .write(move |tx: &mut Tx<'_>| tx.query(sql, &[], |row| row.int(0)))
    };
    static FULL: Sql = Sql("PRAGMA max_page_count = 1");
    static ROOM: Sql = Sql("PRAGMA max_page_count = 1000000");
    // The limit cannot fall below what is there: the file can grow no further.
    pages(&FULL).unwrap();
    let wish = order(&wang, "0.01");
    let mut paid = 0;
    let full = (0..5_000)
        .map(|number| format!("fill-{number}"))
        .find(|key| {
            let reply = api.post_keyed("/api/v1/payments", &li.session, key, &wish);
            paid += i64::from(reply.status == StatusCode::CREATED);
            reply.status != StatusCode::CREATED
        })
        .expect("the disk fills up");
    assert_unavailable(&pay_in(&api, "en", &li, &full, &wish), "storage is full");
    assert_unavailable(&pay_in(&api, "zh-CN", &li, &full, &wish), "存储空间已满");
    assert_readiness(&api, StatusCode::SERVICE_UNAVAILABLE, false);
    pages(&ROOM).unwrap();
    let first = api.post_keyed("/api/v1/payments", &li.session, &full, &wish);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.json());
    assert_readiness(&api, StatusCode::OK, true);
    let again = api.post_keyed("/api/v1/payments", &li.session, &full, &wish);
    assert_eq!(
        (&again.bytes, again.header("idempotency-replayed")),
        (&first.bytes, "true")
    );
    let account = wang.wallet.account;
    let wallet = api
        .world
        .db
        .read(move |tx| money::wallets::by_account(tx, account))
        .unwrap();
    assert_eq!(
        wallet.unwrap().posted_minor,
        paid + 1,
        "each acknowledged payment once"
    );
}

#[test]
fn a_database_that_vanishes_and_returns_loses_nothing() {
    let api = on_postgres();
    let (li, wang) = api.two();
    let before = api.post_keyed("/api/v1/payments", &li.session, "before", &order(&wang, "1"));
    assert_eq!(before.status, StatusCode::CREATED, "{}", before.json());
    let door = Door::of(&api.world.db);
    door.shut();
    for (language, words) in [("en", "safe to try the same again"), ("zh-CN", "不会重复付款")] {
        let reply = pay_in(&api, language, &li, "during", &order(&wang, "2"));
        assert_unavailable(&reply, words);
    }
    let freeze = api.post("/api/v1/wallet/freeze", &li.session, &json!({}));
    assert_unavailable(&freeze, "safe");
    let list = api.get("/api/v1/payments", &li.session);
    assert_unavailable(&list, "safe");
    door.open();
    // Connections are made anew; the first requests may still meet a dead one.
    let during = (0..50)
        .map(|_| api.post_keyed("/api/v1/payments", &li.session, "during", &order(&wang, "2")))
        .find(|reply| reply.status != StatusCode::SERVICE_UNAVAILABLE)
        .expect("it is back");
    assert_eq!(during.status, StatusCode::CREATED, "{}", during.json());
    for (key, first, amount) in [("before", &before, "1"), ("during", &during, "2")] {
        let again = api.post_keyed("/api/v1/payments", &li.session, key, &order(&wang, amount));
        assert_eq!(again.bytes, first.bytes, "{key}");
    }
    assert_eq!(api.available(&wang), "3.00");
    assert_eq!(api.available(&li), "3997.00");
}

#[test]
fn the_moneys_verbs_work_on_postgresql() {
    let api = on_postgres();
    let (li, wang) = api.two();
    let zhao = api.world.person("赵云", "13800138003", Language::En);
    let topped = api.post_keyed(
        "/api/v1/top-ups",
        &li.session,
        "t1",
        &json!({ "amount": "100.00", "currency": "CNY" }),
    );
    assert_eq!(topped.status, StatusCode::CREATED, "{}", topped.json());
    let paid = api.post_keyed("/api/v1/payments", &li.session, "k1", &order(&wang, "12.50"));
    assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.json());
    let reused = api.post_keyed("/api/v1/payments", &li.session, "k1", &order(&wang, "12.51"));
    assert_eq!(reused.problem().0, "key-reused");
    let held = api.world.hold(&li, &zhao, 110_000, "");
    let place = format!("/api/v1/payments/{held}");
    assert_eq!(api.get(&place, &li.session).json()["state"], "held");
    assert_eq!(api.get(&place, &zhao.session).status, StatusCode::NOT_FOUND);
    let notices = api.get("/api/v1/notices?limit=1", &li.session).json();
    assert_eq!(notices["notices"].as_array().unwrap().len(), 1, "{notices}");
    let stopped = api.post(&format!("{place}/stop"), &li.session, &json!({ "freeze": false }));
    assert_eq!(stopped.json()["state"], "voided", "{}", stopped.json());
    let frozen = api.post("/api/v1/wallet/freeze", &li.session, &json!({}));
    assert_eq!(frozen.json()["frozen"]["by"], "customer", "{}", frozen.json());
    let refused = api.post_keyed("/api/v1/payments", &li.session, "k2", &order(&wang, "1"));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = api.world.code(&li, 0);
    let open = api.post("/api/v1/wallet/unfreeze", &li.session, &json!({ "code": code }));
    assert_eq!(open.status, StatusCode::OK, "{}", open.json());
    assert_eq!(api.available(&li), "4087.50");
    let list = api.get("/api/v1/payments?limit=2", &li.session).json();
    assert_eq!(list["payments"].as_array().unwrap().len(), 2);
    assert!(money::verify(&api.world.db).unwrap().is_sound());
}

/// The way to one database of the cluster, shut and opened from outside.
struct Door {
    outside: Db,
    name: String,
}

impl Door {
    fn of(db: &TestDb) -> Self {
        let DbConfig::Postgres { url, .. } = db.config() else {
            panic!("only PostgreSQL has a door")
        };
        let name = url.rsplit('=').next().unwrap().to_owned();
        let outside = DbConfig::Postgres {
            url: Cluster::shared().create_database(&format!("outside_{name}")),
            writers: 1,
            readers: 1,
        };
        let outside = Db::open(&outside, Ambient::seeded(NOON, 1)).unwrap();
        Self { outside, name }
    }

    fn shut(&self) {
        self.set("false");
        let text = format!(
            "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS BIGINT) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        );
        let sql: &'static Sql = Box::leak(Box::new(Sql(text.leak())));
        self.outside
            .write(move |tx| tx.query(sql, &[], |row| row.int(0)))
            .map(drop)
            .unwrap_or_else(|problem: DbError| panic!("{problem}"));
    }

    fn open(&self) {
        self.set("true");
    }

    fn set(&self, allowed: &str) {
        let text = format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {allowed}", self.name);
        let sql: &'static Sql = Box::leak(Box::new(Sql(text.leak())));
        self.outside
            .write(move |tx| tx.execute(sql, &[]))
            .map(drop)
            .unwrap_or_else(|problem: DbError| panic!("{problem}"));
    }
}
