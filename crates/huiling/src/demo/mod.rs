//! `huiling demo`: the whole wallet on this machine, a small town that lives in it, and a telephone
//! for the visitor. Everything between them is real: SIP, RTP, HTTP, the database on disk.

mod ears;
mod handset;
mod life;
mod page;
mod people;
mod persona;
mod staff;
mod town;
mod world;

use crate::bureau::{self, Scenario, Scenarios};
use crate::config::Config;
use crate::error::HuilingError;
use crate::operate::DATABASE_FILE;
use crate::operate::serve::{interrupted, runtime, start_logging};
use crate::wiring::house::Adjustments;
use crate::wiring::node::{self, Node};
use crate::wiring::{House, policies};
use base::{Ambient, Clock, Rng};
use calls::CallPolicy;
use handset::Handset;
use phone::{Line, LineConfig, SipTransport, Trunk};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

#[derive(clap::Args)]
pub struct Options {
    /// Where the demo keeps its world; the next start goes on there.
    #[arg(long, default_value = "huiling-demo")]
    folder: PathBuf,
    /// The port of the pages; when it is taken, the next free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Begins anew: forgets the demo's world.
    #[arg(long)]
    reset: bool,
    /// Nobody in the town pays by themselves.
    #[arg(long)]
    still: bool,
    /// The same chances again: for tests.
    #[arg(long, hide = true)]
    seed: Option<u64>,
    /// The second factor and the telephone number count from the first day: for trying it out.
    #[arg(long, hide = true)]
    strict: bool,
    /// Nobody is told to slow down: for tests that try thousands of requests.
    #[arg(long, hide = true)]
    unmetered: bool,
}

/// The visitor's text messages, in the demo's folder.
const MESSAGES_FILE: &str = "handset.json";
/// Ports that are tried for the pages, from the wanted one on.
const PORTS_TRIED: u16 = 20;

pub fn run(options: &Options) -> Result<ExitCode, HuilingError> {
    let rng = options.seed.map_or_else(Rng::from_system, Rng::from_seed);
    let ambient = Ambient {
        clock: Clock::System,
        rng,
    };
    let node = enter(options, &ambient.rng)?;
    runtime()?.block_on(live(options, ambient, node))?;
    Ok(ExitCode::SUCCESS)
}

async fn live(options: &Options, ambient: Ambient, node: Node) -> Result<(), HuilingError> {
    let until = interrupted()?;
    let listener = listen(options.port).await?;
    let address = listener
        .local_addr()
        .map_err(HuilingError::io("the web server has no address"))?;
    let bureau = open_bureau().await?;
    let config = configure(options, address, bureau);
    start_logging(&config)?;

    let town_line = Line::open(town_line(), ambient.clone()).await?;
    let our_line = Line::open(our_line(&config, town_line.local_addr())?, ambient.clone()).await?;
    let adjusted = Adjustments {
        node: Some(node),
        line: Some(our_line),
        call_policy: Some(call_policy(options, &config)?),
        links_fill_apply: true,
        unmetered: options.unmetered,
    };
    let house = House::start(&config, ambient.clone(), adjusted).await?;

    let (to_handset, calls) = mpsc::channel(1);
    let kept = options.folder.join(MESSAGES_FILE);
    let handset = Handset::new(people::VISITOR, kept, calls);
    town::connect(
        &town_line,
        people::VISITOR,
        to_handset,
        ears::of(house.db.clone()),
        ambient.rng.clone(),
    );
    let town = settle(&house, &ambient).await?;
    let greeting = staff::settle(&house, &ambient, &town).await?;
    if !options.still {
        life::start(house.gatherer.clone(), ambient.clone(), town, house.stopping());
    }
    let page = page::Page {
        handset,
        number_shown: "138 0000 0001".into(),
        first_password: staff::FIRST_PASSWORD,
    };
    let router = web::router(house.state.clone()).merge(page::router(page));
    announce(address, &greeting, options);
    house.serve(listener, router, until).await?;
    town_line.close().await;
    Ok(())
}

/// The outside bureau, as another program would be: reached over HTTP.
async fn open_bureau() -> Result<SocketAddr, HuilingError> {
    let listener = TcpListener::bind(loopback())
        .await
        .map_err(HuilingError::io("the bureau does not start"))?;
    let address = listener
        .local_addr()
        .map_err(HuilingError::io("the bureau has no address"))?;
    let scenarios = Scenarios {
        default: Scenario::Good,
        slow_ms: 8_000,
        seed: 1,
    };
    tokio::spawn(bureau::serve(listener, scenarios, std::future::pending()));
    Ok(address)
}

async fn settle(house: &House, ambient: &Ambient) -> Result<Vec<world::Inhabitant>, HuilingError> {
    let (db, policy, ambient) = (house.db.clone(), house.policy.clone(), ambient.clone());
    let keyring = house.keyring.clone();
    let settled = tokio::task::spawn_blocking(move || world::settle(&db, &keyring, &policy, &ambient)).await;
    settled.map_err(|_| HuilingError::Unusable("settling the town panicked".into()))?
}

