//! One call's media: what is sent at each tick.

use crate::audio::Law;
use crate::config::IpRange;
use crate::media::link::{MediaStats, StreamLink};
use crate::media::{PortLease, SAMPLES_PER_TICK, SocketPair, TICK_MS};
use crate::recording::{Channel, Recorder};
use crate::rtp::control::{self, LastReport, SenderInfo};
use crate::rtp::event::{EventReceiver, EventSender};
use crate::rtp::packet::{HEADER_LENGTH, Header};
use crate::rtp::reception::Reception;
use crate::sdp::Session;
use crate::sound::Sound;
use base::Clock;
use mio::net::UdpSocket;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::mpsc;

/// 60 ms, the longest frame.
const MAX_FRAME: usize = 480;
/// RTCP reports leave every five seconds (RFC 3550 section 6.2).
const REPORT_TICKS: u64 = 5_000 / TICK_MS;
/// Stats are shown to the call every fifth of a second.
const PUBLISH_TICKS: u64 = 200 / TICK_MS;

/// Nobody is kept on hold for longer than ten minutes without a sound.
const LONGEST_HOLD_TICKS: u64 = 600_000 / TICK_MS;

/// What a stream begins with.
#[derive(Debug)]
pub(crate) struct StreamConfig {
    pub sockets: SocketPair,
    pub link: Arc<StreamLink>,
    pub rtp_from: Vec<IpRange>,
    pub media_timeout_ms: u64,
    pub ssrc: u32,
    pub first_sequence: u16,
    pub first_timestamp: u32,
    pub clock: Clock,
}

pub(crate) struct Stream {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    pub(super) link: Arc<StreamLink>,
    pub(super) rtp_from: Vec<IpRange>,
    pub(super) clock: Clock,
    timeout_ticks: u64,
    /// `None` until the peer described itself; nothing is sent or heard before.
    pub(super) session: Option<Session>,
    /// The tick of the answer. Sound before it is early media: read, and dropped.
    pub(super) answered_at: Option<u64>,
    pub(super) latched: Option<SocketAddr>,
    pub(super) ssrc: u32,
    sequence: u16,
    /// The timestamp of the frame that leaves at `next_frame`.
    timestamp: u32,
    next_frame: u64,
    next_report: u64,
    next_publish: u64,
    octets_sent: u32,
    playing: Option<Playing>,
    pub(super) events_out: EventSender,
    pub(super) events_in: EventReceiver,
    /// A key that came by RTP is held back.
    pub(super) key_waits: bool,
    pub(super) reception: Reception,
    pub(super) last_heard: u64,
    pub(super) peer_report: Option<(u32, base::Timestamp)>,
    pub(super) recorder: Option<Recorder>,
    pub(super) listener: Option<mpsc::Sender<Vec<u8>>>,
    pub(super) stats: MediaStats,
    /// Dropped last: the ports are free when their sockets are closed.
    _lease: PortLease,
}

struct Playing {
    number: u64,
    sound: Sound,
    position: usize,
}

impl Stream {
    pub(super) fn new(config: StreamConfig, tick: u64) -> std::io::Result<Self> {
        config.sockets.rtp.set_nonblocking(true)?;
        config.sockets.rtcp.set_nonblocking(true)?;
        Ok(Self {
            rtp: UdpSocket::from_std(config.sockets.rtp),
            rtcp: UdpSocket::from_std(config.sockets.rtcp),
            link: config.link,
            rtp_from: config.rtp_from,
            clock: config.clock,
            timeout_ticks: config.media_timeout_ms / TICK_MS,
            session: None,
            answered_at: None,
            latched: None,
            ssrc: config.ssrc,
            sequence: config.first_sequence,
            timestamp: config.first_timestamp,
            next_frame: tick + 1,
            next_report: tick + REPORT_TICKS,
            next_publish: tick,
            octets_sent: 0,
            playing: None,
            events_out: EventSender::default(),
            events_in: EventReceiver::default(),
            key_waits: false,
            reception: Reception::default(),
            last_heard: tick,
            peer_report: None,
            recorder: None,
            listener: None,
            stats: MediaStats::default(),
            _lease: config.sockets.lease,
        })
    }

