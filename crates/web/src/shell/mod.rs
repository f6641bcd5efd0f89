//! What every page stands in: the frame with its navigation, and the icons.

mod icons;
mod page;
mod plain;
mod reply;

pub use page::{Brand, Page, StaffFrame, Tab};
pub use plain::page;
pub use reply::reply;