fn announce(address: SocketAddr, greeting: &staff::Greeting, options: &Options) {
    println!("Huiling demo: http://{address}/demo");
    println!("  your telephone and the guide   http://{address}/demo");
    println!("  the wallet                     http://{address}/");
    println!(
        "  the staff's area               http://{address}/staff   ({})",
        greeting.staff_hint
    );
    println!("  the JSON API                   http://{address}/api/v1/openapi.json");
    println!("api token: {}", greeting.api_token);
    if let Some(sign_in) = &greeting.api_sign_in {
        println!("api sign-in (number, password, authenticator key): {sign_in}");
    }
    println!(
        "The world is kept in {}; --reset begins anew. Stop with Ctrl-C.",
        options.folder.display()
    );
}

fn configure(options: &Options, address: SocketAddr, bureau: SocketAddr) -> Config {
    let mut config = Config::default();
    config.server.bind = address.to_string();
    config.server.public_url = format!("http://{address}");
    config.server.log = std::env::var("HUILING_TEST_LOG").unwrap_or_else(|_| "warn,rsipstack=error".into());
    config.store.folder = options.folder.clone();
    config.keys.master_key_file = options.folder.join("master.key");
    config.checks.identity_url = format!("http://{bureau}/identity");
    config.checks.credit_url = format!("http://{bureau}/credit");
    config.sms.url = format!("http://{address}/demo/sms");
    // A new wallet is tried out within minutes, so little is enough to be unusual.
    config.risk.cold_start_minor = 25_000;
    config.money.hold_minutes = 20;
    if !options.strict {
        config.money.keypad_unchanged_days = 0;
    }
    config
}

fn call_policy(options: &Options, config: &Config) -> Result<CallPolicy, HuilingError> {
    let mut policy = policies::calls(config)?;
    // The visitor tries it at whatever hour, and does not wait a quarter of an hour.
    policy.quiet = calls::QuietHours::NONE;
    policy.spacing_ms = 60_000;
    policy.busy_spacing_ms = 45_000;
    policy.later_ms = 60_000;
    policy.max_attempts = 4;
    policy.per_number_hour = 200;
    policy.per_number_day = 1_000;
    if options.still {
        // A number that nobody answers is given up within seconds: nobody waits for a minute to pass.
        policy.spacing_ms = 3_000;
        policy.busy_spacing_ms = 3_000;
        policy.max_attempts = 2;
    }
    if !options.strict {
        policy.words_after_enrolled_ms = 0;
    }
    Ok(policy)
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn our_line(config: &Config, town: SocketAddr) -> Result<LineConfig, HuilingError> {
    let trunk = Trunk::Address {
        host: town,
        transport: SipTransport::Udp,
        rtp_from: Vec::new(),
    };
    let mut line = LineConfig::new(loopback(), trunk);
    line.caller_number = config.brand.official_number.clone();
    line.display_name = config.brand.name_en.clone();
    line.rtp_ports = 30_000..=30_998;
    Ok(line)
}

/// The town's telephones are called; they call nobody.
fn town_line() -> LineConfig {
    let nobody = Trunk::Address {
        host: loopback(),
        transport: SipTransport::Udp,
        rtp_from: Vec::new(),
    };
    let mut line = LineConfig::new(loopback(), nobody);
    line.rtp_ports = 31_000..=31_998;
    line
}

async fn listen(wanted: u16) -> Result<TcpListener, HuilingError> {
    for port in wanted..=wanted.saturating_add(PORTS_TRIED) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(HuilingError::io(format!("cannot listen on port {port}"))(error)),
        }
    }
    let last = wanted.saturating_add(PORTS_TRIED);
    Err(HuilingError::Unusable(format!(
        "ports {wanted} to {last} are all taken; choose another with --port"
    )))
}

/// Takes the folder for this demo alone, and empties it where the visitor begins anew: never under
/// another that runs there.
fn enter(options: &Options, rng: &Rng) -> Result<Node, HuilingError> {
    let folder = &options.folder;
    if !options.reset {
        return node::take(folder, rng);
    }
    let others = world(folder)?;
    if !others.is_empty() && !folder.join(DATABASE_FILE).exists() {
        let hint = format!("{} is not a demo's folder and is left alone", folder.display());
        return Err(HuilingError::Unusable(hint));
    }
    let node = node::take(folder, rng)?;
    // The database last: what is left of a removal that broke off is still a demo's folder.
    let mut world = world(folder)?;
    world.sort_by_key(|path| path.ends_with(DATABASE_FILE));
    for path in world {
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        removed.map_err(file("cannot remove", &path))?;
    }
    Ok(node)
}

/// What lies in the folder beside the locked file.
fn world(folder: &Path) -> Result<Vec<PathBuf>, HuilingError> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(file("cannot read", folder))?,
    };
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(file("cannot read", folder))?;
    paths.retain(|path| !path.ends_with(node::NAME_FILE));
    Ok(paths)
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HuilingError {
    let path = path.to_owned();
    move |source| HuilingError::File { what, path, source }
}