    /// A new agreement: after an answer, a hold, or a move of the peer.
    pub(super) fn negotiated(&mut self, session: Session, tick: u64) {
        if self.session.is_none_or(|before| before.remote != session.remote) {
            self.latched = None;
        }
        self.link.on_hold.store(!session.wanted, Ordering::SeqCst);
        self.last_heard = tick;
        self.session = Some(session);
    }

    pub(super) fn answered(&mut self, recorder: Option<Recorder>, tick: u64) {
        self.answered_at = Some(tick);
        self.last_heard = tick;
        self.recorder = recorder;
        // The phase of the call within the packet length stays, so that calls are spread.
        self.skip_to(tick);
        self.link.answered();
    }

    pub(super) fn play(&mut self, number: u64, sound: Sound) {
        self.playing = Some(Playing {
            number,
            sound,
            position: 0,
        });
    }

    pub(super) fn stop_playing(&mut self, number: u64) {
        self.playing.take_if(|playing| playing.number == number);
    }

    /// Samples since the answer, at a tick.
    pub(super) fn elapsed(&self, tick: u64) -> u64 {
        self.answered_at
            .map_or(0, |answered| tick.saturating_sub(answered) * SAMPLES_PER_TICK)
    }

    /// Does what is due at this tick. Returns how many ticks ago a frame should have left, if
    /// one did, and how many were given up.
    pub(super) fn tick(&mut self, tick: u64) -> Sent {
        let mut sent = Sent::default();
        // A key that came by RTP is known here, one that came by INFO is looked for with each frame:
        // of a thousand calls hardly one has a key that waits.
        if self.key_waits || self.next_frame <= tick {
            self.settle_digits();
        }
        if self.answered_at.is_some()
            && let Some(session) = self.session
        {
            if self.next_frame <= tick {
                sent = self.send_due(&session, tick);
            }
            if self.next_report <= tick {
                self.next_report = tick + REPORT_TICKS;
                self.send_report(&session);
            }
            let patience = if session.wanted {
                self.timeout_ticks
            } else {
                LONGEST_HOLD_TICKS
            };
            if tick.saturating_sub(self.last_heard) > patience {
                self.link.timed_out.send_replace(true);
            }
        }
        if self.next_publish <= tick {
            self.next_publish = tick + PUBLISH_TICKS;
            self.publish();
            let now = self.elapsed(tick);
            if let Some(recorder) = &mut self.recorder {
                self.stats.recording_lost_ms += recorder.flush(now);
            }
        }
        sent
    }

    fn settle_digits(&mut self) {
        let (heard, too_fast) = self.link.settle_digits();
        self.stats.digits += heard;
        self.stats.digits_too_fast += too_fast;
        self.key_waits = self.link.key_waits();
    }

    pub(super) fn publish(&mut self) {
        self.stats.received = self.reception.received;
        self.stats.lost = self.reception.lost();
        self.stats.out_of_order = self.reception.out_of_order;
        self.stats.jitter_us = self.reception.jitter_us();
        self.link.publish(&self.stats);
    }

    /// Sends one frame, however many are due: a burst would only overflow the peer's buffer.
    fn send_due(&mut self, session: &Session, tick: u64) -> Sent {
        let period = u64::from(session.ptime_ms) / TICK_MS;
        let samples = period * SAMPLES_PER_TICK;
        let missed = (tick - self.next_frame) / period;
        self.timestamp = self.timestamp.wrapping_add((missed * samples) as u32);
        self.stats.skipped_frames += missed;
        let due = self.next_frame + missed * period;
        if session.wanted {
            self.send_frame(session, samples as usize, due);
        }
        self.timestamp = self.timestamp.wrapping_add(samples as u32);
        self.next_frame = due + period;
        Sent {
            ticks_late: session.wanted.then_some(tick - due),
            skipped: missed,
        }
    }

