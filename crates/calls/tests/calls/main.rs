//! The callback against real telephones and both databases: SIPp, and a handset of our own that
//! listens before it presses.

mod after;
mod applicant;
mod application;
mod baresip;
mod bookings;
mod bounds;
mod deaths;
mod engines;
mod handset;
mod interrupted;
mod left_behind;
mod lines;
mod nodes;
mod numbers;
mod one_database;
mod outage;
mod payment;
mod scene;
mod sipp;
mod speech;
mod strangers;
mod telephones;
mod transcripts;
mod trunk;
mod unreadable;
mod voice;
mod wallets;
mod wiring;
mod world;
