//! The media threads, as calls see them.

use crate::media::lateness::{Lateness, MediaReport};
use crate::media::link::MediaStats;
use crate::media::stream::StreamConfig;
use crate::media::thread::{Command, StreamId, spawn};
use crate::recording::{RecordingSink, WriterThread};
use crate::sdp::Session;
use crate::sound::Sound;
use mio::Waker;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use tokio::sync::{mpsc, oneshot};

#[derive(Debug)]
pub(crate) struct MediaEngine {
    threads: Vec<ThreadHandle>,
    lateness: Arc<Lateness>,
    writer: WriterThread,
    next: AtomicUsize,
    realtime: bool,
}

#[derive(Clone, Debug)]
pub(super) struct ThreadHandle {
    pub commands: Sender<Command>,
    pub waker: Arc<Waker>,
}

impl MediaEngine {
    pub(crate) fn start(threads: usize, realtime: bool) -> io::Result<Self> {
        let lateness = Arc::new(Lateness::new());
        let spawned = (0..threads.max(1)).map(|n| spawn(n, realtime, lateness.clone()));
        let spawned = spawned.collect::<io::Result<Vec<_>>>()?;
        // Each thread tells at once; one that died before it could has no such scheduling.
        let told = |granted: &Receiver<bool>| granted.recv().unwrap_or(false);
        let granted = spawned.iter().filter(|(_, granted)| told(granted)).count();
        if realtime && granted < spawned.len() {
            tracing::warn!("no right to real-time scheduling; the media threads run at normal priority");
        }
        Ok(Self {
            realtime: granted == spawned.len(),
            threads: spawned.into_iter().map(|(thread, _)| thread).collect(),
            lateness,
            writer: WriterThread::start()?,
            next: AtomicUsize::new(0),
        })
    }

    /// Every media thread runs with real-time scheduling.
    pub(crate) fn is_realtime(&self) -> bool {
        self.realtime
    }

    /// Opens a stream on the next thread. It reads and drops everything until it is answered.
    pub(crate) fn open(&self, config: StreamConfig) -> StreamHandle {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let thread = self.threads[id % self.threads.len()].clone();
        let handle = StreamHandle {
            id,
            thread,
            writer: self.writer.clone(),
        };
        handle.send(Command::Start(id, Box::new(config)));
        handle
    }

    pub(crate) fn report(&self) -> MediaReport {
        self.lateness.report()
    }

    pub(crate) fn reset_report(&self) {
        self.lateness.reset();
    }

    pub(crate) fn recording_failures(&self) -> u64 {
        self.writer.failures()
    }
}

/// One stream, from afar. Dropping it closes the stream.
#[derive(Debug)]
pub(crate) struct StreamHandle {
    id: StreamId,
    thread: ThreadHandle,
    writer: WriterThread,
}

impl StreamHandle {
    pub(crate) fn negotiated(&self, session: Session) {
        self.send(Command::Negotiated(self.id, session));
    }

    pub(crate) fn answered(&self, recording: Option<RecordingSink>) {
        let recorder = recording.map(|sink| self.writer.begin(self.id as u64, sink));
        self.send(Command::Answered(self.id, recorder));
    }

    pub(crate) fn play(&self, number: u64, sound: Sound) {
        self.send(Command::Play(self.id, number, sound));
    }

    pub(crate) fn stop_playing(&self, number: u64) {
        self.send(Command::StopPlaying(self.id, number));
    }

    pub(crate) fn press(&self, digit: char) {
        self.send(Command::Press(self.id, digit));
    }

    pub(crate) fn listen(&self, listener: mpsc::Sender<Vec<u8>>) {
        self.send(Command::Listen(self.id, listener));
    }

    /// Closes the stream; its last counters, and when its recording is written to the end.
    pub(crate) async fn close(&self) -> MediaStats {
        let (stats, closed) = oneshot::channel();
        let (written, recording) = oneshot::channel();
        self.send(Command::Stop(self.id, Some(Stop { stats, written })));
        let last = closed.await.unwrap_or_default();
        // Without a recording, and when the writer is gone, the sender is dropped at once.
        let _ = recording.await;
        last
    }

    fn send(&self, command: Command) {
        // The thread lives as long as its line; after it there is nothing to say.
        let _ = self.thread.commands.send(command);
        let _ = self.thread.waker.wake();
    }
}

impl Drop for StreamHandle {
    fn drop(&mut self) {
        self.send(Command::Stop(self.id, None));
    }
}

/// Whom to tell about the end of a stream.
pub(super) struct Stop {
    pub stats: oneshot::Sender<MediaStats>,
    pub written: oneshot::Sender<()>,
}
