//! The program as its operators and customers meet it: a process, its database, its HTTP.

mod benches;
mod bureau;
mod call_killed;
mod disk;
mod durability;
mod flushed;
mod frame;
mod house;
mod operation;
mod power_cut;
mod trace;
