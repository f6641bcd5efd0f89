//! Pairs of ports: an even one for RTP, the next for RTCP (RFC 3550 section 11).

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug)]
pub(crate) struct RtpPorts {
    ip: IpAddr,
    first: u16,
    pairs: u32,
    turn: AtomicU32,
}

#[derive(Debug)]
pub(crate) struct SocketPair {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    pub port: u16,
}

impl RtpPorts {
    /// `None` when the range has no pair. Begins anywhere, so that a port is not reused at once
    /// after a restart.
    pub(crate) fn new(ip: IpAddr, range: &RangeInclusive<u16>, chance: u64) -> Option<Self> {
        let first = range.start().checked_add(range.start() % 2)?;
        let pairs = (u32::from(*range.end()) + 1).checked_sub(u32::from(first))? / 2;
        let turn = AtomicU32::new((chance % u64::from(pairs.max(1))) as u32);
        (pairs > 0).then_some(Self {
            ip,
            first,
            pairs,
            turn,
        })
    }

    /// The next pair that nobody uses; `None`: every one is taken.
    pub(crate) fn take(&self) -> Option<SocketPair> {
        for _ in 0..self.pairs {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.pairs;
            let port = self.first + (turn * 2) as u16;
            let bind = |port| UdpSocket::bind(SocketAddr::new(self.ip, port));
            if let (Ok(rtp), Ok(rtcp)) = (bind(port), bind(port + 1)) {
                return Some(SocketPair { rtp, rtcp, port });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_begin_even_and_run_out() {
        let ip: IpAddr = "127.0.0.1".parse().unwrap();
        assert!(RtpPorts::new(ip, &(4_001..=4_002), 0).is_none());
        // Another program may hold one of these; the claim is about what is given out.
        let ports = RtpPorts::new(ip, &(47_001..=47_009), 3).unwrap();
        let taken: Vec<SocketPair> = std::iter::from_fn(|| ports.take()).take(8).collect();
        assert!(taken.len() <= 4);
        assert!(
            taken
                .iter()
                .all(|pair| pair.port % 2 == 0 && pair.port >= 47_002 && pair.port <= 47_008)
        );
    }
}
