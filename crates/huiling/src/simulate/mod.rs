//! `huiling simulate`: a month of a small world in minutes, on one thread, from a seed. Customers
//! pay by habit, some payments are held and called about, people apply, staff decide; commits
//! fail, answers are lost, the process dies between any two steps, the disk fills, the clock jumps.
//! After every day everything must add up. What fails once fails again from its seed.

mod agenda;
mod applicants;
mod customers;
mod doors;
mod faults;
mod memory;
mod proof;
mod replay;
mod staff;
mod telephone;
#[cfg(test)]
mod tests;
mod town;
mod world;

use crate::error::HuilingError;
use clap::Args;
use std::process::ExitCode;
use world::Scale;

#[derive(Args)]
pub struct Options {
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, one after the other.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    #[arg(long, default_value_t = 30)]
    days: u32,
    #[arg(long, default_value_t = 240)]
    customers: usize,
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> Result<ExitCode, HuilingError> {
    let scale = Scale {
        days: options.days,
        customers: options.customers,
    };
    for seed in options.seed..options.seed.saturating_add(options.seeds) {
        match world::live(seed, scale) {
            Ok(month) if options.json => println!("{}", month.to_json()),
            Ok(month) => println!("{month}"),
            Err(broken) => {
                eprintln!("{broken}");
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
