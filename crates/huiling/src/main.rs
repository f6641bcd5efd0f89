//! The program: one command of it is a whole wallet with its telephone line.

/// A line on standard output. Whoever reads it may go away, as `head` does: then the program ends
/// without a word, where the standard library's macro of this name panics.
macro_rules! println {
    ($($text:tt)*) => {
        crate::output::line(format_args!($($text)*))
    };
}

mod bench;
mod bureau;
mod config;
mod demo;
mod error;
mod operate;
mod output;
mod simulate;
mod wiring;

use clap::{Parser, Subcommand};
use error::HuilingError;
use std::path::PathBuf;
use std::process::ExitCode;

/// A digital wallet with its own telephone line.
#[derive(Parser)]
#[command(name = "huiling", version, about)]
struct Arguments {
    /// The configuration file; every key is explained in huiling.example.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A small, lively world on this machine, with a telephone that rings in the browser.
    Demo(demo::Options),
    /// Runs the wallet for an institution.
    Serve,
    /// Brings the database's schema up to date.
    Migrate,
    /// Replays the ledger and proves balances, answers, risk profiles and assessments, decisions on applications,
    /// recordings and the audit log.
    Verify {
        /// The report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes a consistent copy of database and recordings while the program runs.
    Backup { folder: PathBuf },
    /// Puts a backup into an empty data folder.
    Restore { folder: PathBuf },
    /// Members of staff.
    #[command(subcommand)]
    User(operate::user::Command),
    /// The simulated outside bureau that answers identity and credit checks.
    Bureau(bureau::Options),
    /// The neural voice, and what the voice says.
    #[command(subcommand)]
    Voice(operate::voice::Command),
    /// Measures speed through the product's own path.
    #[command(subcommand)]
    Bench(bench::Command),
    /// Lives a month of a small world with faults, from a seed, and proves that everything adds up.
    Simulate(simulate::Options),
}

fn main() -> ExitCode {
    // Names, numbers and notes: what this program writes is for its own user alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, HuilingError> {
    let config = config::load(arguments.config.as_deref(), std::env::vars())?;
    match arguments.command {
        Command::Demo(options) => demo::run(&options),
        Command::Serve => operate::serve::run(&config),
        Command::Migrate => operate::migrate(&config),
        Command::Verify { json } => operate::verify::run(&config, json),
        Command::Backup { folder } => operate::backup::backup(&config, &folder),
        Command::Restore { folder } => operate::backup::restore(&config, &folder),
        Command::User(command) => operate::user::run(&config, command),
        Command::Bureau(options) => bureau::run(&options),
        Command::Voice(command) => operate::voice::run(&config, command),
        Command::Bench(command) => bench::run(command),
        Command::Simulate(options) => simulate::run(&options),
    }
}

/// The error with its causes, one a line.
fn report(error: &HuilingError) {
    eprintln!("huiling: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        eprintln!("  because {cause}");
        source = cause.source();
    }
}
