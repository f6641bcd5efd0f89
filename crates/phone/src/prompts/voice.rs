use super::cache::{Cache, Found, Key};
use super::line::{Reach, wording};
use super::pack::{PackVoice, RenderError};
use super::parts::PartsVoice;
use super::recordings::{RecordingError, Recordings};
use super::service::ServiceVoice;
use super::{SpokenLine, transcript};
use crate::Sound;
use base::Language;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// Who speaks the lines with an amount or a name in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoiceKind {
    /// The sounds that ship.
    #[default]
    Parts,
    /// The neural pack, see `pack::install`.
    Pack,
    /// An HTTP speech service.
    Service,
}

/// How an operator sets the voice up.
#[derive(Clone, Default)]
pub struct VoiceConfig {
    pub kind: VoiceKind,
    /// `<folder>/<zh|en>/<prompt id>.wav` replace fixed lines.
    pub recordings_dir: Option<PathBuf>,
    /// The `speak` program of the installed pack.
    pub pack_command: Option<PathBuf>,
    /// The base address of an OpenAI-compatible service.
    pub service_url: Option<String>,
    pub service_key: Option<String>,
}

/// Why a voice cannot be set up; nothing of this happens during a call.
#[derive(Debug, thiserror::Error)]
pub enum VoiceError {
    #[error("recordings: {0}")]
    Recordings(#[from] RecordingError),
    #[error("voice kind \"pack\" needs pack_command: the `speak` program in the installed pack's folder")]
    NoPackCommand,
    #[error("{0}: no such program; install the pack first")]
    PackMissing(PathBuf),
    #[error("voice kind \"service\" needs service_url")]
    NoServiceUrl,
    #[error("the render thread does not start: {0}")]
    Thread(std::io::Error),
}

/// Who spoke a line in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    Recording,
    Parts,
    Pack,
    Service,
}

/// A line as it will be heard, and its exact words.
#[derive(Clone, Debug)]
pub struct Spoken {
    pub sound: Sound,
    pub text: String,
    pub by: Speaker,
}

/// Puts lines into sound. An operator's recording goes first, then the pack or the service where
/// one is set up, and the parts whenever those are late, down or busy.
pub struct Voice {
    recordings: Recordings,
    parts: PartsVoice,
    synthesis: Option<Synthesis>,
}

struct Synthesis {
    speaker: Speaker,
    cache: Arc<Cache>,
    orders: SyncSender<Key>,
}

enum Synthesizer {
    Pack(PackVoice),
    Service(ServiceVoice),
}

/// Lines that wait to be rendered; beyond that the parts speak.
const QUEUE: usize = 32;
/// How long a caller waits for a line on its way.
const PATIENCE: Duration = Duration::from_secs(8);

impl Voice {
    /// Reads every recording and starts the render thread where there is a synthesizer. The pack
    /// itself is started with the first line, so that a machine without calls does not load it.
    pub fn open(config: &VoiceConfig) -> Result<Self, VoiceError> {
        let recordings = match &config.recordings_dir {
            Some(folder) => Recordings::open(folder)?,
            None => Recordings::default(),
        };
        let synthesizer = match config.kind {
            VoiceKind::Parts => None,
            VoiceKind::Pack => {
                let command = config.pack_command.clone().ok_or(VoiceError::NoPackCommand)?;
                if !command.is_file() {
                    return Err(VoiceError::PackMissing(command));
                }
                Some((Speaker::Pack, Synthesizer::Pack(PackVoice::new(command))))
            }
            VoiceKind::Service => {
                let url = config.service_url.as_deref().ok_or(VoiceError::NoServiceUrl)?;
                let service = ServiceVoice::new(url, config.service_key.clone());
                Some((Speaker::Service, Synthesizer::Service(service)))
            }
        };
        let synthesis = synthesizer.map(|(speaker, synthesizer)| Synthesis::start(speaker, synthesizer));
        Ok(Self {
            recordings,
            parts: PartsVoice,
            synthesis: synthesis.transpose().map_err(VoiceError::Thread)?,
        })
    }

