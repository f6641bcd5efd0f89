//! The telephone against real telephones: SIPp and baresip on this machine.

mod baresip;
mod digits;
mod inbound;
mod malformed;
mod media;
mod outbound;
mod peers;
mod ports;
mod sessions;
