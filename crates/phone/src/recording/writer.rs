//! The thread that writes recordings, so that no disk holds up a voice.

use crate::audio::Law;
use crate::recording::timeline::CHUNK;
use crate::recording::{RecordingSink, Timeline};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tokio::sync::oneshot;

/// 8 MB of sound for a disk that stutters.
const QUEUE: usize = 1_024;

type RecordingId = u64;

enum Message {
    Chunk {
        id: RecordingId,
        /// With the first chunk that finds room.
        sink: Option<RecordingSink>,
        silence: u64,
        octets: Vec<u8>,
    },
    End {
        id: RecordingId,
        /// Of a recording of which no chunk found room.
        sink: Option<RecordingSink>,
        done: oneshot::Sender<()>,
    },
}

/// The thread ends when the last sender is gone.
#[derive(Clone, Debug)]
pub(crate) struct WriterThread {
    queue: SyncSender<Message>,
    failures: Arc<AtomicU64>,
}

impl WriterThread {
    pub(crate) fn start() -> io::Result<Self> {
        let (queue, messages) = sync_channel(QUEUE);
        let failures = Arc::new(AtomicU64::new(0));
        let counter = failures.clone();
        std::thread::Builder::new()
            .name("recordings".into())
            .spawn(move || write_all(&messages, &counter))?;
        Ok(Self { queue, failures })
    }

    /// Recordings that a sink refused to take.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Waits for nothing, however slow the disk is.
    pub(crate) fn begin(&self, id: RecordingId, sink: RecordingSink) -> Recorder {
        Recorder {
            id,
            sink: Some(sink),
            timeline: Timeline::new(),
            silence: 0,
            queue: self.queue.clone(),
        }
    }
}

/// One recording, as a media thread sees it.
#[derive(Debug)]
pub(crate) struct Recorder {
    id: RecordingId,
    /// Until the writer has it.
    sink: Option<RecordingSink>,
    pub timeline: Timeline,
    /// Octets of silence owed for chunks that found the queue full.
    silence: u64,
    queue: SyncSender<Message>,
}

impl Recorder {
    /// Passes on what is complete; returns how many milliseconds were lost.
    pub(crate) fn flush(&mut self, now: u64) -> u64 {
        let mut lost = 0;
        while let Some(octets) = self.timeline.take(now) {
            lost += self.pass(octets);
        }
        lost
    }

    /// Passes on the rest. The ending is given back when it must be tried again.
    pub(crate) fn finish(mut self, now: u64, done: oneshot::Sender<()>) -> (u64, Option<Ending>) {
        let mut lost = self.flush(now);
        let octets = self.timeline.finish(now);
        lost += self.pass(octets);
        let ending = Ending {
            message: Message::End {
                id: self.id,
                sink: self.sink,
                done,
            },
            queue: self.queue,
        };
        (lost, ending.attempt())
    }

    fn pass(&mut self, octets: Vec<u8>) -> u64 {
        let length = octets.len() as u64;
        let chunk = Message::Chunk {
            id: self.id,
            sink: self.sink.take(),
            silence: self.silence,
            octets,
        };
        let Err(refused) = self.queue.try_send(chunk) else {
            self.silence = 0;
            return 0;
        };
        if let TrySendError::Full(Message::Chunk { sink, .. }) = refused {
            self.sink = sink;
        }
        self.silence += length;
        length / 16
    }
}

/// The end of a recording that has not reached the writer yet.
pub(crate) struct Ending {
    message: Message,
    queue: SyncSender<Message>,
}

impl Ending {
    /// `Some`: the queue is full, try later.
    pub(crate) fn attempt(self) -> Option<Self> {
        match self.queue.try_send(self.message) {
            Err(TrySendError::Full(message)) => Some(Self {
                message,
                queue: self.queue,
            }),
            Ok(()) | Err(TrySendError::Disconnected(_)) => None,
        }
    }
}

/// Endings that wait for room.
pub(crate) type Endings = VecDeque<Ending>;

