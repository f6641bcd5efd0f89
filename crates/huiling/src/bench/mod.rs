//! `huiling bench`: speed, measured through the product's own path.

use crate::error::HuilingError;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Command {}

pub fn run(command: Command) -> Result<ExitCode, HuilingError> {
    match command {}
}
