//! The neural voice: an optional program of its own (`voice/pack/speak.py`), started as a child
//! and spoken to over its standard input and output. Nothing of it is linked into this program.

mod child;
mod install;

pub use install::{InstallError, install};

use crate::Sound;
use base::{Language, Stopwatch};
use child::Child;
use std::path::PathBuf;
use std::time::Duration;

/// Why a line was not rendered; the parts speak it instead.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the voice pack {command} does not start: {source}")]
    Start {
        command: PathBuf,
        source: std::io::Error,
    },
    #[error("the voice pack broke its protocol: {0}")]
    Protocol(String),
    #[error("the voice pack ended or gave no answer within {0:?}")]
    Silent(Duration),
    #[error("the voice pack refused: {0}")]
    Refused(String),
    #[error("the speech service: {0}")]
    Service(String),
    #[error("resting after a failure")]
    Resting,
}

/// The neural pack: at most one child, used by the render thread alone.
#[derive(Debug)]
pub struct PackVoice {
    command: PathBuf,
    child: Option<Child>,
    failures: u32,
    failed: Option<Stopwatch>,
}

/// Loading the model takes seconds; so does a long line on one thread of a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const LINE_TIMEOUT: Duration = Duration::from_secs(60);
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);

impl PackVoice {
    /// `command` is the `speak` program in the folder that `install` filled.
    pub fn new(command: PathBuf) -> Self {
        Self {
            command,
            child: None,
            failures: 0,
            failed: None,
        }
    }

    /// Blocks until the line is rendered or has failed; a failed child is ended, and after a
    /// growing rest a new one is started.
    pub(super) fn render(&mut self, language: Language, text: &str) -> Result<Sound, RenderError> {
        if self.failed.is_some_and(|since| since.elapsed() < self.rest()) {
            return Err(RenderError::Resting);
        }
        let rendered = self.try_render(language, text);
        match &rendered {
            Ok(_) | Err(RenderError::Refused(_)) => {
                self.failures = 0;
                self.failed = None;
            }
            Err(_) => {
                self.child = None;
                self.failures = self.failures.saturating_add(1);
                self.failed = Some(Stopwatch::start());
            }
        }
        rendered
    }

    fn try_render(&mut self, language: Language, text: &str) -> Result<Sound, RenderError> {
        let child = match &mut self.child {
            Some(child) => child,
            none => none.insert(Child::start(&self.command, START_TIMEOUT)?),
        };
        child.render(language, text, LINE_TIMEOUT)
    }

    fn rest(&self) -> Duration {
        let doubled = FIRST_REST.saturating_mul(1 << self.failures.saturating_sub(1).min(6));
        doubled.min(LONGEST_REST)
    }
}
