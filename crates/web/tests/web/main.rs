//! The web from outside: pages and the JSON API over the real router.

mod api;
mod world;
