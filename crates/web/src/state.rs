use crate::guard::{Glances, Limiter, Places, TokenCache};
use crate::ops::Metrics;
use crate::shell::Brand;
use base::{Ambient, OperatorZone};
use calls::CallPolicy;
use money::{Gatherer, Policy};
use security::passwords::Cost;
use security::sealing::Keyring;
use security::sessions::SessionPolicy;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use store::Db;
use tokio::sync::Semaphore;

/// Passwords hashed at once: each takes 19 MiB and a core for a while.
const HASHES_AT_ONCE: usize = 4;
/// Pages and programs that listen for changes at once.
const LISTENERS_AT_ONCE: usize = 4_000;
/// Of these for one address.
const LISTENERS_FROM_ONE: usize = 256;
/// Forms with files that are read at once: each may hold 21 MiB.
const UPLOADS_AT_ONCE: usize = 8;

/// What the program gives to the web: the rooms it shows and the operator's choices.
pub struct Setup {
    pub db: Db,
    pub ambient: Ambient,
    pub keyring: Keyring,
    pub gatherer: Gatherer,
    pub policy: Policy,
    pub call_policy: CallPolicy,
    pub brand: Brand,
    pub zone: OperatorZone,
    /// Whether people reach us by TLS: cookies are then bound to it.
    pub secure: bool,
    /// Whether a proxy in front names the caller in `X-Forwarded-For`.
    pub behind_proxy: bool,
    pub password_cost: Cost,
    pub session_policy: SessionPolicy,
    pub request_limits: RequestLimits,
    /// Links may fill in an application's numbers too: for a demonstration, where they are nobody's.
    pub links_fill_apply: bool,
    pub recordings: PathBuf,
    /// Whether the telephone line is registered and takes calls.
    pub line_ready: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// How often one address may do what is costly or can be guessed, per minute, and how slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    pub sign_in: u32,
    pub apply: u32,
    pub pages: u32,
    /// How long a body may take to arrive; files have longer.
    pub body_ms: u64,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            sign_in: 20,
            apply: 10,
            pages: 600,
            body_ms: 10_000,
        }
    }
}

/// Shared by all requests.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    pub setup: Setup,
    pub brand: Arc<Brand>,
    pub hashing: Semaphore,
    pub listening: Arc<Semaphore>,
    pub listening_from: Places,
    pub uploads: Semaphore,
    pub glances: Glances,
    pub limiter: Limiter,
    pub tokens: TokenCache,
    pub metrics: Metrics,
}

impl AppState {
    pub fn new(setup: Setup) -> Self {
        Self(Arc::new(Shared {
            brand: Arc::new(setup.brand.clone()),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            uploads: Semaphore::new(UPLOADS_AT_ONCE),
            listening: Arc::new(Semaphore::new(LISTENERS_AT_ONCE)),
            listening_from: Places::new(LISTENERS_FROM_ONE),
            glances: Glances::default(),
            limiter: Limiter::new(),
            tokens: TokenCache::new(),
            metrics: Metrics::default(),
            setup,
        }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = Setup;

    fn deref(&self) -> &Setup {
        &self.setup
    }
}
