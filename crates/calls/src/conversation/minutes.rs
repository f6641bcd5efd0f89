use crate::dialer::Desk;
use crate::transcripts::{self, Entry, Heard, Line, What};
use base::{CallId, Language, Stopwatch};
use phone::prompts::SpokenLine;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Entries that wait for the database; a call that fills it loses some, and goes on.
const WAITING_MAX: usize = 256;
const AT_ONCE: usize = 32;
/// How long one write may wait for a database that is away.
const PATIENCE: Duration = Duration::from_secs(8);

/// Writes down what is said and heard, beside the call: nobody on the telephone waits for it.
pub(crate) struct Minutes {
    began: Stopwatch,
    out: mpsc::Sender<Entry>,
    writer: JoinHandle<()>,
}

impl Minutes {
    /// At the answer, from which the offsets count.
    pub fn begin(desk: &Arc<Desk>, call: CallId) -> Self {
        let (out, entries) = mpsc::channel(WAITING_MAX);
        Self {
            began: Stopwatch::start(),
            out,
            writer: tokio::spawn(write(desk.clone(), call, entries)),
        }
    }

    pub fn now_ms(&self) -> i64 {
        self.began.elapsed().as_millis() as i64
    }

    /// A line that began then, and has been played or cut short now.
    pub fn said(&self, from_ms: i64, line: &SpokenLine, language: Language, whole: bool) {
        let line = Line::of(line);
        let what = What::Said {
            line,
            language,
            whole,
        };
        self.note(from_ms, what);
    }

    pub fn heard(&self, heard: Heard) {
        self.note(self.now_ms(), What::Heard(heard));
    }

    /// Waits until all is written, so that a call that has ended has its transcript.
    pub async fn close(self) {
        drop(self.out);
        if tokio::time::timeout(2 * PATIENCE, self.writer).await.is_err() {
            tracing::warn!("the end of a transcript is not written yet");
        }
    }

    fn note(&self, from_ms: i64, what: What) {
        let until_ms = self.now_ms();
        let entry = Entry {
            from_ms,
            until_ms,
            what,
        };
        if self.out.try_send(entry).is_err() {
            tracing::warn!("a line of a transcript was lost");
        }
    }
}

/// Ends when the call has, or is given up.
async fn write(desk: Arc<Desk>, call: CallId, mut entries: mpsc::Receiver<Entry>) {
    let mut place = 0;
    let mut batch = Vec::with_capacity(AT_ONCE);
    while entries.recv_many(&mut batch, AT_ONCE).await > 0 {
        let (first, count) = (place, batch.len() as i64);
        let lines: Arc<[Entry]> = std::mem::take(&mut batch).into();
        let written = desk
            .write_patiently(PATIENCE, move |tx, _| transcripts::add(tx, call, first, &lines))
            .await;
        if let Err(error) = written {
            tracing::warn!(
                error = %store::causes(&error),
                "a part of a transcript was not written"
            );
        }
        place += count;
    }
}