fn write_all(messages: &Receiver<Message>, failures: &AtomicU64) {
    let mut sinks: HashMap<RecordingId, RecordingSink> = HashMap::new();
    while let Ok(message) = messages.recv() {
        match message {
            Message::Chunk {
                id,
                sink,
                silence,
                octets,
            } => {
                sinks.extend(sink.map(|sink| (id, sink)));
                let Some(sink) = sinks.get_mut(&id) else { continue };
                if let Err(error) = write_chunk(sink, silence, &octets) {
                    tracing::error!(%error, "a recording cannot be written; the rest of it is lost");
                    failures.fetch_add(1, Ordering::Relaxed);
                    sinks.remove(&id);
                }
            }
            Message::End { id, sink, done } => {
                drop((sink, sinks.remove(&id)));
                let _ = done.send(());
            }
        }
    }
}

fn write_chunk(sink: &mut RecordingSink, mut silence: u64, octets: &[u8]) -> io::Result<()> {
    let quiet = [Law::Mu.silence(); CHUNK];
    while silence > 0 {
        let piece = silence.min(CHUNK as u64);
        (sink.write)(&quiet[..piece as usize])?;
        silence -= piece;
    }
    if octets.is_empty() {
        Ok(())
    } else {
        (sink.write)(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Channel;
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_full_queue_costs_silence_and_never_time() {
        let (queue, messages) = sync_channel(1);
        let written = Arc::new(Mutex::new(Vec::new()));
        let copy = written.clone();
        let sink = RecordingSink::new(move |octets| {
            copy.lock().unwrap().extend_from_slice(octets);
            Ok(())
        });
        let writer = WriterThread {
            queue,
            failures: Arc::default(),
        };
        let mut recorder = writer.begin(1, sink);
        let mut lost = 0;
        for n in 0..3u8 {
            let at = i64::from(n) * CHUNK as i64;
            recorder.timeline.put(Channel::Ours, at, &[n; CHUNK]);
            lost += recorder.flush((u64::from(n) + 2) * CHUNK as u64);
        }
        // The first chunk found room, the two after it did not.
        assert_eq!(lost, 1_000);
        drop(writer);
        let (end, mut done) = oneshot::channel();
        let thread = std::thread::spawn(move || write_all(&messages, &AtomicU64::new(0)));
        let (_, mut ending) = recorder.finish(3 * CHUNK as u64 + 8, end);
        while let Some(again) = ending {
            ending = again.attempt();
        }
        thread.join().unwrap();
        assert_eq!(done.try_recv(), Ok(()));
        let octets = written.lock().unwrap();
        assert_eq!(octets[0], 0);
        let length = octets.len();
        assert!(length == CHUNK * 2 || length == (3 * CHUNK + 8) * 2, "{length}");
    }
    #[test]
    fn a_recording_begins_beside_a_disk_that_stands_still() {
        let (queue, messages) = sync_channel(1);
        let writer = WriterThread {
            queue,
            failures: Arc::default(),
        };
        let mut first = writer.begin(1, RecordingSink::new(|_| Ok(())));
        let written = Arc::new(Mutex::new(Vec::new()));
        let copy = written.clone();
        let mut second = writer.begin(
            2,
            RecordingSink::new(move |octets| {
                copy.lock().unwrap().extend_from_slice(octets);
                Ok(())
            }),
        );
        assert_eq!(first.flush(2 * CHUNK as u64), 0);
        // Nobody takes the first chunk; the second recording waits with its sink.
        assert_eq!(second.flush(2 * CHUNK as u64), 500);
        drop((writer, first, messages.recv().unwrap()));
        second.timeline.put(Channel::Ours, CHUNK as i64, &[7; CHUNK]);
        assert_eq!(second.flush(3 * CHUNK as u64), 0);
        drop(second);
        write_all(&messages, &AtomicU64::new(0));
        let octets = written.lock().unwrap();
        let (silence, sound) = octets.split_at(2 * CHUNK);
        assert!(silence.iter().all(|octet| *octet == Law::Mu.silence()));
        assert!(sound.iter().step_by(2).all(|octet| *octet == 7));
    }
}
