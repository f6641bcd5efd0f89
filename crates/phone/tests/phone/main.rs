//! The telephone against real telephones: SIPp and baresip on this machine.

mod digits;
mod outbound;
mod peers;
