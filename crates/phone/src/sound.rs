//! Sounds: what is played into a call.

use crate::audio::{SAMPLES_PER_MS, alaw_to_linear, linear_to_ulaw, ulaw_to_linear};
use crate::wav::{self, WavError};
use std::sync::Arc;

/// 8 kHz mono linear PCM. Clones share the samples.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sound(Arc<[i16]>);

impl Sound {
    /// Samples at 8 kHz.
    pub fn from_samples(samples: impl Into<Arc<[i16]>>) -> Self {
        Self(samples.into())
    }

    /// G.711 µ-law octets, 8,000 a second: the form in which prompts are stored.
    pub fn from_ulaw(octets: &[u8]) -> Self {
        Self(octets.iter().map(|octet| ulaw_to_linear(*octet)).collect())
    }

    /// Reads a RIFF WAVE file: 8 kHz, one channel, 16-bit PCM, A-law or µ-law.
    ///
    /// # Errors
    /// When it is not such a file, with what it is instead.
    pub fn from_wav(bytes: &[u8]) -> Result<Self, WavError> {
        let (encoding, data) = wav::parse_telephone_wav(bytes)?;
        Ok(match encoding {
            wav::Encoding::Pcm16 => {
                let samples = data
                    .chunks_exact(2)
                    .map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                Self(samples.collect())
            }
            wav::Encoding::ALaw => Self(data.iter().map(|octet| alaw_to_linear(*octet)).collect()),
            wav::Encoding::MuLaw => Self::from_ulaw(data),
        })
    }

    pub fn silence(ms: u32) -> Self {
        Self(vec![0; (ms * SAMPLES_PER_MS) as usize].into())
    }

    /// One sound after the other, without a gap.
    pub fn concat(sounds: &[Self]) -> Self {
        Self(sounds.iter().flat_map(|sound| sound.0.iter().copied()).collect())
    }

    pub fn samples(&self) -> &[i16] {
        &self.0
    }

    pub fn to_ulaw(&self) -> Vec<u8> {
        self.0.iter().map(|sample| linear_to_ulaw(*sample)).collect()
    }

    /// 8 kHz mono 16-bit PCM in a RIFF WAVE file.
    pub fn to_wav(&self) -> Vec<u8> {
        wav::pcm16_mono(&self.0)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Rounded down.
    pub fn duration_ms(&self) -> u64 {
        self.0.len() as u64 / u64::from(SAMPLES_PER_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_survives_its_wav_file() {
        let sound = Sound::from_samples(vec![0, 1, -1, i16::MAX, i16::MIN, 1234]);
        assert_eq!(Sound::from_wav(&sound.to_wav()), Ok(sound));
    }

    #[test]
    fn sounds_are_joined_without_a_gap() {
        let beep = Sound::from_samples(vec![5; 80]);
        let joined = Sound::concat(&[beep.clone(), Sound::silence(20), beep]);
        assert_eq!(joined.duration_ms(), 40);
        assert_eq!(
            (joined.samples()[79], joined.samples()[80], joined.samples()[240]),
            (5, 0, 5)
        );
    }

    #[test]
    fn mu_law_octets_become_samples_and_octets_again() {
        let octets: Vec<u8> = (0..=255).filter(|octet| *octet != 0x7f).collect();
        assert_eq!(Sound::from_ulaw(&octets).to_ulaw(), octets);
    }
}