    fn send_frame(&mut self, session: &Session, samples: usize, due: u64) {
        let mut packet = [0u8; HEADER_LENGTH + MAX_FRAME];
        let (header, body) = packet
            .split_first_chunk_mut()
            .expect("a packet is longer than its header");
        let event = session.events.and_then(|types| {
            let frame = self.events_out.next(self.timestamp, session.ptime_ms)?;
            Some((types.send, frame))
        });
        let (payload_type, marker, timestamp, length) = match event {
            Some((payload_type, frame)) => {
                body[..4].copy_from_slice(&frame.payload);
                (payload_type, frame.marker, frame.timestamp, 4)
            }
            None => {
                self.fill(&mut body[..samples], session.law);
                (
                    session.payload_type,
                    self.stats.sent == 0,
                    self.timestamp,
                    samples,
                )
            }
        };
        let sequence = self.sequence;
        Header {
            marker,
            payload_type,
            sequence,
            timestamp,
            ssrc: self.ssrc,
        }
        .write(header);
        if event_is_sound(length, samples) {
            self.record_ours(&packet[HEADER_LENGTH..HEADER_LENGTH + length], session.law, due);
        }
        let to = self.latched.unwrap_or(session.remote);
        if self.rtp.send_to(&packet[..HEADER_LENGTH + length], to).is_err() {
            self.stats.send_errors += 1;
        }
        self.stats.sent += 1;
        self.octets_sent = self.octets_sent.wrapping_add(length as u32);
        self.sequence = self.sequence.wrapping_add(1);
    }

    /// The next frame of the sound that plays, of what is spoken, or silence.
    fn fill(&mut self, frame: &mut [u8], law: Law) {
        let filled;
        if let Some(playing) = &mut self.playing {
            let rest = &playing.sound.samples()[playing.position..];
            filled = rest.len().min(frame.len());
            for (place, sample) in frame.iter_mut().zip(rest) {
                *place = law.encode(*sample);
            }
            playing.position += filled;
            if playing.position == playing.sound.samples().len() {
                self.link.played.send_replace(playing.number);
                self.playing = None;
            }
        } else {
            filled = self.link.take_speech(frame);
            if law == Law::A {
                for octet in &mut frame[..filled] {
                    *octet = Law::A.encode(Law::Mu.decode(*octet));
                }
            }
        }
        frame[filled..].fill(law.silence());
    }

    fn record_ours(&mut self, octets: &[u8], law: Law, due: u64) {
        let position = self.elapsed(due) as i64;
        if let Some(recorder) = &mut self.recorder {
            recorder
                .timeline
                .put(Channel::Ours, position, &law.to_ulaw(octets));
        }
    }

    fn skip_to(&mut self, tick: u64) {
        let ptime_ms = self.session.map_or(20, |session| session.ptime_ms);
        let period = u64::from(ptime_ms) / TICK_MS;
        let phase = self.next_frame % period;
        self.next_frame = tick + (period + phase - tick % period) % period;
    }

    fn send_report(&mut self, session: &Session) {
        let now = self.clock.now();
        let sender = SenderInfo {
            ssrc: self.ssrc,
            now,
            rtp_timestamp: self.timestamp,
            packets: self.stats.sent as u32,
            octets: self.octets_sent,
        };
        let last = self.peer_report.map_or(LastReport::default(), |(ntp, at)| {
            let age = now.since(at).as_micros() as u64 * 65_536 / 1_000_000;
            LastReport { ntp, age: age as u32 }
        });
        let block = self.reception.report().map(|block| (block, last));
        let report = control::write(&sender, block, "huiling");
        match self.rtcp.send_to(&report, session.remote_rtcp) {
            Ok(_) => self.stats.rtcp_sent += 1,
            Err(_) => self.stats.send_errors += 1,
        }
    }
}

/// What a tick brought.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    pub ticks_late: Option<u64>,
    pub skipped: u64,
}

/// Events carry four octets, which no frame of sound does.
fn event_is_sound(length: usize, samples: usize) -> bool {
    length == samples
}
