//! The web from outside: pages and the JSON API over the real router.

mod api;
mod browser;
mod pages;
mod payments;
mod sign_in;
mod staff;
mod world;
