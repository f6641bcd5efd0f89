//! `huiling bench kill`: the serving program is killed with -9 at random moments under load, over
//! HTTP. Whatever it acknowledged is there, once; a repeat of any request gets the first answer,
//! byte for byte, and posts nothing; every held payment ends by its deadline.

mod asked;
mod load;
mod place;
mod runs;

#[expect(
    unused_imports,
    reason = "for the payments' bench, which repeats its own keys"
)]
pub use asked::{Answered, Asked, repeat};

use crate::error::HuilingError;
use base::Rng;
use clap::{Args, ValueEnum};
use place::Engine;
use std::process::ExitCode;

#[derive(Args)]
pub struct Options {
    /// How often it is killed, on each engine.
    #[arg(long, default_value_t = 200)]
    runs: u32,
    #[arg(long, value_enum, default_value_t = Wanted::Both)]
    engine: Wanted,
    #[arg(long, default_value_t = 6)]
    callers: usize,
    /// Decides the moments and the load; what they meet in the program is chance all the same.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Wanted {
    Sqlite,
    Postgres,
    Both,
}

pub fn run(options: &Options) -> Result<ExitCode, HuilingError> {
    let program = std::env::current_exe().map_err(HuilingError::io("the program does not find itself"))?;
    let engines: &[Engine] = match options.engine {
        Wanted::Sqlite => &[Engine::Sqlite],
        Wanted::Postgres => &[Engine::Postgres],
        Wanted::Both => &[Engine::Sqlite, Engine::Postgres],
    };
    for engine in engines {
        let rng = Rng::from_seed(options.seed);
        let survived = runs::survive(*engine, program.clone(), options.runs, options.callers, &rng);
        let survived = survived.map_err(|what| HuilingError::Unusable(format!("{engine:?}: {what}")))?;
        if options.json {
            println!("{}", survived.to_json());
        } else {
            println!(
                "{engine:?}: {} kills in {:.0} s. {} requests ({} cut off and told by their repeats): {} posted, \
                 {} held ({} stopped); {} random repeats byte for byte; verify: sound",
                survived.runs,
                survived.secs,
                survived.requests,
                survived.cut_off,
                survived.posted,
                survived.held,
                survived.stopped,
                survived.repeated
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
