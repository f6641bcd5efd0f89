//! The window of a recording that may still change.

use crate::audio::Law;

const SILENCE: u8 = Law::Mu.silence();
/// Two seconds: how far apart two sides of a call may arrive.
const WINDOW: usize = 16_000;
/// Sound may come half a second late.
const DELAY: u64 = 4_000;
/// Half a second is given away at once.
pub(crate) const CHUNK: usize = 4_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Ours,
    Theirs,
}

/// Two channels of µ-law from sample `start` on.
#[derive(Debug)]
pub(crate) struct Timeline {
    start: u64,
    /// Where our last frame ends, which leaves before its time is over.
    ours_end: u64,
    /// Nothing but silence from here on, counted from `start`.
    used: usize,
    channels: [Vec<u8>; 2],
    /// Where the next timestamp of the peer's source belongs.
    anchor: Option<Anchor>,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    position: i64,
    /// Where its packet ends.
    end: i64,
}

impl Timeline {
    pub(crate) fn new() -> Self {
        Self {
            start: 0,
            ours_end: 0,
            used: 0,
            channels: [vec![SILENCE; WINDOW], vec![SILENCE; WINDOW]],
            anchor: None,
        }
    }

    /// Puts µ-law octets at a sample; what falls outside the window is lost.
    pub(crate) fn put(&mut self, channel: Channel, position: i64, octets: &[u8]) {
        let side = &mut self.channels[usize::from(channel == Channel::Theirs)];
        let at = position - self.start as i64;
        let end = at + octets.len() as i64;
        let inside = |place: i64| place.clamp(0, WINDOW as i64);
        let (from, to) = (inside(at), inside(end));
        if from < to {
            let kept = &octets[(from - at) as usize..(to - at) as usize];
            side[from as usize..to as usize].copy_from_slice(kept);
            self.used = self.used.max(to as usize);
        }
        if channel == Channel::Ours {
            self.ours_end = self.ours_end.max((self.start as i64 + end).max(0) as u64);
        }
    }

    /// Puts what the peer sent where its timestamp belongs. The first packet of a source, and
    /// one whose timestamp jumped away, belongs where it arrived, or right after the one before:
    /// after a stall of ours packets come in a bunch, and none takes another's place.
    pub(crate) fn put_theirs(&mut self, ssrc: u32, timestamp: u32, now: u64, octets: &[u8]) {
        let arrived = (now as i64 - octets.len() as i64).max(0);
        let placed = self.anchor.filter(|anchor| anchor.ssrc == ssrc).map(|anchor| {
            let step = timestamp.wrapping_sub(anchor.timestamp) as i32;
            anchor.position + i64::from(step)
        });
        let near = |place: &i64| (place - arrived).abs() < WINDOW as i64 / 4;
        let position = placed.filter(near).unwrap_or_else(|| {
            let end = self.anchor.map(|anchor| anchor.end).filter(near);
            end.map_or(arrived, |end| end.max(arrived))
        });
        self.anchor = Some(Anchor {
            ssrc,
            timestamp,
            position,
            end: position + octets.len() as i64,
        });
        self.put(Channel::Theirs, position, octets);
    }

    /// A chunk that nothing can change any more, in the form of a recording.
    pub(crate) fn take(&mut self, now: u64) -> Option<Vec<u8>> {
        (now >= self.start + CHUNK as u64 + DELAY).then(|| self.cut(CHUNK))
    }

    /// The rest, up to the end of the call.
    pub(crate) fn finish(&mut self, now: u64) -> Vec<u8> {
        let rest = (now.max(self.ours_end).saturating_sub(self.start) as usize).min(WINDOW);
        self.cut(rest)
    }

