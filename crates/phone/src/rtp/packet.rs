//! The RTP header (RFC 3550 section 5.1).

pub(crate) const HEADER_LENGTH: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Header {
    pub(crate) fn write(&self, out: &mut [u8; HEADER_LENGTH]) {
        out[0] = 0x80;
        out[1] = self.payload_type & 0x7f | u8::from(self.marker) << 7;
        out[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        out[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        out[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }
}

/// Reads a packet: its header, and its payload without extension and padding.
pub(crate) fn parse(bytes: &[u8]) -> Option<(Header, &[u8])> {
    if bytes.len() < HEADER_LENGTH || bytes[0] >> 6 != 2 {
        return None;
    }
    let mut start = HEADER_LENGTH + 4 * usize::from(bytes[0] & 0x0f);
    if bytes[0] & 0x10 != 0 {
        let length = bytes.get(start + 2..start + 4)?;
        start += 4 + 4 * usize::from(u16::from_be_bytes([length[0], length[1]]));
    }
    let padding = if bytes[0] & 0x20 != 0 {
        usize::from(*bytes.last()?)
    } else {
        0
    };
    let payload = bytes.get(start..bytes.len().checked_sub(padding)?)?;
    let header = Header {
        marker: bytes[1] & 0x80 != 0,
        payload_type: bytes[1] & 0x7f,
        sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
        timestamp: be32(&bytes[4..8]),
        ssrc: be32(&bytes[8..12]),
    };
    Some((header, payload))
}

/// RTCP may come to the RTP port (RFC 5761 section 4).
pub(crate) fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.len() >= 8 && bytes[0] >> 6 == 2 && (200..=207).contains(&bytes[1])
}

pub(crate) fn be32(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extension_contributors_and_padding_are_no_payload() {
        let mut bytes = vec![0x80 | 0x20 | 0x10 | 1, 0x80 | 8, 0, 9, 0, 0, 0, 160, 0, 0, 0, 7];
        bytes.extend([0, 0, 0, 1]);
        bytes.extend([0xbe, 0xde, 0, 1, 1, 2, 3, 4]);
        bytes.extend([0xaa, 0xbb, 0, 2]);
        let (header, payload) = parse(&bytes).unwrap();
        assert_eq!(
            (header.marker, header.payload_type, header.sequence),
            (true, 8, 9)
        );
        assert_eq!((header.timestamp, header.ssrc), (160, 7));
        assert_eq!(payload, [0xaa, 0xbb]);
    }

    proptest! {
        #[test]
        fn a_written_header_is_read_back(marker: bool, payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32) {
            let header = Header { marker, payload_type, sequence, timestamp, ssrc };
            let mut bytes = [0; HEADER_LENGTH];
            header.write(&mut bytes);
            prop_assert_eq!(parse(&bytes), Some((header, &[][..])));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = (parse(&bytes), is_rtcp(&bytes));
        }
    }
}
