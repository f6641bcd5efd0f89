//! For whoever runs the place: health, metrics, and the stream of changes to open pages.

mod events;
mod health;
mod metrics;

pub use events::{customer_events, progress_events};
pub use health::{live, ready};
pub use metrics::{Counting, Metrics, count, metrics};
