//! Puts the rooms together: who handles which event, which jobs run where, in which order the
//! house starts and stops. Nothing else in the product knows all rooms.

pub mod bounds;
pub mod handlers;
pub mod house;
pub mod node;
pub mod policies;
pub mod rooms;
#[cfg(test)]
mod tests;
pub mod upkeep;
mod words;

pub use house::House;
