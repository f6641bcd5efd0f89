//! A small world behind real tables: people with wallets, payments in every state, calls under way.

mod applications;
mod calls;
mod money;
mod persons;

pub use persons::{PASSWORD, Person};

use ::calls::CallPolicy;
use ::money::payments::IdempotencyKey;
use ::money::{Gatherer, Policy, rails};
use base::{Ambient, Currency, OperatorZone};
use security::passwords::Cost;
use security::sealing::Keyring;
use security::sessions::SessionPolicy;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Migration;
use store::harness::{self, TestDb};
use web::{AppState, Brand, RequestLimits, Setup};

const ROOMS: &[&[Migration]] = &[
    store::MIGRATIONS,
    security::MIGRATIONS,
    people::MIGRATIONS,
    ::money::MIGRATIONS,
    ::calls::MIGRATIONS,
    support::MIGRATIONS,
];
pub struct World {
    pub db: TestDb,
    pub ambient: Ambient,
    pub keyring: Keyring,
    pub gatherer: Gatherer,
    pub call_policy: CallPolicy,
    pub state: AppState,
    keys: AtomicU64,
}

impl World {
    pub fn new(ambient: Ambient, limits: RequestLimits) -> Self {
        let db = harness::sqlite_with(ROOMS, ambient.clone());
        Self::on(db, ambient, limits)
    }

    pub fn on_postgres(ambient: Ambient, limits: RequestLimits) -> Self {
        let db = harness::postgres_with(ROOMS, ambient.clone());
        Self::on(db, ambient, limits)
    }

    fn on(db: TestDb, ambient: Ambient, limits: RequestLimits) -> Self {
        let keyring = Keyring::ephemeral(&ambient);
        let policy = Policy::cn();
        let gatherer = Gatherer::start((*db).clone(), ambient.clone(), Arc::new(policy.clone()));
        let zone = OperatorZone::named("Asia/Shanghai").unwrap();
        let mut call_policy = CallPolicy::standard(zone.clone(), "95138");
        call_policy.words_after_enrolled_ms = 0;
        call_policy.lease_ms = 24 * 3_600_000;
        call_policy.quiet = ::calls::QuietHours::NONE;
        let state = AppState::new(Setup {
            db: (*db).clone(),
            ambient: ambient.clone(),
            keyring: keyring.clone(),
            gatherer: gatherer.clone(),
            policy,
            call_policy: call_policy.clone(),
            brand: Brand {
                name_zh_hans: "回铃".into(),
                name_en: "Huiling".into(),
                calling_number: "95138".into(),
                public_url: "http://localhost".into(),
            },
            zone,
            secure: false,
            behind_proxy: false,
            password_cost: Cost::TEST,
            session_policy: SessionPolicy::default(),
            request_limits: limits,
            links_fill_apply: false,
            recordings: std::env::temp_dir(),
            line_ready: Arc::new(|| true),
        });
        let world = Self {
            db,
            ambient,
            keyring,
            gatherer,
            call_policy,
            state,
            keys: AtomicU64::new(1),
        };
        world
            .db
            .write(|tx| rails::ensure_rail(tx, Currency::Cny))
            .unwrap();
        world.beat();
        world
    }

    fn key(&self) -> IdempotencyKey {
        let number = self.keys.fetch_add(1, Ordering::SeqCst);
        IdempotencyKey::parse(&format!("world-{number}")).unwrap()
    }
}
