//! One running pack and its protocol.
//!
//! We write a JSON line `{"id":1,"language":"zh-Hans","text":"…"}`; it answers `{"id":1,"samples":n}`
//! and n samples of 8 kHz, 16 bits, least octet first, or `{"id":1,"error":"…"}`. When it has
//! loaded it says `{"ready":true}`.

use super::RenderError;
use crate::Sound;
use base::Language;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
    orders: ChildStdin,
    answers: Receiver<Result<Answer, String>>,
    last_id: u64,
}

#[derive(Debug)]
enum Answer {
    Ready,
    Rendered { id: u64, sound: Sound },
    Refused { id: u64, reason: String },
}

#[derive(serde::Deserialize)]
struct Header {
    #[serde(default)]
    ready: bool,
    #[serde(default)]
    id: u64,
    samples: Option<usize>,
    error: Option<String>,
}

/// Two minutes; a header that promises more is a broken program.
const MOST_SAMPLES: usize = 8_000 * 120;
const LONGEST_HEADER: u64 = 4_096;

impl Child {
    pub fn start(command: &Path, patience: Duration) -> Result<Self, RenderError> {
        let refused = |source| RenderError::Start {
            command: command.to_owned(),
            source,
        };
        let mut process = Command::new(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(refused)?;
        let (Some(orders), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(RenderError::Protocol("no pipes".into()));
        };
        let (sender, answers) = sync_channel(4);
        let reader = std::thread::Builder::new()
            .name("voice-pack".into())
            .spawn(move || {
                let mut output = BufReader::new(output);
                loop {
                    let answer = read_answer(&mut output);
                    let broken = answer.is_err();
                    if sender.send(answer).is_err() || broken {
                        return;
                    }
                }
            });
        // From here on the child is ended when this value is dropped.
        let mut child = Self {
            process,
            orders,
            answers,
            last_id: 0,
        };
        reader.map_err(refused)?;
        match child.next_answer(patience)? {
            Answer::Ready => Ok(child),
            other => Err(RenderError::Protocol(format!("{other:?} before it was ready"))),
        }
    }

    pub fn render(
        &mut self,
        language: Language,
        text: &str,
        patience: Duration,
    ) -> Result<Sound, RenderError> {
        self.last_id += 1;
        let order = serde_json::json!({ "id": self.last_id, "language": language.tag(), "text": text });
        let written = writeln!(self.orders, "{order}").and_then(|()| self.orders.flush());
        written.map_err(|_| RenderError::Silent(Duration::ZERO))?;
        match self.next_answer(patience)? {
            Answer::Rendered { id, sound } if id == self.last_id => Ok(sound),
            Answer::Refused { id, reason } if id == self.last_id => Err(RenderError::Refused(reason)),
            _ => Err(RenderError::Protocol("an answer to another line".into())),
        }
    }

    fn next_answer(&mut self, patience: Duration) -> Result<Answer, RenderError> {
        match self.answers.recv_timeout(patience) {
            Ok(answer) => answer.map_err(RenderError::Protocol),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                Err(RenderError::Silent(patience))
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill and only its rest to collect.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn read_answer(output: &mut BufReader<ChildStdout>) -> Result<Answer, String> {
    let mut line = String::new();
    let read = output.by_ref().take(LONGEST_HEADER).read_line(&mut line);
    if read.map_err(|error| error.to_string())? == 0 {
        return Err("it ended".into());
    }
    let header: Header = serde_json::from_str(&line).map_err(|error| format!("not a header: {error}"))?;
    match header {
        Header { ready: true, .. } => Ok(Answer::Ready),
        Header {
            id,
            error: Some(reason),
            ..
        } => Ok(Answer::Refused { id, reason }),
        Header {
            id,
            samples: Some(samples),
            ..
        } if samples <= MOST_SAMPLES => {
            let mut octets = vec![0; samples * 2];
            output
                .read_exact(&mut octets)
                .map_err(|error| error.to_string())?;
            let samples: Vec<i16> = octets
                .chunks_exact(2)
                .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            let sound = Sound::from_samples(samples);
            Ok(Answer::Rendered { id, sound })
        }
        _ => Err("a header without sense".into()),
    }
}
