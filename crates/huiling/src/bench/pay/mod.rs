//! `huiling bench pay`: decided, durable payments a second, through the product's own path:
//! gatherer, risk, limits, stored answers, outbox, in process or over HTTP. After each row the very
//! same database is verified. Beside it runs a minimal double-entry function of PostgreSQL under
//! pgbench.

mod http;
mod in_process;
mod machine;
mod orders;
mod peer;
mod row;
mod world;

use crate::error::HuilingError;
use clap::{Args, ValueEnum};
use row::Row;
use std::path::PathBuf;
use std::process::ExitCode;
use world::World;

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// One JSON object a line instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Every combination of callers, accounts, engines and payees; otherwise the telling ones.
    #[arg(long)]
    pub full: bool,
    /// A row ends after so many seconds …
    #[arg(long, default_value_t = 60)]
    pub secs: u64,
    /// … or so many payments; over HTTP after thirty a payer at most.
    #[arg(long, default_value_t = 1_000_000)]
    pub payments: u64,
    /// Only this engine.
    #[arg(long)]
    pub engine: Option<EngineName>,
    /// Only so many accounts.
    #[arg(long)]
    pub accounts: Option<usize>,
    /// Only so many callers at once.
    #[arg(long)]
    pub callers: Option<usize>,
    /// Only in process or only over HTTP.
    #[arg(long)]
    pub over: Option<Over>,
    /// Only these payees.
    #[arg(long)]
    pub payees: Option<Payees>,
    /// Where the databases are made, and removed afterwards.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    pub folder: PathBuf,
    /// Without pgbench beside it.
    #[arg(long)]
    pub no_peer: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    Sqlite,
    Postgres,
}

/// How callers reach the gatherer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Over {
    /// As tasks of this process.
    Process,
    /// `POST /api/v1/payments` to `huiling serve`, each caller on a connection of its own.
    Http,
}

/// Who is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Payees {
    /// Everyone alike.
    Uniform,
    /// Few are paid often, most seldom.
    Zipf,
    /// Half of all payments go to one.
    Hot,
}

/// What one row measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub engine: EngineName,
    pub accounts: usize,
    pub callers: usize,
    pub over: Over,
    pub payees: Payees,
}

pub fn run(options: &Options) -> Result<ExitCode, HuilingError> {
    let cases: Vec<Case> = cases(options.full)
        .into_iter()
        .filter(|case| options.engine.is_none_or(|engine| engine == case.engine))
        .filter(|case| options.accounts.is_none_or(|accounts| accounts == case.accounts))
        .filter(|case| options.callers.is_none_or(|callers| callers == case.callers))
        .filter(|case| options.over.is_none_or(|over| over == case.over))
        .filter(|case| options.payees.is_none_or(|payees| payees == case.payees))
        .collect();
    if cases.is_empty() {
        let text = "no row has all of these; --full has more rows";
        return Err(HuilingError::Unusable(text.into()));
    }
    if !options.json {
        println!("{}", Row::heading());
    }
    let mut sound = true;
    for case in cases {
        let world = World::open(case, &options.folder)?;
        let row = match case.over {
            Over::Process => in_process::measure(world, options)?,
            Over::Http => http::measure(world, options)?,
        };
        println!(
            "{}",
            if options.json {
                row.to_json()
            } else {
                row.to_line()
            }
        );
        sound &= row.is_sound();
    }
    if !options.no_peer && options.engine != Some(EngineName::Sqlite) {
        let tps = peer::measure(options.secs.min(30))?;
        if options.json {
            println!(
                "{}",
                serde_json::json!({ "peer": "pgbench", "clients": peer::CLIENTS, "per_sec": tps })
            );
        } else {
            println!(
                "peer: a minimal double-entry function of PostgreSQL, pgbench, {} clients: {tps:.0}/s",
                peer::CLIENTS
            );
        }
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn cases(full: bool) -> Vec<Case> {
    use EngineName::{Postgres, Sqlite};
    use Over::{Http, Process};
    let case = |engine, accounts, callers, over, payees| Case {
        engine,
        accounts,
        callers,
        over,
        payees,
    };
    if !full {
        return vec![
            case(Sqlite, 10_000, 16, Process, Payees::Zipf),
            case(Sqlite, 10_000, 2_000, Process, Payees::Zipf),
            case(Sqlite, 10_000, 2_000, Process, Payees::Hot),
            case(Sqlite, 1_000_000, 2_000, Process, Payees::Zipf),
            case(Postgres, 10_000, 2_000, Process, Payees::Zipf),
            case(Postgres, 1_000_000, 2_000, Process, Payees::Zipf),
            case(Sqlite, 10_000, 64, Http, Payees::Zipf),
            case(Sqlite, 10_000, 1_000, Http, Payees::Zipf),
        ];
    }
    let mut all = Vec::new();
    for engine in [Sqlite, Postgres] {
        for accounts in [10_000, 1_000_000] {
            for payees in [Payees::Uniform, Payees::Zipf, Payees::Hot] {
                for callers in [16, 256, 2_000] {
                    all.push(case(engine, accounts, callers, Process, payees));
                }
                for connections in [64, 1_000] {
                    all.push(case(engine, accounts, connections, Http, payees));
                }
            }
        }
    }
    all
}
