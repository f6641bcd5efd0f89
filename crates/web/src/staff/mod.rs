//! The staff's desk.