    fn cut(&mut self, samples: usize) -> Vec<u8> {
        let [ours, theirs] = &mut self.channels;
        let chunk = ours[..samples].iter().zip(&theirs[..samples]);
        let chunk = chunk.flat_map(|(ours, theirs)| [*ours, *theirs]).collect();
        // Most of the window is silence that need not be moved.
        let left = self.used.saturating_sub(samples);
        for side in [ours, theirs] {
            side.copy_within(samples..samples + left, 0);
            side[left..self.used].fill(SILENCE);
        }
        self.used = left;
        self.start += samples as u64;
        chunk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theirs(chunk: &[u8]) -> Vec<u8> {
        chunk.iter().skip(1).step_by(2).copied().collect()
    }

    #[test]
    fn a_bunch_after_a_stall_is_kept_whole_and_so_is_what_follows_it() {
        let mut line = Timeline::new();
        let frame = |n: u8| [n; 160];
        line.put_theirs(7, 0, 160, &frame(1));
        // Six tenths of a second nobody read; four packets waited, and the peer went on on time.
        for n in 2..=5 {
            line.put_theirs(7, 160 * u32::from(n - 1), 5_160, &frame(n));
        }
        line.put_theirs(7, 5_120, 5_280, &frame(6));
        line.put_theirs(7, 5_280, 5_440, &frame(7));
        let heard = theirs(&line.finish(8_000));
        for n in 1..=7 {
            let octets = heard.iter().filter(|octet| **octet == n).count();
            assert_eq!(octets, 160, "packet {n}");
        }
    }

    #[test]
    fn sound_is_placed_by_its_timestamp_and_gaps_are_silence() {
        let mut timeline = Timeline::new();
        timeline.put(Channel::Ours, 0, &[9; 160]);
        timeline.put_theirs(1, 1_000, 160, &[1; 160]);
        timeline.put_theirs(1, 1_480, 640, &[4; 160]);
        timeline.put_theirs(1, 1_160, 650, &[2; 160]);
        let chunk = timeline.finish(640);
        assert_eq!(chunk.len(), 1_280);
        let side = theirs(&chunk);
        for (at, octet) in [(0, 1), (159, 1), (160, 2), (320, SILENCE), (480, 4), (639, 4)] {
            assert_eq!(side[at], octet, "at {at}");
        }
        assert_eq!((chunk[0], chunk[318], chunk[320]), (9, 9, SILENCE));
    }

    #[test]
    fn a_jumping_timestamp_is_placed_where_it_arrived() {
        let mut timeline = Timeline::new();
        timeline.put_theirs(1, 0, 160, &[1; 160]);
        timeline.put_theirs(1, 900_000_000, 320, &[2; 160]);
        timeline.put_theirs(2, 5, 480, &[3; 160]);
        let side = theirs(&timeline.finish(480));
        assert_eq!((side[0], side[160], side[320]), (1, 2, 3));
    }

    #[test]
    fn what_falls_outside_the_window_is_lost_and_nothing_else() {
        let mut timeline = Timeline::new();
        timeline.put(Channel::Theirs, -100, &[1; 160]);
        timeline.put(Channel::Theirs, WINDOW as i64 - 10, &[2; 160]);
        timeline.put(Channel::Theirs, WINDOW as i64 + 10, &[3; 160]);
        timeline.put(Channel::Theirs, -500, &[4; 160]);
        let side = theirs(&timeline.finish(WINDOW as u64));
        let expected = [
            (0, 1),
            (59, 1),
            (60, SILENCE),
            (WINDOW - 11, SILENCE),
            (WINDOW - 10, 2),
            (WINDOW - 1, 2),
        ];
        for (at, octet) in expected {
            assert_eq!(side[at], octet, "at {at}");
        }
    }

    #[test]
    fn what_was_given_away_is_silence_again() {
        let mut timeline = Timeline::new();
        timeline.put(Channel::Theirs, 0, &[1; CHUNK]);
        timeline.put(Channel::Theirs, CHUNK as i64, &[2; 300]);
        timeline.put(Channel::Ours, 0, &[3; 160]);
        assert_eq!(timeline.take(CHUNK as u64 + DELAY).unwrap()[..2], [3, 1]);
        let rest = timeline.finish(CHUNK as u64 * 2);
        assert!(rest.chunks_exact(2).take(300).all(|pair| pair == [SILENCE, 2]));
        assert!(rest[600..].iter().all(|octet| *octet == SILENCE));
        assert_eq!(rest.len(), CHUNK * 2);
    }

    #[test]
    fn chunks_leave_once_nothing_can_change_them() {
        let mut timeline = Timeline::new();
        assert_eq!(timeline.take(CHUNK as u64 + DELAY - 1), None);
        let chunk = timeline.take(CHUNK as u64 + DELAY).unwrap();
        assert_eq!(chunk.len(), CHUNK * 2);
        assert_eq!(timeline.finish(CHUNK as u64 + 10).len(), 20);
        assert_eq!(timeline.finish(CHUNK as u64).len(), 0);
    }
}
