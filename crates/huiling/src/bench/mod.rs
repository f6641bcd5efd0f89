//! `huiling bench`: speed, measured through the product's own path.

mod calls;
mod figures;
mod hold;
mod kill;
mod pay;

use crate::error::HuilingError;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Command {
    /// Decided, durable payments a second, with risk, limits, stored answers and outbox.
    Pay(pay::Options),
    /// Kills the serving program at random moments under load, and proves that nothing was lost.
    Kill(kill::Options),
    /// Automated calls at the same time against SIPp: CPU, memory, and how late sound leaves.
    Calls(calls::Options),
    /// How long a customer waits: from a risky payment to the ringing, from the key to the release.
    Hold(hold::Options),
}

pub fn run(command: Command) -> Result<ExitCode, HuilingError> {
    match command {
        Command::Pay(options) => pay::run(&options),
        Command::Kill(options) => kill::run(&options),
        Command::Calls(options) => calls::run(&options),
        Command::Hold(options) => hold::run(&options),
    }
}
