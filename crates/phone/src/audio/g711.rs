//! ITU-T G.711: one octet for a sample, µ-law or A-law.

use std::borrow::Cow;

/// The two companding laws, with their static RTP payload types (RFC 3551).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// PCMU, payload type 0.
    Mu,
    /// PCMA, payload type 8.
    A,
}

impl Law {
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Mu => 0,
            Self::A => 8,
        }
    }

    /// The name in SDP (RFC 3551).
    pub const fn encoding_name(self) -> &'static str {
        match self {
            Self::Mu => "PCMU",
            Self::A => "PCMA",
        }
    }

    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Mu => linear_to_ulaw(sample),
            Self::A => linear_to_alaw(sample),
        }
    }

    pub fn decode(self, octet: u8) -> i16 {
        match self {
            Self::Mu => ulaw_to_linear(octet),
            Self::A => alaw_to_linear(octet),
        }
    }

    /// The octet of a zero sample.
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xff,
            Self::A => 0xd5,
        }
    }

    /// Turns octets of this law into µ-law, the law of recordings.
    pub fn to_ulaw(self, octets: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Mu => Cow::Borrowed(octets),
            Self::A => octets
                .iter()
                .map(|octet| linear_to_ulaw(alaw_to_linear(*octet)))
                .collect(),
        }
    }
}

const ULAW_BIAS: i32 = 0x84;
const ULAW_CLIP: i32 = 32_635;

/// 16-bit linear PCM to µ-law.
pub fn linear_to_ulaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(ULAW_CLIP) + ULAW_BIAS;
    let segment = (31 - magnitude.leading_zeros() as i32 - 7).max(0);
    let step = (magnitude >> (segment + 3)) & 0x0f;
    !(sign | (segment << 4) as u8 | step as u8)
}

/// µ-law to 16-bit linear PCM.
pub fn ulaw_to_linear(octet: u8) -> i16 {
    let octet = !octet;
    let step = i16::from(octet & 0x0f);
    let segment = (octet & 0x70) >> 4;
    let magnitude = (((step << 3) + ULAW_BIAS as i16) << segment) - ULAW_BIAS as i16;
    if octet & 0x80 != 0 { -magnitude } else { magnitude }
}

/// 16-bit linear PCM to A-law.
pub fn linear_to_alaw(sample: i16) -> u8 {
    // One's complement makes -1 the mirror of 0, as the law has no zero of its own.
    let (sign, magnitude) = if sample >= 0 { (0x80, sample) } else { (0, !sample) };
    let segment = (8 - (magnitude as u16).leading_zeros() as i32).max(0);
    let step = if segment == 0 {
        magnitude >> 4
    } else {
        magnitude >> (segment + 3)
    } & 0x0f;
    (sign | (segment << 4) as u8 | step as u8) ^ 0x55
}

/// A-law to 16-bit linear PCM.
pub fn alaw_to_linear(octet: u8) -> i16 {
    let octet = octet ^ 0x55;
    let step = i16::from(octet & 0x0f);
    let segment = (octet & 0x70) >> 4;
    let magnitude = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    if octet & 0x80 != 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// G.711 table 2a/2b: the decoder output values y at the ends of the µ-law segments, as
    /// 14-bit numbers, with the character signal of the positive half.
    const ULAW_POINTS: [(u8, i16); 17] = [
        (0xff, 0),
        (0xfe, 2),
        (0xf0, 30),
        (0xef, 33),
        (0xe0, 93),
        (0xdf, 99),
        (0xd0, 219),
        (0xcf, 231),
        (0xc0, 471),
        (0xbf, 495),
        (0xb0, 975),
        (0xaf, 1023),
        (0xa0, 1983),
        (0x9f, 2079),
        (0x90, 3999),
        (0x8f, 4191),
        (0x80, 8031),
    ];

    /// G.711 table 1a: A-law decoder output values y (13-bit, half steps doubled away: the table
    /// counts in steps of 2), with the character signal after the inversion of even bits.
    const ALAW_POINTS: [(u8, i16); 9] = [
        (0xd5, 1),
        (0xda, 31),
        (0xc5, 33),
        (0xf5, 66),
        (0xe5, 132),
        (0x95, 264),
        (0x85, 528),
        (0xb5, 1056),
        (0xaa, 4032),
    ];

    #[test]
    fn mu_law_decodes_to_the_values_of_the_recommendation() {
        for (octet, y) in ULAW_POINTS {
            assert_eq!(ulaw_to_linear(octet), y * 4, "{octet:#x}");
            assert_eq!(ulaw_to_linear(octet & 0x7f), -y * 4, "{octet:#x} negative");
        }
    }

    #[test]
    fn a_law_decodes_to_the_values_of_the_recommendation() {
        for (octet, y) in ALAW_POINTS {
            assert_eq!(alaw_to_linear(octet), y * 8, "{octet:#x}");
            assert_eq!(alaw_to_linear(octet & 0x7f), -y * 8, "{octet:#x} negative");
        }
    }

    #[test]
    fn every_octet_survives_decoding_and_encoding() {
        for law in [Law::Mu, Law::A] {
            for octet in 0..=255u8 {
                let again = law.encode(law.decode(octet));
                // µ-law has two zeros; both mean silence.
                assert!(again == octet || law.decode(octet) == 0, "{law:?} {octet:#x}");
            }
            assert_eq!(law.encode(0), law.silence());
        }
    }

    proptest! {
        #[test]
        fn quantization_stays_within_half_a_step(sample in any::<i16>()) {
            for law in [Law::Mu, Law::A] {
                let error = (i32::from(law.decode(law.encode(sample))) - i32::from(sample)).abs();
                let allowed = (i32::from(sample).abs() / 16).max(16);
                prop_assert!(error <= allowed, "{law:?} {sample} is off by {error}");
            }
        }
    }
}
