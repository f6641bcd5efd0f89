//! Digits as telephone events (RFC 4733): one press is many packets.

use crate::rtp::packet::Header;
use std::collections::VecDeque;

/// Events 0 to 15 are the keys of a telephone.
pub(crate) const KEYS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
];

/// Recognizes presses among the packets of the negotiated payload type.
#[derive(Debug, Default)]
pub(crate) struct EventReceiver {
    last: Option<Press>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    ssrc: u32,
    event: u8,
    timestamp: u32,
    duration: u16,
    ended: bool,
}

impl EventReceiver {
    /// The key, the first time a packet of its press arrives.
    pub(crate) fn receive(&mut self, header: &Header, payload: &[u8]) -> Option<char> {
        let [event, flags, high, low, ..] = *payload else {
            return None;
        };
        let key = *KEYS.get(usize::from(event))?;
        let duration = u16::from_be_bytes([high, low]);
        let press = Press {
            ssrc: header.ssrc,
            event,
            timestamp: header.timestamp,
            duration,
            ended: flags & 0x80 != 0,
        };
        match &mut self.last {
            // The peer's media moved, and its timestamps began anew. The rest of a press that was
            // heard before the move is no press.
            Some(last) if last.ssrc != press.ssrc => {
                let goes_on = !last.ended && last.event == press.event;
                let rest = !header.marker && (press.ended || goes_on);
                *last = press;
                (!rest).then_some(key)
            }
            Some(last) if last.is_older_than(&press) => {
                let same = last.goes_on_in(&press, header.marker);
                *last = press;
                (!same).then_some(key)
            }
            // The press that is known already, or one from before it that comes late.
            Some(last) => {
                if last.timestamp == press.timestamp {
                    last.ended |= press.ended;
                    last.duration = last.duration.max(press.duration);
                }
                None
            }
            None => {
                self.last = Some(press);
                Some(key)
            }
        }
    }
}

impl Press {
    fn is_older_than(&self, other: &Self) -> bool {
        (other.timestamp.wrapping_sub(self.timestamp) as i32) > 0
    }

    /// A long press goes on in a new segment with a new timestamp (section 2.5.1.3). Some
    /// telephones also move the timestamp with each packet, against the standard.
    fn goes_on_in(&self, next: &Self, marker: bool) -> bool {
        if self.ended || marker || self.event != next.event {
            return false;
        }
        let later = next.timestamp.wrapping_sub(self.timestamp);
        later == u32::from(self.duration) || (next.duration > self.duration && later < 8_000)
    }
}

const PRESS_MS: u32 = 120;
const PAUSE_MS: u32 = 80;
const END_PACKETS: u8 = 3;
const MAX_QUEUED: usize = 32;
/// Volume -10 dBm0.
const VOLUME: u8 = 10;

/// Sends presses in place of sound frames.
#[derive(Debug, Default)]
pub(crate) struct EventSender {
    queue: VecDeque<u8>,
    state: Sending,
}

#[derive(Debug, Default)]
enum Sending {
    #[default]
    Idle,
    Pressing {
        event: u8,
        timestamp: u32,
        duration: u32,
        ends_sent: u8,
    },
    Pausing {
        left_ms: u32,
    },
}

/// A packet to send instead of a frame of sound.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EventFrame {
    pub marker: bool,
    pub timestamp: u32,
    pub payload: [u8; 4],
}

impl EventSender {
    /// Queues a key; false when it is no key or too many wait.
    pub(crate) fn press(&mut self, key: char) -> bool {
        let event = KEYS.iter().position(|known| *known == key.to_ascii_uppercase());
        match event {
            Some(event) if self.queue.len() < MAX_QUEUED => {
                self.queue.push_back(event as u8);
                true
            }
            _ => false,
        }
    }

