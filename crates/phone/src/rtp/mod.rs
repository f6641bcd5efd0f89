//! RTP and RTCP (RFC 3550), and digits as telephone events (RFC 4733).

pub(crate) mod control;
pub(crate) mod event;
pub(crate) mod packet;
pub(crate) mod reception;
