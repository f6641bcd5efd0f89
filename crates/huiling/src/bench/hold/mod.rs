//! `huiling bench hold`: how long a customer waits. From the commit of a risky payment to its
//! INVITE on the wire, and from the first telephone-event packet to the commit of the release,
//! through the product's own path: gatherer, event, case, dialer, call, script, ledger.

mod handset;
mod keypad;
mod sample;
mod world;

use super::figures::quantile;
use super::pay::EngineName;
use crate::error::HuilingError;
use base::Stopwatch;
use clap::Args;
use handset::Telephones;
use money::VerifyReport;
use sample::Sample;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::harness::Cluster;
use tokio::task::JoinSet;
use world::World;

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// One JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Risky payments, each of another customer.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    pub samples: u32,
    /// Between two payments. A call takes about half a minute, so that about thirty are on the line.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(50..=60_000))]
    pub every_ms: u32,
    #[arg(long, value_enum, default_value_t = EngineName::Sqlite)]
    pub engine: EngineName,
    /// Where the database is made, and removed afterwards.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    pub folder: PathBuf,
}

/// What half of the customers may wait, at each of the two places.
const TARGET_MS: f64 = 50.0;

pub fn run(options: &Options) -> Result<ExitCode, HuilingError> {
    // Its client blocks: the cluster lives and dies outside the runtime.
    let cluster = match options.engine {
        EngineName::Sqlite => None,
        EngineName::Postgres => Some(cluster()?),
    };
    let url = cluster.as_ref().map(|cluster| cluster.create_database("hold"));
    let found = crate::operate::serve::runtime()?.block_on(measure(options, url.unwrap_or_default()))?;
    if options.json {
        println!("{}", found.to_json());
    } else {
        println!("{}", found.to_table());
    }
    Ok(if found.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Found {
    engine: EngineName,
    asked: u32,
    to_invite_us: Vec<u64>,
    to_release_us: Vec<u64>,
    failures: BTreeMap<String, usize>,
    verify: VerifyReport,
}

async fn measure(options: &Options, postgres_url: String) -> Result<Found, HuilingError> {
    let since = Stopwatch::start();
    let telephones = Telephones::open(since)?;
    let world = Arc::new(World::open(options, postgres_url, telephones.address).await?);
    let telephones = Arc::new(telephones);
    let mut samples = JoinSet::new();
    let mut pace = tokio::time::interval(Duration::from_millis(u64::from(options.every_ms)));
    for payer in world.payers.clone() {
        pace.tick().await;
        let (world, telephones) = (world.clone(), telephones.clone());
        samples.spawn(async move { sample::take(&world, &payer, &telephones, since).await });
    }
    let taken = samples.join_all().await;
    let db = world.house.db.clone();
    let verify = tokio::task::spawn_blocking(move || money::verify(&db)).await;
    let verify = verify.map_err(|_| HuilingError::Unusable("verify panicked".into()))??;
    if let Some(world) = Arc::into_inner(world) {
        world.close().await;
    }
    Ok(Found::of(options, taken, verify))
}

impl Found {
    fn of(options: &Options, taken: Vec<Result<Sample, String>>, verify: VerifyReport) -> Self {
        let mut found = Self {
            engine: options.engine,
            asked: options.samples,
            to_invite_us: Vec::new(),
            to_release_us: Vec::new(),
            failures: BTreeMap::new(),
            verify,
        };
        for sample in taken {
            match sample {
                Ok(sample) => {
                    found.to_invite_us.push(sample.to_invite.as_micros() as u64);
                    found.to_release_us.push(sample.to_release.as_micros() as u64);
                }
                Err(failure) => *found.failures.entry(failure).or_default() += 1,
            }
        }
        found.to_invite_us.sort_unstable();
        found.to_release_us.sort_unstable();
        found
    }

    /// Every payment was held, called about and released, and the ledger adds up.
    fn is_sound(&self) -> bool {
        self.to_release_us.len() == self.asked as usize
            && self.verify.is_sound()
            && self.verify.open_holds == 0
    }

    fn to_table(&self) -> String {
        let engine = format!("{:?}", self.engine).to_lowercase();
        let mut text = format!(
            "{:<52}{:>9}{:>9}{:>9}{:>9}\n",
            engine, "samples", "p50 ms", "p99 ms", "max ms"
        );
        for (name, sorted) in [
            (
                "commit of a risky payment to INVITE on the wire",
                &self.to_invite_us,
            ),
            ("first key packet to commit of the release", &self.to_release_us),
        ] {
            text += &format!(
                "{name:<52}{:>9}{:>9.1}{:>9.1}{:>9.1}{}\n",
                sorted.len(),
                ms(sorted, 0.50),
                ms(sorted, 0.99),
                ms(sorted, 1.0),
                if ms(sorted, 0.50) <= TARGET_MS {
                    ""
                } else {
                    "  over the target of 50 ms"
                }
            );
        }
        for (failure, count) in &self.failures {
            text += &format!("{count} × {failure}\n");
        }
        text += &match self.verify.problems.first() {
            None => format!(
                "verify: sound, {} payments, {} open holds",
                self.verify.payments, self.verify.open_holds
            ),
            Some(problem) => format!("verify: WRONG: {problem}"),
        };
        text
    }

    fn to_json(&self) -> String {
        let one = |sorted: &[u64]| {
            serde_json::json!({
                "samples": sorted.len(),
                "p50_ms": ms(sorted, 0.50),
                "p90_ms": ms(sorted, 0.90),
                "p99_ms": ms(sorted, 0.99),
                "max_ms": ms(sorted, 1.0),
            })
        };
        serde_json::json!({
            "engine": format!("{:?}", self.engine).to_lowercase(),
            "asked": self.asked,
            "commit_to_invite": one(&self.to_invite_us),
            "event_packet_to_release": one(&self.to_release_us),
            "failures": self.failures,
            "sound": self.is_sound(),
            "verified": {
                "payments": self.verify.payments,
                "open_holds": self.verify.open_holds,
                "problems": self.verify.problems,
            },
        })
        .to_string()
    }
}

/// A private PostgreSQL; the harness panics with the reason when there is none.
fn cluster() -> Result<Cluster, HuilingError> {
    catch_unwind(AssertUnwindSafe(Cluster::start)).map_err(|_| {
        let text = "PostgreSQL does not start; install the package postgresql, or use --engine sqlite";
        HuilingError::Unusable(text.into())
    })
}

fn ms(sorted_us: &[u64], part: f64) -> f64 {
    quantile(sorted_us, part) as f64 / 1_000.0
}
