//! Session descriptions (RFC 8866) and their offers and answers (RFC 3264), for one stream of
//! telephone sound.

mod describe;
mod negotiate;
mod parse;

pub(crate) use describe::{Local, MEDIA_TYPE};
pub(crate) use negotiate::{Session, negotiate_answer, negotiate_offer};
pub(crate) use parse::{Description, parse};

/// Why a description is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SdpError {
    #[error("not a session description")]
    NotSdp,
    #[error("it has no audio over RTP/AVP")]
    NoAudio,
    #[error("it names no address to send to")]
    NoAddress,
    #[error("it has neither PCMU nor PCMA")]
    NoCommonCodec,
}

/// Which way sound goes, as its describer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
    pub send: bool,
    pub receive: bool,
}

impl Direction {
    pub(crate) const BOTH: Self = Self {
        send: true,
        receive: true,
    };

    pub(crate) fn attribute(self) -> &'static str {
        match (self.send, self.receive) {
            (true, true) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (false, false) => "inactive",
        }
    }

    /// The same, as the other side sees it.
    pub(crate) fn reversed(self) -> Self {
        Self {
            send: self.receive,
            receive: self.send,
        }
    }
}
