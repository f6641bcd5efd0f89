//! What happened to an application and what was found: steps, checks, decisions, files.

pub(super) mod store;
