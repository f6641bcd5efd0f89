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
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long a call that has ended waits for its recording to be written.
const RECORDING_PATIENCE: Duration = Duration::from_secs(5);

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
    pub commands: SyncSender<Command>,
    pub waker: Arc<Waker>,
    /// The thread runs.
    pub alive: Arc<AtomicBool>,
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

    /// Every media thread runs; one that ended takes no calls.
    pub(crate) fn is_whole(&self) -> bool {
        let alive = |thread: &ThreadHandle| thread.alive.load(Ordering::SeqCst);
        self.threads.iter().all(alive)
    }

    /// Opens a stream on the next thread that runs. It reads and drops everything until it is
    /// answered. `None`: no thread runs.
    pub(crate) fn open(&self, config: StreamConfig) -> Option<StreamHandle> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let turns = (id..id + self.threads.len()).map(|turn| &self.threads[turn % self.threads.len()]);
        let thread = turns
            .into_iter()
            .find(|thread| thread.alive.load(Ordering::SeqCst))?
            .clone();
        let handle = StreamHandle {
            id,
            thread,
            writer: self.writer.clone(),
        };
        handle.send(Command::Start(id, Box::new(config)));
        Some(handle)
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
        if timeout(RECORDING_PATIENCE, recording).await.is_err() {
            tracing::error!("the end of a recording is not written yet; the call does not wait for it");
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{RtpPorts, StreamLink};
    use base::{Ambient, Stopwatch};

    fn config(ports: &RtpPorts, link: &Arc<StreamLink>) -> StreamConfig {
        StreamConfig {
            sockets: ports.take().expect("a free pair of ports"),
            link: link.clone(),
            rtp_from: Vec::new(),
            media_timeout_ms: 60_000,
            ssrc: 1,
            first_sequence: 1,
            first_timestamp: 1,
            clock: Ambient::system().clock,
        }
    }

    #[test]
    fn a_thread_that_ends_ends_its_calls_and_gets_no_new_ones() {
        let engine = MediaEngine::start(2, false).unwrap();
        let ports = RtpPorts::new("127.0.0.1".parse().unwrap(), &(30_000..=39_999), 0).unwrap();
        let link = Arc::new(StreamLink::new().0);
        let stream = engine.open(config(&ports, &link)).unwrap();
        assert!(engine.is_whole());
        stream.send(Command::Break);
        let (mut over, since) = (link.timed_out.subscribe(), Stopwatch::start());
        while !*over.borrow_and_update() || engine.is_whole() {
            assert!(since.elapsed() < Duration::from_secs(30), "the call goes on");
            std::thread::yield_now();
        }
        for _ in 0..4 {
            let stream = engine.open(config(&ports, &link)).unwrap();
            assert!(stream.thread.alive.load(Ordering::SeqCst));
        }
        let last = engine.open(config(&ports, &link)).unwrap();
        last.send(Command::Break);
        while last.thread.alive.load(Ordering::SeqCst) {
            assert!(since.elapsed() < Duration::from_secs(30));
            std::thread::yield_now();
        }
        assert!(engine.open(config(&ports, &link)).is_none());
    }
    /// A file whose closing the disk holds up.
    struct Stuck(Receiver<()>);

    impl Drop for Stuck {
        fn drop(&mut self) {
            let _ = self.0.recv();
        }
    }

    #[tokio::test]
    async fn a_call_ends_though_its_recording_cannot_be_closed() {
        let engine = MediaEngine::start(1, false).unwrap();
        let ports = RtpPorts::new("127.0.0.1".parse().unwrap(), &(30_000..=39_999), 7).unwrap();
        let stream = engine
            .open(config(&ports, &Arc::new(StreamLink::new().0)))
            .unwrap();
        let (disk, held_up) = std::sync::mpsc::channel();
        let file = Stuck(held_up);
        stream.answered(Some(RecordingSink::new(move |_| {
            let _ = &file;
            Ok(())
        })));
        let ended = timeout(Duration::from_secs(60), stream.close()).await;
        assert!(ended.is_ok(), "the disk holds up the call");
        drop(disk);
    }
}
