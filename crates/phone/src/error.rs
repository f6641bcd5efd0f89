//! Why a line does not open, and why a call does not come about.

use std::net::SocketAddr;

#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    #[error(
        "{protocol} port {} on {} is already in use (by another program); set phone.bind or stop it",
        address.port(), address.ip()
    )]
    PortInUse {
        protocol: &'static str,
        address: SocketAddr,
    },
    #[error("cannot listen on {protocol} {address}: {source}; set phone.bind to an address of this machine")]
    Bind {
        protocol: &'static str,
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("phone.rtp_ports {first}-{last} leaves no pair of ports; give at least two per call")]
    NoRtpPorts { first: u16, last: u16 },
    #[error("the caller number {0:?} has characters that a telephone number has not")]
    CallerNumber(String),
    #[error("the media threads do not start: {0}")]
    Media(std::io::Error),
    #[error("the signalling does not start: {0}")]
    Signalling(String),
}

/// Why nobody is on the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialFailure {
    /// 486 or 600.
    #[error("busy")]
    Busy,
    /// It rang until the time was over.
    #[error("no answer")]
    NoAnswer,
    /// 603, 607 or 608.
    #[error("declined")]
    Declined,
    /// Any other final answer of the network.
    #[error("unreachable ({status})")]
    Unreachable { status: u16 },
    /// 403, 420 to 422, 488 or 5xx before anything rang: the trunk's doing, not the telephone's.
    #[error("the trunk would not carry the call ({status})")]
    Refused { status: u16 },
    /// As many calls as this line may carry: our own limit, nothing about the trunk.
    #[error("all {0} calls of this line are taken")]
    LineFull(usize),
    /// The trunk does not take calls: no reply, wrong credentials.
    #[error("the trunk takes no call: {0}")]
    TrunkDown(String),
    /// 404, 410, 484, 485 or 604.
    #[error("no such number")]
    WrongNumber,
    #[error("cancelled")]
    Cancelled,
}

impl DialFailure {
    /// What a final status of the INVITE means, by RFC 3261 section 21 and RFC 8197, 8688.
    /// `rang`: an 18x came before it, so that the telephone was found.
    pub(crate) fn from_status(status: u16, rang: bool) -> Self {
        match status {
            403 | 420..=422 | 488 | 500..=599 if !rang => Self::Refused { status },
            486 | 600 => Self::Busy,
            603 | 607 | 608 => Self::Declined,
            404 | 410 | 484 | 485 | 604 => Self::WrongNumber,
            // The network gave up ringing, or somebody else ended it for us.
            408 | 487 => Self::NoAnswer,
            401 | 407 => Self::TrunkDown(format!("it does not accept our credentials ({status})")),
            status => Self::Unreachable { status },
        }
    }
}
