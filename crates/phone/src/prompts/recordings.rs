//! An operator's own recordings of fixed lines: `<folder>/<zh|en>/<prompt id>.wav`.

use super::resample::to_telephone;
use super::{PromptId, fixed};
use crate::Sound;
use base::Language;
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Why a recording cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    #[error("{path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: not a WAVE file that is read ({reason}); use 16-bit PCM, one channel, 8 or 16 kHz")]
    NotWave { path: PathBuf, reason: String },
    #[error(
        "{path}: {rate} Hz, {channels} channel(s), {bits} bits; use 16-bit PCM, one channel, 8 or 16 kHz"
    )]
    WrongShape {
        path: PathBuf,
        rate: u32,
        channels: u16,
        bits: u16,
    },
    #[error("{path}: no fixed line has this name; the names are the ids in prompts.tsv")]
    UnknownLine { path: PathBuf },
    #[error("{path}: longer than {LONGEST_SECONDS} s")]
    TooLong { path: PathBuf },
}

const LONGEST_SECONDS: u32 = 120;

#[derive(Default)]
pub(super) struct Recordings(HashMap<(Language, String), Sound>);

impl Recordings {
    /// Reads a whole folder, so that a bad file is found at start and not in a call.
    pub fn open(folder: &Path) -> Result<Self, RecordingError> {
        let mut found = HashMap::new();
        for (language, name) in [(Language::ZhHans, "zh"), (Language::En, "en")] {
            let folder = folder.join(name);
            if !folder.exists() {
                continue;
            }
            for path in files(&folder)? {
                if path.extension().is_none_or(|extension| extension != "wav") {
                    continue;
                }
                let id = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                if fixed::wording(&id, language).is_none() {
                    return Err(RecordingError::UnknownLine { path });
                }
                found.insert((language, id), read(path)?);
            }
        }
        Ok(Self(found))
    }

    pub fn find(&self, language: Language, id: &str) -> Option<Sound> {
        self.0.get(&(language, id.to_owned())).cloned()
    }

    pub fn of_prompt(&self, language: Language, prompt: PromptId) -> Option<Sound> {
        self.find(language, prompt.id())
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, RecordingError> {
    let unreadable = |source| RecordingError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| Ok(entry.map_err(unreadable)?.path()));
    paths.collect()
}

fn read(path: PathBuf) -> Result<Sound, RecordingError> {
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(source) => return Err(RecordingError::Unreadable { path, source }),
    };
    let (samples, spec) = match decode(file, LONGEST_SECONDS) {
        Ok(decoded) => decoded,
        Err(DecodeError::TooLong) => return Err(RecordingError::TooLong { path }),
        Err(DecodeError::NotWave(reason)) => return Err(RecordingError::NotWave { path, reason }),
    };
    let known =
        spec.channels == 1 && spec.bits_per_sample == 16 && [8_000, 16_000].contains(&spec.sample_rate);
    if !known {
        return Err(RecordingError::WrongShape {
            path,
            rate: spec.sample_rate,
            channels: spec.channels,
            bits: spec.bits_per_sample,
        });
    }
    Ok(at_8_khz(&samples, spec.sample_rate))
}

/// Why a WAVE file gave no samples.
#[derive(Debug)]
pub(super) enum DecodeError {
    TooLong,
    NotWave(String),
}

/// The 16-bit samples of a WAVE file of one channel; of another shape only its description.
pub(super) fn decode(
    from: impl Read,
    longest_seconds: u32,
) -> Result<(Vec<i16>, hound::WavSpec), DecodeError> {
    let not_wave = |error: hound::Error| DecodeError::NotWave(error.to_string());
    let mut reader = hound::WavReader::new(from).map_err(not_wave)?;
    let spec = reader.spec();
    if spec.channels != 1 || spec.bits_per_sample != 16 || spec.sample_format != hound::SampleFormat::Int {
        return Ok((Vec::new(), spec));
    }
    let most = (spec.sample_rate as usize).saturating_mul(longest_seconds as usize);
    let mut samples = Vec::new();
    for sample in reader.samples::<i16>() {
        if samples.len() >= most {
            return Err(DecodeError::TooLong);
        }
        match sample {
            Ok(sample) => samples.push(sample),
            // A streamed file promises more than it has.
            Err(_) if !samples.is_empty() => break,
            Err(error) => return Err(not_wave(error)),
        }
    }
    Ok((samples, spec))
}

pub(super) fn at_8_khz(samples: &[i16], rate: u32) -> Sound {
    if rate == 8_000 || samples.is_empty() {
        return Sound::from_samples(samples.to_vec());
    }
    let samples: Vec<f32> = samples
        .iter()
        .map(|sample| f32::from(*sample) / 32_768.0)
        .collect();
    to_telephone(&samples, rate)
}
