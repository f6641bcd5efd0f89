//! The callback against real telephones and both databases: SIPp, and a handset of our own that
//! listens before it presses.

mod after;
mod applicant;
mod application;
mod baresip;
mod bookings;
mod bounds;
mod handset;
mod nodes;
mod numbers;
mod one_database;
mod outage;
mod payment;
mod sipp;
mod speech;
mod strangers;
mod telephones;
mod trunk;
mod voice;
mod world;
