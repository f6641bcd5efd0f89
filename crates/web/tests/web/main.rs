//! The web from outside: pages and the JSON API over the real router.

mod api;
mod applicant;
mod at_once;
mod browser;
mod call_times;
mod events;
mod hostile;
mod numbers;
mod outage;
mod pages;
mod payments;
mod routes;
mod sign_in;
mod slow;
mod staff;
mod unreadable;
mod way_back;
mod world;
