//! A telephone's sound: silence every 20 ms, and keys as telephone events (RFC 4733).

use super::handset::Rung;
use base::Stopwatch;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

const FRAME: Duration = Duration::from_millis(20);
const SAMPLES: u32 = 160;
const SOUND_TYPE: u8 = 0;
const EVENT_TYPE: u8 = 101;
/// A press of 120 ms, whose end is told three times.
const PACKETS: u32 = 6;
const ENDS: u32 = 3;
const MARKER: u8 = 0x80;
const END: u8 = 0x80;

/// Dropping it silences the telephone.
pub struct Keypad {
    presses: mpsc::Sender<(u8, oneshot::Sender<Duration>)>,
    sending: JoinHandle<()>,
}

impl Keypad {
    /// Begins to send. Times are told since `since`.
    pub fn start(rung: &Rung, since: Stopwatch) -> std::io::Result<Self> {
        let rtp = rung.rtp.try_clone()?;
        rtp.set_nonblocking(true)?;
        let rtp = UdpSocket::from_std(rtp)?;
        let (presses, asked) = mpsc::channel(4);
        let sound = Sound {
            rtp,
            remote: rung.remote,
            since,
            sequence: 1,
            timestamp: SAMPLES,
        };
        Ok(Self {
            presses,
            sending: tokio::spawn(sound.send(asked)),
        })
    }

    /// Presses a digit; when the first packet of it left.
    pub async fn press(&self, digit: u8) -> Option<Duration> {
        let (tell, left) = oneshot::channel();
        self.presses.send((digit, tell)).await.ok()?;
        left.await.ok()
    }
}

impl Drop for Keypad {
    fn drop(&mut self) {
        self.sending.abort();
    }
}

struct Sound {
    rtp: UdpSocket,
    remote: SocketAddr,
    since: Stopwatch,
    sequence: u16,
    timestamp: u32,
}

impl Sound {
    async fn send(mut self, mut asked: mpsc::Receiver<(u8, oneshot::Sender<Duration>)>) {
        let mut pace = tokio::time::interval(FRAME);
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            pace.tick().await;
            if let Ok((digit, tell)) = asked.try_recv() {
                let mut tell = Some(tell);
                let began = self.timestamp;
                for packet in 1..=PACKETS + ENDS {
                    if packet > 1 {
                        pace.tick().await;
                    }
                    let at = self.since.elapsed();
                    self.event(digit, began, packet).await;
                    if let Some(tell) = tell.take() {
                        let _ = tell.send(at);
                    }
                }
            } else {
                let timestamp = self.timestamp;
                self.packet(SOUND_TYPE, timestamp, &[0xff; SAMPLES as usize])
                    .await;
            }
        }
    }

    async fn event(&mut self, digit: u8, began: u32, packet: u32) {
        let duration = (packet.min(PACKETS) * SAMPLES) as u16;
        let ended = if packet > PACKETS { END } else { 0 };
        let [high, low] = duration.to_be_bytes();
        let marker = if packet == 1 { MARKER } else { 0 };
        self.packet(EVENT_TYPE | marker, began, &[digit, ended | 10, high, low])
            .await;
    }

    async fn packet(&mut self, kind: u8, timestamp: u32, payload: &[u8]) {
        let mut packet = vec![0x80, kind];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(0x7e1e_u32.to_be_bytes());
        packet.extend(payload);
        // A caller that has hung up reads nothing any more.
        let _ = self.rtp.send_to(&packet, self.remote).await;
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(SAMPLES);
    }
}
