//! The program as its operators and customers meet it: a process, its database, its HTTP.

mod bureau;
mod durability;
mod frame;
mod house;
mod operation;
