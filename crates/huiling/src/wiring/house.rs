use super::node::{self, Node};
use super::{handlers, policies, upkeep};
use crate::config::Config;
use crate::error::HuilingError;
use crate::operate::{open_database, open_keyring, recordings_folder};
use base::Ambient;
use calls::{CallPolicy, Dialer, DialerParts};
use money::{Gatherer, Policy, rails};
use people::checks::{self, CheckConfig, Service};
use phone::Line;
use phone::prompts::Voice;
use security::passwords::Cost;
use security::sealing::Keyring;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use store::{Db, jobs, outbox};
use support::notify::{self, Deliveries};
use support::purge;
use tokio::net::TcpListener;
use web::{AppState, Setup};

/// The running house: the database, its workers, the telephone, and what the web needs.
pub struct House {
    pub db: Db,
    pub keyring: Keyring,
    pub gatherer: Gatherer,
    pub policy: Arc<Policy>,
    pub line: Option<Line>,
    pub state: AppState,
    dialer: Option<Dialer>,
    /// Keeps a second process out of the folder.
    _node: Node,
    workers: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

/// Overrides that the demo needs; an operator has none of them.
#[derive(Default)]
pub struct Adjustments {
    /// Taken already, where something was to be done in the folder before the start.
    pub node: Option<Node>,
    pub line: Option<Line>,
    pub call_policy: Option<CallPolicy>,
    /// A link may fill in a whole application: nobody's numbers stand in the demo's.
    pub links_fill_apply: bool,
    /// Nobody is told to slow down: for programs that try thousands of requests.
    pub unmetered: bool,
}

const UNMETERED: web::RequestLimits = web::RequestLimits {
    sign_in: 1_000_000,
    apply: 1_000_000,
    pages: 1_000_000,
    body_ms: 10_000,
};

/// Threads that ask outside services; each may wait for one.
const CHECK_THREADS: usize = 2;
const MESSAGE_THREADS: usize = 2;

impl House {
    /// Starts everything but the web server. Must be called within a runtime.
    pub async fn start(
        config: &Config,
        ambient: Ambient,
        adjusted: Adjustments,
    ) -> Result<Self, HuilingError> {
        let policy = policies::money(config)?;
        let mut call_policy = match adjusted.call_policy {
            Some(policy) => policy,
            None => policies::calls(config)?,
        };
        let voice = Voice::open(&policies::voice(config)?)?;
        let node = match adjusted.node {
            Some(node) => node,
            None => node::take(&config.store.folder, &ambient.rng)?,
        };
        let (db, keyring, policy) = open_blocking(config, &ambient, policy).await?;
        let line = match adjusted.line {
            Some(line) => Some(line),
            None if config.phone.enabled => Some(Line::open(policies::line(config)?, ambient.clone()).await?),
            None => None,
        };
        if line.is_none() {
            // Whoever asks the policy knows by this that nobody is called.
            call_policy.concurrent_calls = 0;
        }
        let policy = Arc::new(policy);
        let gatherer = Gatherer::start(db.clone(), ambient.clone(), policy.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let mut workers = start_workers(config, &db, &ambient, &keyring, &policy, &call_policy, &stop)?;
        let recordings = upkeep::Recordings {
            folder: recordings_folder(config),
            node: node.name.clone(),
            kept_days: config.retention.recording_days,
        };
        workers.push(upkeep::start(db.clone(), recordings, stop.clone()));
        let dialer = line.clone().map(|line| {
            Dialer::start(DialerParts {
                db: db.clone(),
                ambient: ambient.clone(),
                line,
                voice: Arc::new(voice),
                keyring: keyring.clone(),
                policy: call_policy.clone(),
                money: (*policy).clone(),
                recordings: recordings_folder(config),
                node: node.name.clone(),
                route: None,
            })
        });
        let setup = setup(
            config,
            &db,
            &ambient,
            &keyring,
            &gatherer,
            &policy,
            call_policy,
            line.clone(),
        )?;
        let state = AppState::new(Setup {
            links_fill_apply: adjusted.links_fill_apply,
            request_limits: if adjusted.unmetered {
                UNMETERED
            } else {
                web::RequestLimits::default()
            },
            ..setup
        });
        Ok(Self {
            db,
            keyring,
            gatherer,
            policy,
            line,
            state,
            dialer,
            _node: node,
            workers,
            stop,
        })
    }

    /// Set when the house stops, for threads of others.
    pub fn stopping(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    /// Serves the web until `until` is done, then stops everything in order.
    pub async fn serve(
        self,
        listener: TcpListener,
        router: axum::Router,
        until: impl Future<Output = ()>,
    ) -> Result<(), HuilingError> {
        web::serve(listener, router, self.state.behind_proxy, until)
            .await
            .map_err(HuilingError::io("the web server stopped"))?;
        self.stop().await;
        Ok(())
    }

    /// Ends calls as interrupted, lets workers finish what they hold, and closes the line.
    pub async fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(dialer) = self.dialer {
            dialer.stop().await;
        }
        if let Some(line) = self.line {
            line.close().await;
        }
        // Workers look at the flag at least every second; outside services bound the rest.
        let workers = self.workers;
        let ended =
            tokio::task::spawn_blocking(move || workers.into_iter().for_each(|worker| drop(worker.join())));
        let _ = tokio::time::timeout(std::time::Duration::from_secs(15), ended).await;
    }
}

async fn open_blocking(
    config: &Config,
    ambient: &Ambient,
    policy: Policy,
) -> Result<(Db, Keyring, Policy), HuilingError> {
    let (config, ambient) = (config.clone(), ambient.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let db = open_database(&config, &ambient)?;
        let keyring = open_keyring(&config, &db, &ambient)?;
        db.write(|tx| rails::ensure_rail(tx, base::Currency::Cny))?;
        let policy = money::keep_rules(&db, policy)?;
        let clock = ambient.clone();
        db.write(move |tx| purge::plan(tx, &clock, clock.now()))
            .map_err(|error| HuilingError::Unusable(format!("the purge cannot be planned: {error}")))?;
        Ok((db, keyring, policy))
    });
    opened
        .await
        .map_err(|_| HuilingError::Unusable("opening the database panicked".into()))?
}

fn start_workers(
    config: &Config,
    db: &Db,
    ambient: &Ambient,
    keyring: &Keyring,
    policy: &Arc<Policy>,
    call_policy: &CallPolicy,
    stop: &Arc<AtomicBool>,
) -> Result<Vec<JoinHandle<()>>, HuilingError> {
    let parts = handlers::Parts {
        ambient: ambient.clone(),
        keyring: keyring.clone(),
        policy: policy.clone(),
        call_policy: call_policy.clone(),
        public_url: config.server.public_url.trim_end_matches('/').to_owned(),
    };
    let handlers = Arc::new(handlers::all(&parts));
    let mut workers = vec![outbox::start(db.clone(), handlers, stop.clone())];
    let service = Service::new(CheckConfig {
        identity_url: config.checks.identity_url.clone(),
        credit_url: config.checks.credit_url.clone(),
        token: Some(config.checks.token.clone()).filter(|token| !token.is_empty()),
        timeout_ms: config.checks.timeout_ms,
        ..CheckConfig::default()
    });
    let (at, clock, keys) = (db.clone(), ambient.clone(), keyring.clone());
    let check = Arc::new(move |job: &jobs::Job| checks::run_check(&at, &clock, &keys, &service, job));
    workers.extend(jobs::start(db, checks::JOB_KIND, CHECK_THREADS, check, stop));
    let deliveries = Deliveries::new(db.clone(), keyring.clone(), policies::notify(config)?);
    let deliveries =
        deliveries.map_err(|error| HuilingError::Unusable(format!("[mail] or [sms]: {error}")))?;
    for kind in notify::JOB_KINDS {
        let deliveries = deliveries.clone();
        let send = Arc::new(move |job: &jobs::Job| deliveries.run_job(job));
        workers.extend(jobs::start(db, kind, MESSAGE_THREADS, send, stop));
    }
    let (at, kept) = (db.clone(), policies::retention(config)?);
    let forget = Arc::new(move |job: &jobs::Job| purge::run_job(&at, kept, job));
    workers.extend(jobs::start(db, purge::JOB_KIND, 1, forget, stop));
    Ok(workers)
}

#[expect(clippy::too_many_arguments, reason = "the web shows every room")]
fn setup(
    config: &Config,
    db: &Db,
    ambient: &Ambient,
    keyring: &Keyring,
    gatherer: &Gatherer,
    policy: &Arc<Policy>,
    call_policy: CallPolicy,
    line: Option<Line>,
) -> Result<Setup, HuilingError> {
    Ok(Setup {
        db: db.clone(),
        ambient: ambient.clone(),
        keyring: keyring.clone(),
        gatherer: gatherer.clone(),
        policy: (**policy).clone(),
        call_policy,
        brand: web::Brand {
            name_zh_hans: config.brand.name_zh_hans.clone(),
            name_en: config.brand.name_en.clone(),
            calling_number: config.brand.official_number.clone(),
            public_url: config.server.public_url.trim_end_matches('/').to_owned(),
        },
        zone: policies::zone(config)?,
        secure: config.server.public_url.starts_with("https://"),
        behind_proxy: config.server.behind_proxy,
        password_cost: Cost::PRODUCTION,
        session_policy: security::sessions::SessionPolicy::default(),
        request_limits: web::RequestLimits::default(),
        links_fill_apply: false,
        recordings: recordings_folder(config),
        line_ready: Arc::new(move || line.as_ref().is_none_or(|line| line.status().is_ready())),
    })
}
