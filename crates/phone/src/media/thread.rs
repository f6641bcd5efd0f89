//! A media thread: it sleeps in `poll` until packets arrive or the wheel's next step is due.

use crate::media::TICK_MS;
use crate::media::engine::{Stop, ThreadHandle};
use crate::media::lateness::Lateness;
use crate::media::stream::{Stream, StreamConfig};
use crate::recording::{Endings, Recorder};
use crate::sdp::Session;
use crate::sound::Sound;
use base::{Stopwatch, Ticker};
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

pub(super) type StreamId = usize;

pub(super) enum Command {
    Start(StreamId, Box<StreamConfig>),
    Negotiated(StreamId, Session),
    Answered(StreamId, Option<Recorder>),
    Play(StreamId, u64, Sound),
    StopPlaying(StreamId, u64),
    Press(StreamId, char),
    Listen(StreamId, mpsc::Sender<Vec<u8>>),
    Stop(StreamId, Option<Stop>),
    /// Ends the thread as a fault of it would.
    #[cfg(test)]
    Break,
}

/// Commands on their way to one thread; it takes them up every few milliseconds.
const MAX_COMMANDS: usize = 16_384;
/// Failures to wait, one after the other, until a thread gives up.
const MAX_FAILURES: u32 = 100;

const WAKE: Token = Token(usize::MAX);
const TICK_US: u64 = TICK_MS * 1_000;

/// Starts a thread. It tells once whether it runs with real-time scheduling.
pub(super) fn spawn(
    n: usize,
    realtime: bool,
    lateness: Arc<Lateness>,
) -> io::Result<(ThreadHandle, Receiver<bool>)> {
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
    let (commands, received) = sync_channel(MAX_COMMANDS);
    let alive = Arc::new(AtomicBool::new(true));
    let lives = alive.clone();
    let (scheduled, is_realtime) = sync_channel(1);
    std::thread::Builder::new()
        .name(format!("media-{n}"))
        .spawn(move || {
            // Nobody has to listen.
            let _ = scheduled.send(realtime && become_realtime());
            let wheel = Wheel {
                poll,
                commands: received,
                streams: HashMap::new(),
                unfinished: HashSet::new(),
                endings: Endings::new(),
                tick: 0,
                since_start: Stopwatch::start(),
                lateness,
                lives,
            };
            wheel.run();
        })?;
    let handle = ThreadHandle {
        commands,
        waker,
        alive,
    };
    Ok((handle, is_realtime))
}

struct Wheel {
    poll: Poll,
    commands: Receiver<Command>,
    streams: HashMap<StreamId, Stream>,
    /// Sockets with more to read than one turn allows.
    unfinished: HashSet<Token>,
    endings: Endings,
    tick: u64,
    since_start: Stopwatch,
    lateness: Arc<Lateness>,
    /// False once the thread has ended, for whatever reason.
    lives: Arc<AtomicBool>,
}

/// However the thread ends: no new call is given to it, and its calls end rather than fall silent.
impl Drop for Wheel {
    fn drop(&mut self) {
        self.lives.store(false, Ordering::SeqCst);
        for stream in self.streams.values() {
            stream.link.timed_out.send_replace(true);
        }
    }
}

