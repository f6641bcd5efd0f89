//! Pairs of ports: an even one for RTP, the next for RTCP (RFC 3550 section 11).

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(crate) struct RtpPorts {
    ip: IpAddr,
    free: Arc<Free>,
}

/// The even ports that no call uses; the one that rests longest comes first.
#[derive(Debug)]
struct Free(Mutex<VecDeque<u16>>);

#[derive(Debug)]
pub(crate) struct SocketPair {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    pub port: u16,
    /// To be dropped after the sockets.
    pub lease: PortLease,
}

/// Gives a pair back when the call is over. What a former peer still sends there must not be heard
/// in another call, so a pair rests as long as it can.
#[derive(Debug)]
pub(crate) struct PortLease {
    port: u16,
    free: Arc<Free>,
}

impl RtpPorts {
    /// `None` when the range has no pair. Begins anywhere, so that a port is not reused at once
    /// after a restart.
    pub(crate) fn new(ip: IpAddr, range: &RangeInclusive<u16>, chance: u64) -> Option<Self> {
        let first = range.start().checked_add(range.start() % 2)?;
        let last = range.end().checked_sub(1)?;
        let mut free: VecDeque<u16> = (first..=last).step_by(2).collect();
        let begin = chance.checked_rem(free.len() as u64)?;
        free.rotate_left(begin as usize);
        let free = Arc::new(Free(Mutex::new(free)));
        Some(Self { ip, free })
    }

    /// The pair that nobody has used for longest; `None`: every one is taken.
    pub(crate) fn take(&self) -> Option<SocketPair> {
        let pairs = self.free.lock().len();
        for _ in 0..pairs {
            let port = self.free.lock().pop_front()?;
            let lease = PortLease {
                port,
                free: self.free.clone(),
            };
            let bind = |port| UdpSocket::bind(SocketAddr::new(self.ip, port));
            // Where another program holds one of them, the lease gives the pair back: its turn comes again.
            if let (Ok(rtp), Ok(rtcp)) = (bind(port), bind(port + 1)) {
                return Some(SocketPair {
                    rtp,
                    rtcp,
                    port,
                    lease,
                });
            }
        }
        None
    }
}

impl Free {
    fn lock(&self) -> MutexGuard<'_, VecDeque<u16>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PortLease {
    fn drop(&mut self) {
        self.free.lock().push_back(self.port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(range: RangeInclusive<u16>, chance: u64) -> Option<RtpPorts> {
        RtpPorts::new("127.0.0.1".parse().unwrap(), &range, chance)
    }

    #[test]
    fn pairs_begin_even_and_run_out() {
        assert!(ports(4_001..=4_002, 0).is_none());
        assert!(ports(0..=0, 0).is_none());
        // Another program may hold one of these; the claim is about what is given out.
        let ports = ports(47_001..=47_009, 3).unwrap();
        let taken: Vec<SocketPair> = std::iter::from_fn(|| ports.take()).take(8).collect();
        assert!(taken.len() <= 4);
        assert!(
            taken
                .iter()
                .all(|pair| pair.port % 2 == 0 && pair.port >= 47_002 && pair.port <= 47_008)
        );
    }

    #[test]
    fn a_pair_that_was_used_rests_for_as_long_as_there_are_others() {
        let ports = ports(47_010..=47_029, 0).unwrap();
        let mut taken: VecDeque<SocketPair> = std::iter::from_fn(|| ports.take()).collect();
        // Nobody else may hold so many; two are enough for the claim.
        let (first, last) = (taken.pop_front().unwrap(), taken.pop_back().unwrap());
        let (older, newer) = (last.port, first.port);
        drop(last);
        drop(first);
        let again = [ports.take().unwrap().port, ports.take().unwrap().port];
        assert_eq!(again, [older, newer], "the one that rested longer");
    }
}
