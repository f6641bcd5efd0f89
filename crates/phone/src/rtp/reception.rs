//! What became of the packets sent to us: order, loss and jitter (RFC 3550 appendix A).

use crate::rtp::packet::Header;

#[derive(Debug, Default)]
pub(crate) struct Reception {
    source: Option<Source>,
    /// Losses of sources that are gone.
    lost_before: u64,
    pub received: u64,
    pub out_of_order: u64,
}

#[derive(Debug)]
struct Source {
    ssrc: u32,
    first: u16,
    /// Highest sequence number, with the number of its wraps.
    highest: u64,
    received: u64,
    transit: Option<i64>,
    /// In timestamp units, times 16 as in appendix A.8.
    jitter16: u64,
    expected_at_report: u64,
    received_at_report: u64,
}

/// The numbers of a report block (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReportBlock {
    pub ssrc: u32,
    pub fraction_lost: u8,
    pub lost: u32,
    pub highest: u32,
    pub jitter: u32,
}

impl Reception {
    /// Counts a packet that arrived `now` samples after an arbitrary moment.
    /// `timed`: its timestamp tells when it was sent, which is not so for telephone events.
    pub(crate) fn count(&mut self, header: &Header, now: u64, timed: bool) {
        self.received += 1;
        if self
            .source
            .as_ref()
            .is_none_or(|source| source.ssrc != header.ssrc)
        {
            self.lost_before = self.lost();
            self.source = Some(Source::new(header));
        }
        let Some(source) = &mut self.source else { return };
        source.received += 1;
        let ahead = header.sequence.wrapping_sub(source.highest as u16);
        if ahead < 0x8000 {
            source.highest += u64::from(ahead);
        } else {
            self.out_of_order += 1;
        }
        if timed {
            source.time(now as i64, header.timestamp);
        }
    }

    pub(crate) fn lost(&self) -> u64 {
        let now = self
            .source
            .as_ref()
            .map_or(0, |s| s.expected().saturating_sub(s.received));
        self.lost_before + now
    }

    pub(crate) fn jitter_us(&self) -> u64 {
        self.source
            .as_ref()
            .map_or(0, |source| source.jitter16 * 125 / 16)
    }

    /// Closes an interval and reports on it.
    pub(crate) fn report(&mut self) -> Option<ReportBlock> {
        let lost = self.lost().min(0x7f_ffff) as u32;
        let source = self.source.as_mut()?;
        let expected = source.expected() - source.expected_at_report;
        let received = source.received - source.received_at_report;
        source.expected_at_report += expected;
        source.received_at_report += received;
        let fraction = (expected.saturating_sub(received) * 256)
            .checked_div(expected)
            .unwrap_or(0);
        Some(ReportBlock {
            ssrc: source.ssrc,
            fraction_lost: fraction.min(255) as u8,
            lost,
            highest: source.highest as u32,
            jitter: (source.jitter16 / 16) as u32,
        })
    }
}

impl Source {
    fn new(header: &Header) -> Self {
        Self {
            ssrc: header.ssrc,
            first: header.sequence,
            highest: u64::from(header.sequence),
            received: 0,
            transit: None,
            jitter16: 0,
            expected_at_report: 0,
            received_at_report: 0,
        }
    }

    fn expected(&self) -> u64 {
        self.highest - u64::from(self.first) + 1
    }

    fn time(&mut self, now: i64, timestamp: u32) {
        // Differences of 32-bit timestamps, so that a wrap is not a jump.
        let transit = i64::from((now as u32).wrapping_sub(timestamp) as i32);
        if let Some(last) = self.transit.replace(transit) {
            let step = i64::from((transit - last) as i32).unsigned_abs();
            self.jitter16 = self.jitter16 + step - (self.jitter16 + 8) / 16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(sequence: u16, timestamp: u32) -> Header {
        Header {
            marker: false,
            payload_type: 0,
            sequence,
            timestamp,
            ssrc: 5,
        }
    }

    #[test]
    fn loss_and_order_are_counted_across_the_wrap() {
        let mut reception = Reception::default();
        for sequence in [65_533, 65_534, 0, 65_535, 3] {
            reception.count(&header(sequence, 0), 0, false);
        }
        assert_eq!(
            (reception.received, reception.lost(), reception.out_of_order),
            (5, 2, 1)
        );
        let block = reception.report().unwrap();
        assert_eq!(
            (block.lost, block.highest, block.fraction_lost),
            (2, 65_536 + 3, (2 * 256 / 7) as u8)
        );
        assert_eq!(reception.report().unwrap().fraction_lost, 0);
    }

    #[test]
    fn even_packets_have_no_jitter_and_uneven_ones_have() {
        let (mut even, mut uneven) = (Reception::default(), Reception::default());
        for n in 0..200u32 {
            let sent = n * 160;
            even.count(
                &header(n as u16, sent.wrapping_sub(320)),
                u64::from(sent) + 77,
                true,
            );
            uneven.count(
                &header(n as u16, sent),
                u64::from(sent) + u64::from(n % 2) * 80,
                true,
            );
        }
        assert_eq!(even.jitter_us(), 0);
        assert!(
            (9_000..=10_500).contains(&uneven.jitter_us()),
            "{}",
            uneven.jitter_us()
        );
    }
}
