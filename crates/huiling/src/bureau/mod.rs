//! The outside bureau, simulated: a server of its own that answers the identity and credit checks
//! as a real one would, or slowly, wrongly or not at all. What it says of somebody depends on the
//! seed and on them alone, so that a run repeats. docs/decisions.md shows requests and answers.

mod answers;
mod scenario;
mod server;
#[cfg(test)]
mod tests;

pub use scenario::{Scenario, Scenarios};
pub use server::serve;

use crate::config::BUREAU;
use crate::error::HuilingError;
use crate::operate::serve::{interrupted, listen, runtime};
use std::process::ExitCode;

/// How `huiling bureau` behaves.
#[derive(clap::Args)]
pub struct Options {
    /// Where it listens.
    #[arg(long, default_value = BUREAU, value_name = "ADDRESS")]
    pub bind: String,
    /// What it does for everybody whose name and document ask for nothing else.
    #[arg(long, value_enum, default_value_t = Scenario::Good)]
    pub scenario: Scenario,
    /// How long a slow answer takes.
    #[arg(long, default_value_t = 8_000, value_name = "MS")]
    pub slow_ms: u64,
    /// Makes scores and references repeat.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

pub fn run(options: &Options) -> Result<ExitCode, HuilingError> {
    let scenarios = Scenarios {
        default: options.scenario,
        slow_ms: options.slow_ms,
        seed: options.seed,
    };
    runtime()?.block_on(async {
        let listener = listen(&options.bind).await?;
        // The address that was given may have left the choice of the port to the system.
        let address = listener
            .local_addr()
            .map_err(HuilingError::io("the bureau has no address"))?;
        println!("The simulated bureau answers on http://{address}/identity and /credit.");
        serve(listener, scenarios, interrupted()?)
            .await
            .map_err(HuilingError::io("the bureau stopped"))
    })?;
    Ok(ExitCode::SUCCESS)
}
