//! What a line needs to know before it opens.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::str::FromStr;

/// One line: its addresses, its number, and the trunk it calls through.
#[derive(Clone, Debug)]
pub struct LineConfig {
    /// UDP and TCP signalling on the same port. Port 0 takes a free one.
    pub bind: SocketAddr,
    /// The address that peers are told, when it is not the one bound (behind NAT).
    pub advertised_ip: Option<IpAddr>,
    /// Each call takes an even port for RTP and the next one for RTCP.
    pub rtp_ports: RangeInclusive<u16>,
    /// The user part of From and Contact.
    pub caller_number: String,
    /// Shown by the telephone that is called, when its network lets it through.
    pub display_name: String,
    pub trunk: Trunk,
    /// After this long without an answer the call is cancelled.
    pub ring_timeout_ms: u64,
    /// After this long without RTP, and not on hold, the call is ended.
    pub media_timeout_ms: u64,
    pub media_threads: usize,
    /// Ask for real-time scheduling of the media threads; without the right to it, do without.
    pub realtime: bool,
    pub max_calls: usize,
    /// Milliseconds of sound in a packet, unless the peer asks for another length.
    pub ptime_ms: u32,
}

impl LineConfig {
    /// Usual values for everything that has one.
    pub fn new(bind: SocketAddr, trunk: Trunk) -> Self {
        Self {
            bind,
            advertised_ip: None,
            rtp_ports: 20_000..=20_999,
            caller_number: "huiling".into(),
            display_name: "Huiling".into(),
            trunk,
            ring_timeout_ms: 45_000,
            media_timeout_ms: 20_000,
            media_threads: 1,
            realtime: false,
            max_calls: 64,
            ptime_ms: 20,
        }
    }
}

/// Who connects our calls.
#[derive(Clone)]
pub enum Trunk {
    /// Calls go straight to this address.
    Address {
        host: SocketAddr,
        transport: SipTransport,
        /// Where signalling and RTP may come from, besides the addresses the peer names.
        rtp_from: Vec<IpRange>,
    },
    /// We register with a carrier (RFC 3261 section 10) and call through it.
    Registered {
        /// `host` or `host:port`.
        registrar: String,
        username: String,
        password: String,
        /// The realm to answer; none answers any.
        realm: Option<String>,
        transport: SipTransport,
        expires_secs: u32,
        /// Where signalling and RTP may come from, besides the addresses the peer names.
        rtp_from: Vec<IpRange>,
    },
}

impl Trunk {
    pub fn transport(&self) -> SipTransport {
        match self {
            Self::Address { transport, .. } | Self::Registered { transport, .. } => *transport,
        }
    }

    pub(crate) fn rtp_from(&self) -> &[IpRange] {
        match self {
            Self::Address { rtp_from, .. } | Self::Registered { rtp_from, .. } => rtp_from,
        }
    }
}

impl fmt::Debug for Trunk {
    /// Leaves the password out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { host, transport, .. } => write!(f, "Trunk::Address({host}, {transport:?})"),
            Self::Registered {
                registrar,
                username,
                transport,
                ..
            } => {
                write!(f, "Trunk::Registered({username}@{registrar}, {transport:?})")
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SipTransport {
    Udp,
    Tcp,
}

/// Addresses with a common prefix: `203.0.113.0/24`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpRange {
    base: IpAddr,
    prefix: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an address nor a range such as 203.0.113.0/24")]
pub struct NotAnIpRange(pub String);

impl IpRange {
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.base, ip) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.prefix);
                (u64::from(base.to_bits()) >> shift) == (u64::from(ip.to_bits()) >> shift)
            }
            (IpAddr::V6(base), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.prefix);
                base.to_bits().checked_shr(shift) == ip.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl From<IpAddr> for IpRange {
    fn from(base: IpAddr) -> Self {
        let prefix = if base.is_ipv4() { 32 } else { 128 };
        Self { base, prefix }
    }
}

impl FromStr for IpRange {
    type Err = NotAnIpRange;

    fn from_str(text: &str) -> Result<Self, NotAnIpRange> {
        let refuse = || NotAnIpRange(text.into());
        let (base, prefix) = text
            .split_once('/')
            .map_or((text, None), |(base, prefix)| (base, Some(prefix)));
        let whole = Self::from(base.trim().parse::<IpAddr>().map_err(|_| refuse())?);
        let prefix = match prefix {
            None => whole.prefix,
            Some(digits) => digits.trim().parse().map_err(|_| refuse())?,
        };
        if prefix > whole.prefix {
            return Err(refuse());
        }
        Ok(Self { prefix, ..whole })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_contains_its_addresses_only() {
        let range: IpRange = "203.0.113.0/24".parse().unwrap();
        assert!(range.contains("203.0.113.255".parse().unwrap()));
        assert!(!range.contains("203.0.114.0".parse().unwrap()));
        assert!(!range.contains("::1".parse().unwrap()));
        let one: IpRange = "2001:db8::7".parse().unwrap();
        assert!(one.contains("2001:db8::7".parse().unwrap()));
        assert!(!one.contains("2001:db8::8".parse().unwrap()));
        let all: IpRange = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("8.8.8.8".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<IpRange>().is_err());
        assert!("ten".parse::<IpRange>().is_err());
    }

    #[test]
    fn a_trunks_password_is_not_printed() {
        let trunk = Trunk::Registered {
            registrar: "sip.example.com".into(),
            username: "wallet".into(),
            password: "hush".into(),
            realm: None,
            transport: SipTransport::Udp,
            expires_secs: 300,
            rtp_from: vec![],
        };
        assert!(!format!("{trunk:?}").contains("hush"));
    }
}