    /// The sound of a line. Blocks for a bounded time while a synthesizer works, so call it from a
    /// worker thread; a line that was warmed is there at once.
    pub fn line(&self, language: Language, line: &SpokenLine) -> Sound {
        self.speak(language, line).sound
    }

    /// As `line`, with the words that are really said.
    pub fn speak(&self, language: Language, line: &SpokenLine) -> Spoken {
        if let Some(sound) = self.recording(language, line) {
            let text = transcript(language, line);
            let by = Speaker::Recording;
            return Spoken { sound, text, by };
        }
        if let Some(synthesis) = &self.synthesis {
            let text = wording(language, line, Reach::Anything);
            if let Some(sound) = synthesis.speak(self.parts, Key(language, text.clone())) {
                let by = synthesis.speaker;
                return Spoken { sound, text, by };
            }
        }
        let (sound, text) = self.parts.speak(language, line);
        let by = Speaker::Parts;
        Spoken { sound, text, by }
    }

    /// Orders a line ahead of its use and returns at once.
    pub fn warm(&self, language: Language, line: &SpokenLine) {
        let Some(synthesis) = &self.synthesis else {
            return;
        };
        if self.recording(language, line).is_none() {
            let text = wording(language, line, Reach::Anything);
            synthesis.order(self.parts, &Key(language, text));
        }
    }

    fn recording(&self, language: Language, line: &SpokenLine) -> Option<Sound> {
        match line {
            SpokenLine::Fixed(prompt) => self.recordings.of_prompt(language, *prompt),
            SpokenLine::PressDigit(digit) => self.recordings.find(language, &format!("press-{digit}")),
            SpokenLine::MatchingWords(_)
            | SpokenLine::PaymentDetails { .. }
            | SpokenLine::ApplicationDetails { .. } => None,
        }
    }
}

impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let speaker = self
            .synthesis
            .as_ref()
            .map_or(Speaker::Parts, |synthesis| synthesis.speaker);
        f.debug_struct("Voice")
            .field("speaker", &speaker)
            .finish_non_exhaustive()
    }
}

impl Synthesis {
    fn start(speaker: Speaker, synthesizer: Synthesizer) -> std::io::Result<Self> {
        let cache = Arc::new(Cache::default());
        let (orders, waiting) = sync_channel(QUEUE);
        let shelf = Arc::clone(&cache);
        std::thread::Builder::new()
            .name("voice".into())
            .spawn(move || render_orders(synthesizer, &waiting, &shelf))?;
        Ok(Self {
            speaker,
            cache,
            orders,
        })
    }

    /// The rendered line, or nothing when the parts should speak it.
    fn speak(&self, parts: PartsVoice, key: Key) -> Option<Sound> {
        match self.order(parts, &key) {
            Found::Ready(sound) => Some(sound),
            Found::Pending => self.cache.wait(&key, PATIENCE),
            Found::Nothing => None,
        }
    }

    /// What the cache has, after ordering what it lacks; nothing when the parts should speak.
    fn order(&self, parts: PartsVoice, key: &Key) -> Found {
        // The pack's own voice rendered the bank: a whole line of it cannot be bettered.
        if self.speaker == Speaker::Pack && parts.has_whole(key.0, &key.1) {
            return Found::Nothing;
        }
        match self.cache.find_or_claim(key) {
            Found::Nothing => match self.orders.try_send(key.clone()) {
                Ok(()) => Found::Pending,
                Err(_) => {
                    self.cache.give_up(key);
                    Found::Nothing
                }
            },
            found => found,
        }
    }
}

/// The render thread: it ends with the `Voice` that feeds it.
fn render_orders(mut synthesizer: Synthesizer, orders: &Receiver<Key>, cache: &Cache) {
    while let Ok(key) = orders.recv() {
        let Key(language, text) = &key;
        let rendered = match &mut synthesizer {
            Synthesizer::Pack(pack) => pack.render(*language, text),
            Synthesizer::Service(service) => service.render(*language, text),
        };
        match rendered {
            Ok(sound) => cache.put(&key, sound),
            Err(error) => {
                if !matches!(error, RenderError::Resting) {
                    tracing::warn!(%error, "a line was not rendered; the parts speak it");
                }
                cache.give_up(&key);
            }
        }
    }
}