    /// What to send at this timestamp, `ptime_ms` after the last call; `None`: sound.
    pub(crate) fn next(&mut self, now: u32, ptime_ms: u32) -> Option<EventFrame> {
        if let Sending::Pausing { left_ms } = &mut self.state {
            *left_ms = left_ms.saturating_sub(ptime_ms);
            if *left_ms > 0 {
                return None;
            }
            self.state = Sending::Idle;
        }
        if matches!(self.state, Sending::Idle) {
            let event = self.queue.pop_front()?;
            self.state = Sending::Pressing {
                event,
                timestamp: now,
                duration: 0,
                ends_sent: 0,
            };
        }
        let Sending::Pressing {
            event,
            timestamp,
            duration,
            ends_sent,
        } = &mut self.state
        else {
            return None;
        };
        let (event, timestamp) = (*event, *timestamp);
        let marker = *duration == 0;
        let ending = *duration >= PRESS_MS * 8;
        if ending {
            *ends_sent += 1;
        } else {
            *duration += ptime_ms * 8;
        }
        let length = (*duration as u16).to_be_bytes();
        let done = *ends_sent == END_PACKETS;
        if done {
            self.state = Sending::Pausing { left_ms: PAUSE_MS };
        }
        let payload = [event, VOLUME | u8::from(ending) << 7, length[0], length[1]];
        Some(EventFrame {
            marker,
            timestamp,
            payload,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(timestamp: u32, marker: bool) -> Header {
        Header {
            marker,
            payload_type: 101,
            sequence: 0,
            timestamp,
            ssrc: 1,
        }
    }

    fn packet(event: u8, end: bool, duration: u16) -> [u8; 4] {
        let [high, low] = duration.to_be_bytes();
        [event, u8::from(end) << 7, high, low]
    }

    #[test]
    fn a_press_is_heard_once_however_many_packets_arrive() {
        let mut receiver = EventReceiver::default();
        let mut heard = String::new();
        for (end, duration) in [(false, 160), (false, 320), (true, 480), (true, 480), (true, 480)] {
            heard.extend(receiver.receive(&header(1_000, duration == 160), &packet(1, end, duration)));
        }
        heard.extend(receiver.receive(&header(4_000, false), &packet(1, true, 480)));
        heard.extend(receiver.receive(&header(1_000, false), &packet(1, true, 480)));
        assert_eq!(heard, "11");
    }

    #[test]
    fn a_long_press_in_segments_is_one_press() {
        let mut receiver = EventReceiver::default();
        assert_eq!(
            receiver.receive(&header(0, true), &packet(2, false, 65_535)),
            Some('2')
        );
        assert_eq!(
            receiver.receive(&header(65_535, false), &packet(2, false, 160)),
            None
        );
        assert_eq!(
            receiver.receive(&header(65_535, false), &packet(2, true, 320)),
            None
        );
        assert_eq!(
            receiver.receive(&header(70_000, true), &packet(2, false, 160)),
            Some('2')
        );
    }

    #[test]
    fn a_moving_timestamp_is_one_press() {
        let mut receiver = EventReceiver::default();
        let heard: String = (1..=6u16)
            .filter_map(|n| {
                receiver.receive(&header(u32::from(n) * 160, n == 1), &packet(9, n == 6, n * 160))
            })
            .collect();
        assert_eq!(heard, "9");
    }

    #[test]
    fn keys_are_heard_after_the_peers_media_moved_whatever_its_timestamps() {
        let moved = |timestamp, marker| Header {
            ssrc: 2,
            ..header(timestamp, marker)
        };
        let mut receiver = EventReceiver::default();
        assert_eq!(
            receiver.receive(&header(900_000, true), &packet(5, false, 160)),
            Some('5')
        );
        // The move came in the middle of the press.
        assert_eq!(
            receiver.receive(&moved(1_000, false), &packet(5, false, 320)),
            None
        );
        assert_eq!(
            receiver.receive(&moved(1_000, false), &packet(5, true, 480)),
            None
        );
        assert_eq!(
            receiver.receive(&moved(4_000, true), &packet(1, false, 160)),
            Some('1')
        );
        assert_eq!(
            receiver.receive(&moved(4_000, false), &packet(1, true, 320)),
            None
        );
        assert_eq!(
            receiver.receive(&header(900_000, false), &packet(5, true, 480)),
            None
        );
        assert_eq!(
            receiver.receive(&moved(9_000, true), &packet(2, false, 160)),
            Some('2')
        );
    }

    #[test]
    fn events_that_are_no_keys_are_not_digits() {
        let mut receiver = EventReceiver::default();
        assert_eq!(receiver.receive(&header(0, true), &packet(16, false, 160)), None);
        assert_eq!(receiver.receive(&header(0, true), &[1, 0]), None);
    }

    #[test]
    fn what_is_sent_is_heard_by_the_receiver() {
        let (mut sender, mut receiver) = (EventSender::default(), EventReceiver::default());
        for key in "1#d".chars() {
            assert!(sender.press(key));
        }
        assert!(!sender.press('x'));
        let heard: String = (0..60u32)
            .filter_map(|n| sender.next(n * 160, 20))
            .filter_map(|frame| receiver.receive(&header(frame.timestamp, frame.marker), &frame.payload))
            .collect();
        assert_eq!(heard, "1#D");
        assert_eq!(sender.next(0, 20), None);
    }
}