impl Wheel {
    fn run(mut self) {
        let mut ticker = Ticker::new(Duration::from_millis(TICK_MS));
        let mut events = Events::with_capacity(1_024);
        let mut failures = 0;
        loop {
            let wait = if self.unfinished.is_empty() {
                ticker.until_due()
            } else {
                Duration::ZERO
            };
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    failures += 1;
                    if failures == MAX_FAILURES {
                        tracing::error!(%error, "a media thread cannot wait for packets and ends");
                        return;
                    }
                }
                _ => failures = 0,
            }
            let mut ready = std::mem::take(&mut self.unfinished);
            ready.extend(
                events
                    .iter()
                    .map(|event| event.token())
                    .filter(|token| *token != WAKE),
            );
            if !self.obey() {
                return;
            }
            for token in ready {
                self.receive(token);
            }
            if let Some((late, missed)) = ticker.take_due() {
                self.tick += u64::from(missed) + 1;
                self.turn(late.as_micros() as u64 % TICK_US);
            }
        }
    }

    /// False: the line is gone.
    fn obey(&mut self) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.execute(command),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn execute(&mut self, command: Command) {
        let tick = self.tick;
        match command {
            Command::Start(id, config) => self.start(id, *config),
            Command::Negotiated(id, session) => self.with(id, |stream| stream.negotiated(session, tick)),
            Command::Answered(id, recorder) => {
                // What waits in the socket came before the answer.
                self.receive(rtp_token(id));
                self.with(id, |stream| stream.answered(recorder, tick));
            }
            Command::Play(id, number, sound) => self.with(id, |stream| stream.play(number, sound)),
            Command::StopPlaying(id, number) => self.with(id, |stream| stream.stop_playing(number)),
            Command::Press(id, digit) => self.with(id, |stream| {
                stream.events_out.press(digit);
            }),
            Command::Listen(id, listener) => self.with(id, |stream| stream.listener = Some(listener)),
            Command::Stop(id, stop) => self.stop(id, stop),
            #[cfg(test)]
            Command::Break => panic!("a test breaks this thread"),
        }
    }

    fn with(&mut self, id: StreamId, act: impl FnOnce(&mut Stream)) {
        if let Some(stream) = self.streams.get_mut(&id) {
            act(stream);
        }
    }

    fn start(&mut self, id: StreamId, config: StreamConfig) {
        // Calls begin at different steps, so that their frames do not all leave at once.
        let opened = Stream::new(config, self.tick + id as u64 % 4);
        match opened.and_then(|stream| register(self.poll.registry(), id, stream)) {
            Ok(stream) => {
                self.streams.insert(id, stream);
            }
            Err(error) => tracing::error!(%error, "a call has no media"),
        }
    }

    fn stop(&mut self, id: StreamId, stop: Option<Stop>) {
        let Some(mut stream) = self.streams.remove(&id) else {
            return;
        };
        let _ = self.poll.registry().deregister(&mut stream.rtp);
        let _ = self.poll.registry().deregister(&mut stream.rtcp);
        let (stats, written) = match stop {
            Some(stop) => (Some(stop.stats), stop.written),
            None => (None, oneshot::channel().0),
        };
        if let Some(recorder) = stream.recorder.take() {
            let (lost, ending) = recorder.finish(stream.elapsed(self.tick), written);
            stream.stats.recording_lost_ms += lost;
            self.endings.extend(ending);
        }
        stream.publish();
        if let Some(stats) = stats {
            let _ = stats.send(stream.stats);
        }
    }

    fn receive(&mut self, token: Token) {
        let (tick, arrival) = (self.tick, self.since_start.elapsed().as_micros() as u64 / 125);
        let Some(stream) = self.streams.get_mut(&(token.0 / 2)) else {
            return;
        };
        let more = if token.0.is_multiple_of(2) {
            stream.receive_rtp(tick, arrival)
        } else {
            stream.receive_rtcp()
        };
        if more {
            self.unfinished.insert(token);
        }
    }

    /// One turn for all streams. `late_us`: how long ago this tick was due.
    fn turn(&mut self, late_us: u64) {
        let since = Stopwatch::start();
        for stream in self.streams.values_mut() {
            let sent = stream.tick(self.tick);
            self.lateness.skip(sent.skipped);
            if let Some(ticks) = sent.ticks_late {
                let late = ticks * TICK_US + late_us + since.elapsed().as_micros() as u64;
                self.lateness.count(late);
                stream.stats.late_frames += u64::from(late > 10_000);
            }
        }
        if let Some(again) = self.endings.pop_front().and_then(|ending| ending.attempt()) {
            self.endings.push_front(again);
        }
    }
}

fn rtp_token(id: StreamId) -> Token {
    Token(id * 2)
}

fn register(registry: &Registry, id: StreamId, mut stream: Stream) -> io::Result<Stream> {
    registry.register(&mut stream.rtp, rtp_token(id), Interest::READABLE)?;
    registry.register(&mut stream.rtcp, Token(id * 2 + 1), Interest::READABLE)?;
    Ok(stream)
}

/// SCHED_RR at the lowest real-time priority; false: the system does not allow it.
fn become_realtime() -> bool {
    use thread_priority::{
        RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
        set_thread_priority_and_policy, thread_native_id,
    };
    let lowest = ThreadPriorityValue::try_from(1).map(ThreadPriority::Crossplatform);
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin);
    let outcome = lowest.map(|priority| set_thread_priority_and_policy(thread_native_id(), priority, policy));
    matches!(outcome, Ok(Ok(())))
}
