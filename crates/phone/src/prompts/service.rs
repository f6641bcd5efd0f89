//! A speech service that speaks the OpenAI protocol: POST /v1/audio/speech.

use super::pack::RenderError;
use super::recordings::{DecodeError, at_8_khz, decode};
use crate::Sound;
use base::Language;
use std::time::Duration;

/// One service, called from the render thread alone.
pub struct ServiceVoice {
    agent: ureq::Agent,
    url: String,
    key: Option<String>,
}

/// An answer that takes longer is late for any call.
const TIMEOUT: Duration = Duration::from_secs(30);
/// One minute of 48 kHz speech.
const MOST_OCTETS: u64 = 6_000_000;
const LONGEST_SECONDS: u32 = 60;

impl ServiceVoice {
    /// `url` is the base (`https://speech.example/v1`) or the whole address of the speech call.
    pub fn new(url: &str, key: Option<String>) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT));
        let base = url.trim_end_matches('/');
        let url = if base.ends_with("/audio/speech") {
            base.to_owned()
        } else {
            format!("{base}/audio/speech")
        };
        Self {
            agent: config.build().new_agent(),
            url,
            key,
        }
    }

    pub(super) fn render(&self, language: Language, text: &str) -> Result<Sound, RenderError> {
        let mut request = self.agent.post(&self.url);
        if let Some(key) = &self.key {
            request = request.header("Authorization", &format!("Bearer {key}"));
        }
        let order = serde_json::json!({
            "model": "tts-1",
            "voice": "alloy",
            "input": text,
            "language": language.tag(),
            "response_format": "wav",
        });
        let failed = |error: ureq::Error| RenderError::Service(error.to_string());
        let mut answer = request.send_json(order).map_err(failed)?;
        let body = answer
            .body_mut()
            .with_config()
            .limit(MOST_OCTETS)
            .read_to_vec()
            .map_err(failed)?;
        sound_of(&body)
    }
}

impl std::fmt::Debug for ServiceVoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceVoice")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// A WAVE file, or bare 24 kHz PCM as some services send it.
fn sound_of(body: &[u8]) -> Result<Sound, RenderError> {
    if !body.starts_with(b"RIFF") {
        let samples: Vec<i16> = body
            .chunks_exact(2)
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        return if samples.is_empty() {
            Err(RenderError::Service("an empty answer".into()))
        } else {
            Ok(at_8_khz(&samples, 24_000))
        };
    }
    match decode(body, LONGEST_SECONDS) {
        Ok((samples, spec)) if !samples.is_empty() && (8_000..=192_000).contains(&spec.sample_rate) => {
            Ok(at_8_khz(&samples, spec.sample_rate))
        }
        Ok((_, spec)) => Err(RenderError::Service(format!(
            "a WAVE file of another shape: {spec:?}"
        ))),
        Err(DecodeError::TooLong) => Err(RenderError::Service("a sound without end".into())),
        Err(DecodeError::NotWave(reason)) => Err(RenderError::Service(reason)),
    }
}
