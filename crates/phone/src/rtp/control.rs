//! RTCP sender and receiver reports (RFC 3550 section 6).

use crate::rtp::packet::be32;
use crate::rtp::reception::ReportBlock;
use base::Timestamp;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const CNAME: u8 = 1;
/// Seconds from 1900 to 1970.
const NTP_OFFSET_SECS: u64 = 2_208_988_800;

/// What we tell about our own sending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SenderInfo {
    pub ssrc: u32,
    pub now: Timestamp,
    pub rtp_timestamp: u32,
    pub packets: u32,
    pub octets: u32,
}

/// When the peer's last sender report came, for its round trip.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LastReport {
    /// The middle 32 bits of its NTP time.
    pub ntp: u32,
    /// In units of 1/65,536 s.
    pub age: u32,
}

/// What the peer says about what it received from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PeerView {
    pub lost: u32,
    pub jitter: u32,
    pub last_report: u32,
    pub delay: u32,
}

/// A compound packet: sender report, and our name.
pub(crate) fn write(sender: &SenderInfo, block: Option<(ReportBlock, LastReport)>, cname: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    let blocks = u8::from(block.is_some());
    start(&mut out, blocks, SENDER_REPORT, sender.ssrc);
    out.extend_from_slice(&ntp(sender.now).to_be_bytes());
    for word in [sender.rtp_timestamp, sender.packets, sender.octets] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    if let Some((block, last)) = block {
        let loss = u32::from(block.fraction_lost) << 24 | block.lost & 0x00ff_ffff;
        for word in [block.ssrc, loss, block.highest, block.jitter, last.ntp, last.age] {
            out.extend_from_slice(&word.to_be_bytes());
        }
    }
    close(&mut out, 0);
    let at = out.len();
    start(&mut out, 1, SOURCE_DESCRIPTION, sender.ssrc);
    out.extend_from_slice(&[CNAME, cname.len().min(255) as u8]);
    out.extend_from_slice(&cname.as_bytes()[..cname.len().min(255)]);
    // At least one zero ends the chunk, on a word boundary.
    out.push(0);
    while !(out.len() - at).is_multiple_of(4) {
        out.push(0);
    }
    close(&mut out, at);
    out
}

/// The middle 32 bits of the NTP time, as in "last SR".
pub(crate) fn ntp_middle(now: Timestamp) -> u32 {
    (ntp(now) >> 16) as u32
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    pub reports: u64,
    /// The middle of the NTP time of a sender report.
    pub sender_ntp: Option<u32>,
    pub view: Option<PeerView>,
}

/// Reads a compound packet; `ours`: the source we send with. `None`: it is malformed.
pub(crate) fn parse(mut bytes: &[u8], ours: u32) -> Option<Heard> {
    let mut heard = Heard::default();
    while !bytes.is_empty() {
        if bytes.len() < 4 || bytes[0] >> 6 != 2 {
            return None;
        }
        let length = 4 + 4 * usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        let packet = bytes.get(..length)?;
        let blocks = match packet[1] {
            SENDER_REPORT => {
                heard.sender_ntp = Some(be32(packet.get(10..14)?));
                packet.get(28..)?
            }
            RECEIVER_REPORT => packet.get(8..)?,
            _ => {
                bytes = &bytes[length..];
                continue;
            }
        };
        heard.reports += 1;
        for block in blocks.chunks_exact(24).take(usize::from(packet[0] & 0x1f)) {
            if be32(block) == ours {
                heard.view = Some(PeerView {
                    lost: be32(&block[4..]) & 0x00ff_ffff,
                    jitter: be32(&block[12..]),
                    last_report: be32(&block[16..]),
                    delay: be32(&block[20..]),
                });
            }
        }
        bytes = &bytes[length..];
    }
    Some(heard)
}

fn ntp(now: Timestamp) -> u64 {
    let us = now.as_us().max(0) as u64;
    let fraction = ((us % 1_000_000) << 32) / 1_000_000;
    (us / 1_000_000 + NTP_OFFSET_SECS) << 32 | fraction
}

fn start(out: &mut Vec<u8>, count: u8, kind: u8, ssrc: u32) {
    out.extend_from_slice(&[0x80 | count, kind, 0, 0]);
    out.extend_from_slice(&ssrc.to_be_bytes());
}

fn close(out: &mut [u8], at: usize) {
    let words = ((out.len() - at) / 4 - 1) as u16;
    out[at + 2..at + 4].copy_from_slice(&words.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_report_is_read_back_by_the_one_it_is_about() {
        let sender = SenderInfo {
            ssrc: 1,
            now: Timestamp::from_secs(1_700_000_000).plus_ms(500),
            rtp_timestamp: 160,
            packets: 2,
            octets: 320,
        };
        let block = ReportBlock {
            ssrc: 9,
            fraction_lost: 3,
            lost: 4,
            highest: 5,
            jitter: 6,
        };
        let bytes = write(&sender, Some((block, LastReport { ntp: 7, age: 8 })), "huiling");
        assert_eq!(bytes.len() % 4, 0);
        let heard = parse(&bytes, 9).unwrap();
        assert_eq!(heard.reports, 1);
        assert_eq!(heard.sender_ntp, Some(ntp_middle(sender.now)));
        assert_eq!(
            heard.view,
            Some(PeerView {
                lost: 4,
                jitter: 6,
                last_report: 7,
                delay: 8
            })
        );
        assert_eq!(parse(&bytes, 10).unwrap().view, None);
        assert_eq!(parse(&bytes[..bytes.len() - 1], 9), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..128), ours: u32) {
            let _ = parse(&bytes, ours);
            let mut report = vec![0x81, 200, 0, (bytes.len() / 4) as u8];
            report.extend(&bytes);
            let _ = parse(&report, ours);
        }
    }
}
