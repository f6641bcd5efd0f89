//! The program as its operators and customers meet it: a process, its database, its HTTP.

mod bureau;
mod call_killed;
mod durability;
mod frame;
mod house;
mod operation;
