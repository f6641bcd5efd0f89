//! What arrives for one call.

use crate::audio::Law;
use crate::media::link::DigitMethod;
use crate::media::stream::Stream;
use crate::rtp::control;
use crate::rtp::packet::{self, Header};
use crate::sdp::Session;
use std::net::{IpAddr, SocketAddr};

/// Packets read from one socket before others have their turn.
const BATCH: usize = 64;
/// Half a second of sound; no peer sends so much in one packet.
const MAX_PACKET: usize = 4_096;

impl Stream {
    /// Reads what has arrived, at this moment in samples. True: there may be more.
    pub(super) fn receive_rtp(&mut self, tick: u64, arrival: u64) -> bool {
        let mut buffer = [0; MAX_PACKET];
        for _ in 0..BATCH {
            match self.rtp.recv_from(&mut buffer) {
                Ok((length, from)) => self.take_rtp(&buffer[..length], from, tick, arrival),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                // A refused packet of ours is reported here; reading goes on.
                Err(_) => {}
            }
        }
        true
    }

    pub(super) fn receive_rtcp(&mut self) -> bool {
        let mut buffer = [0; MAX_PACKET];
        for _ in 0..BATCH {
            match self.rtcp.recv_from(&mut buffer) {
                Ok((length, from)) => self.take_rtcp(&buffer[..length], from.ip()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                Err(_) => {}
            }
        }
        true
    }

    fn take_rtp(&mut self, bytes: &[u8], from: SocketAddr, tick: u64, arrival: u64) {
        let Some(session) = self.session else { return };
        if !self.is_peer(&session, from.ip()) || !self.may_speak(&session, from) {
            self.stats.from_strangers += 1;
            return;
        }
        if packet::is_rtcp(bytes) {
            return self.take_rtcp(bytes, from.ip());
        }
        let Some((header, payload)) = packet::parse(bytes) else {
            self.stats.malformed += 1;
            return;
        };
        let is_event = session.events.is_some_and(|types| types.are(header.payload_type));
        let is_sound = header.payload_type == session.payload_type;
        if !is_event && !is_sound {
            // Comfort noise and the like: a sign of life, no more.
            self.last_heard = tick;
            return;
        }
        self.last_heard = tick;
        if from == session.remote {
            self.latched = Some(from);
        }
        self.latched.get_or_insert(from);
        self.reception.count(&header, arrival, is_sound);
        if is_event {
            self.take_event(&header, payload);
        } else if self.answered_at.is_some() {
            self.take_sound(&header, payload, session.law, tick);
        }
    }

    /// Presses before the answer are followed, so that their rest is not taken for a new press.
    fn take_event(&mut self, header: &Header, payload: &[u8]) {
        if let Some(digit) = self.events_in.receive(header, payload) {
            self.key_waits |= self.link.hear_digit(DigitMethod::TelephoneEvent, digit);
        }
    }

    fn take_sound(&mut self, header: &Header, payload: &[u8], law: Law, tick: u64) {
        let now = self.elapsed(tick);
        if let Some(recorder) = &mut self.recorder {
            let octets = law.to_ulaw(payload);
            recorder
                .timeline
                .put_theirs(header.ssrc, header.timestamp, now, &octets);
        }
        if let Some(listener) = &self.listener {
            let frame = law.to_ulaw(payload).into_owned();
            // A listener that does not keep up misses frames, as with any telephone.
            if let Err(tokio::sync::mpsc::error::TrySendError::Closed(_)) = listener.try_send(frame) {
                self.listener = None;
            }
        }
    }

    fn take_rtcp(&mut self, bytes: &[u8], from: IpAddr) {
        let Some(session) = self.session else { return };
        if !self.is_peer(&session, from) {
            self.stats.from_strangers += 1;
            return;
        }
        let Some(heard) = control::parse(bytes, self.ssrc) else {
            self.stats.malformed += 1;
            return;
        };
        self.stats.rtcp_received += heard.reports;
        let now = self.clock.now();
        if let Some(ntp) = heard.sender_ntp {
            self.peer_report = Some((ntp, now));
        }
        if let Some(view) = heard.view {
            self.stats.peer_lost = u64::from(view.lost);
            self.stats.peer_jitter_us = u64::from(view.jitter) * 125;
            if view.last_report != 0 {
                let trip = control::ntp_middle(now)
                    .wrapping_sub(view.last_report)
                    .wrapping_sub(view.delay);
                // A clock that was set meanwhile gives nonsense; nobody is a minute away.
                self.stats.round_trip_us = (trip < 60 << 16).then_some(u64::from(trip) * 1_000_000 / 65_536);
            }
        }
    }

    /// The peer's network may have moved its port: the first that speaks is believed, once in each
    /// agreement, and nobody else from then on. Only the port that was agreed on is always the peer's.
    fn may_speak(&self, session: &Session, from: SocketAddr) -> bool {
        from == session.remote || self.latched.is_none_or(|known| known == from)
    }

    fn is_peer(&self, session: &Session, ip: IpAddr) -> bool {
        ip == session.remote.ip() || self.rtp_from.iter().any(|range| range.contains(ip))
    }
}
