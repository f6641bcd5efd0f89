//! `huiling bench`: speed, measured through the product's own path.

mod pay;

use crate::error::HuilingError;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Command {
    /// Decided, durable payments a second, with risk, limits, stored answers and outbox.
    Pay(pay::Options),
}

pub fn run(command: Command) -> Result<ExitCode, HuilingError> {
    match command {
        Command::Pay(options) => pay::run(&options),
    }
}
