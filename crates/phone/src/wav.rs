//! RIFF WAVE files, as far as telephone audio needs them.

use crate::audio::SAMPLE_RATE;

/// Why a file cannot be played into a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    #[error("not a RIFF WAVE file")]
    NotWave,
    #[error("the WAVE file is cut off or has no {0} chunk")]
    Missing(&'static str),
    #[error("a telephone plays 8000 Hz and one channel; this file has {rate} Hz and {channels} channel(s)")]
    WrongShape { rate: u32, channels: u16 },
    #[error("WAVE format {tag} with {bits} bits is not read; use 16-bit PCM, A-law or µ-law")]
    WrongEncoding { tag: u16, bits: u16 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Pcm16,
    ALaw,
    MuLaw,
}

const TAG_PCM: u16 = 1;
const TAG_ALAW: u16 = 6;
const TAG_MULAW: u16 = 7;
const TAG_EXTENSIBLE: u16 = 0xfffe;

/// Finds the samples of an 8 kHz mono file.
pub(crate) fn parse_telephone_wav(bytes: &[u8]) -> Result<(Encoding, &[u8]), WavError> {
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        return Err(WavError::NotWave);
    }
    let (mut encoding, mut rest) = (None, &bytes[12..]);
    while rest.len() >= 8 {
        let (name, length) = (&rest[..4], le32(rest, 4) as usize);
        let body = &rest[8..rest.len().min(8 + length)];
        match name {
            b"fmt " => encoding = Some(read_format(body)?),
            // Streamed files carry a length that was never filled in: what is there counts.
            b"data" => return Ok((encoding.ok_or(WavError::Missing("fmt"))?, body)),
            _ => {}
        }
        rest = rest.get(8 + length + length % 2..).unwrap_or_default();
    }
    Err(WavError::Missing("data"))
}

/// 16-bit PCM, one channel.
pub(crate) fn pcm16_mono(samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    file(TAG_PCM, 1, 16, &data)
}

/// µ-law, two channels.
pub(crate) fn ulaw_stereo(octets: &[u8]) -> Vec<u8> {
    file(TAG_MULAW, 2, 8, octets)
}

fn read_format(body: &[u8]) -> Result<Encoding, WavError> {
    if body.len() < 16 {
        return Err(WavError::Missing("fmt"));
    }
    let (channels, rate, bits) = (le16(body, 2), le32(body, 4), le16(body, 14));
    let tag = match le16(body, 0) {
        // The first two octets of the sub-format are the tag.
        TAG_EXTENSIBLE if body.len() >= 26 => le16(body, 24),
        tag => tag,
    };
    if rate != SAMPLE_RATE || channels != 1 {
        return Err(WavError::WrongShape { rate, channels });
    }
    match (tag, bits) {
        (TAG_PCM, 16) => Ok(Encoding::Pcm16),
        (TAG_ALAW, 8) => Ok(Encoding::ALaw),
        (TAG_MULAW, 8) => Ok(Encoding::MuLaw),
        _ => Err(WavError::WrongEncoding { tag, bits }),
    }
}

fn file(tag: u16, channels: u16, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut bytes = Vec::with_capacity(44 + data.len());
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + data.len() as u32).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16u32.to_le_bytes());
    bytes.extend_from_slice(&tag.to_le_bytes());
    bytes.extend_from_slice(&channels.to_le_bytes());
    bytes.extend_from_slice(&SAMPLE_RATE.to_le_bytes());
    bytes.extend_from_slice(&(SAMPLE_RATE * u32::from(frame)).to_le_bytes());
    bytes.extend_from_slice(&frame.to_le_bytes());
    bytes.extend_from_slice(&bits.to_le_bytes());
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&(data.len() as u32).to_le_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_of_another_shape_is_refused_with_what_it_is() {
        let mut studio = pcm16_mono(&[0; 8]);
        studio[22] = 2;
        studio[24..28].copy_from_slice(&44_100u32.to_le_bytes());
        let refusal = parse_telephone_wav(&studio);
        assert_eq!(
            refusal,
            Err(WavError::WrongShape {
                rate: 44_100,
                channels: 2
            })
        );
        assert_eq!(parse_telephone_wav(b"ID3 music"), Err(WavError::NotWave));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(tail in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_telephone_wav(&tail);
            let mut wave = b"RIFF\0\0\0\0WAVE".to_vec();
            wave.extend_from_slice(&tail);
            let _ = parse_telephone_wav(&wave);
            wave.truncate(12);
            wave.extend_from_slice(b"fmt ");
            wave.extend_from_slice(&tail);
            let _ = parse_telephone_wav(&wave);
        }
    }
}
