use super::answerer::Answerer;
use super::caller::{Hours, Told, call};
use super::process::{cpu_secs, cpu_secs_by_thread, resident_kib};
use super::tape::Tape;
use super::{Case, Options};
use crate::bench::figures::quantile;
use crate::error::HuilingError;
use base::{Ambient, Stopwatch};
use phone::{Line, MediaReport, Sound};
use security::sealing::Keyring;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// After the last call was begun, before all are watched: it rings, and answers.
const SETTLE: Duration = Duration::from_secs(3);
/// Calls end this much faster than they begin.
const ENDS_FASTER: u32 = 4;
/// Threads that used less of a core are not named.
const NAMED_FROM: f64 = 0.001;

/// What one case came to.
pub struct Row {
    case: Case,
    realtime: bool,
    media_threads: u32,
    /// Calls that were up while they were watched.
    live: usize,
    completed: usize,
    digits: usize,
    whole: usize,
    watched: Watched,
    setup_us: Vec<u64>,
    received_part: f64,
    /// Why calls or recordings failed, and how often.
    failures: BTreeMap<String, usize>,
    complaints: Vec<String>,
}

/// While all calls were up.
struct Watched {
    secs: f64,
    cpu: f64,
    cpu_by_thread: BTreeMap<String, f64>,
    sipp_cpu: f64,
    kib_per_call: f64,
    media: MediaReport,
}

/// Begins the calls, watches them for a while, and looks at what each recorded.
pub async fn measure(
    case: Case,
    options: &Options,
    line: &Line,
    answerer: &Answerer,
    prompt: &Sound,
    folder: &Path,
) -> Result<Row, HuilingError> {
    let keyring = Keyring::ephemeral(&Ambient::system());
    let idle_kib = resident_kib();
    let gap = Duration::from_secs(1) / options.per_second;
    let begun = Instant::now();
    let watch_from = begun + gap * case.calls as u32 + SETTLE;
    let watch_until = watch_from + Duration::from_secs(u64::from(options.secs));
    let mut calls = JoinSet::new();
    for number in 0..case.calls {
        let hours = Hours {
            begin: begun + gap * number as u32,
            end: watch_until + gap / ENDS_FASTER * number as u32,
        };
        let tape = Tape::new(&keyring, folder, number);
        calls.spawn(call(line.clone(), prompt.clone(), tape, hours));
    }
    sleep_until(watch_from).await;
    let live = line.status().calls;
    let watched = watch(line, answerer, watch_until, case, idle_kib).await;
    let ended = calls.join_all().await;
    // Read back when nothing is measured any more.
    let looked = tokio::task::spawn_blocking(move || look_at(ended)).await;
    let looked = looked.map_err(|_| HuilingError::Unusable("a recording could not be looked at".into()))?;
    Ok(Row {
        case,
        realtime: line.status().realtime,
        media_threads: options.media_threads,
        live,
        completed: looked.completed,
        digits: looked.digits,
        whole: looked.whole,
        watched,
        setup_us: looked.setup_us,
        received_part: looked.received as f64 / looked.sent.max(1) as f64,
        failures: looked.failures,
        complaints: answerer.complaints(),
    })
}

async fn watch(line: &Line, answerer: &Answerer, until: Instant, case: Case, idle_kib: u64) -> Watched {
    let (sipp, own) = (answerer.process_id(), std::process::id());
    line.reset_media_report();
    let before = (cpu_secs(own), cpu_secs(sipp), cpu_secs_by_thread());
    let since = Stopwatch::start();
    sleep_until(until).await;
    let secs = since.elapsed().as_secs_f64();
    let cpu_by_thread = cpu_secs_by_thread()
        .into_iter()
        .map(|(name, after)| {
            let used = after - before.2.get(&name).copied().unwrap_or(0.0);
            (name, used / secs)
        })
        .filter(|(_, used)| *used >= NAMED_FROM)
        .collect();
    Watched {
        secs,
        cpu: (cpu_secs(own) - before.0) / secs,
        cpu_by_thread,
        sipp_cpu: (cpu_secs(sipp) - before.1) / secs,
        kib_per_call: resident_kib().saturating_sub(idle_kib) as f64 / case.calls as f64,
        media: line.media_report(),
    }
}

#[derive(Default)]
struct Looked {
    completed: usize,
    digits: usize,
    whole: usize,
    setup_us: Vec<u64>,
    sent: u64,
    received: u64,
    failures: BTreeMap<String, usize>,
}

fn look_at(ended: Vec<Result<Told, String>>) -> Looked {
    let mut looked = Looked::default();
    for told in ended {
        let failure = match told {
            Ok(told) => {
                looked.completed += usize::from(told.is_complete());
                looked.digits += usize::from(told.digit == Some('1'));
                looked.setup_us.push(told.setup.as_micros() as u64);
                looked.sent += told.end.stats.sent;
                looked.received += told.end.stats.received;
                let recorded = told.tape.check(&told.end);
                looked.whole += usize::from(recorded.is_ok());
                let ended = (!told.is_complete()).then(|| format!("ended by {:?}", told.end.by));
                ended.or(recorded.err())
            }
            Err(failure) => Some(failure),
        };
        if let Some(failure) = failure {
            *looked.failures.entry(failure).or_default() += 1;
        }
    }
    looked.setup_us.sort_unstable();
    looked
}

impl Row {
    /// Every call stood to its end, heard its digit, and was recorded whole.
    pub fn is_complete(&self) -> bool {
        [self.completed, self.digits, self.whole] == [self.case.calls; 3]
    }

    pub fn heading() -> String {
        format!(
            "{:>6} {:<9}{:>6}{:>10}{:>8}{:>8}{:>8}{:>9}{:>9}{:>8}{:>8}{:>10}{:>7}",
            "calls",
            "realtime",
            "live",
            "complete",
            "digit",
            "whole",
            "cpu %",
            "%/call",
            "p50 ms",
            "p99 ms",
            "late",
            "KiB/call",
            "SIPp %"
        )
    }

    /// The row, and below it what went wrong.
    pub fn to_lines(&self) -> String {
        let watched = &self.watched;
        let mut text = format!(
            "{:>6} {:<9}{:>6}{:>10}{:>8}{:>8}{:>8.1}{:>9.4}{:>9.1}{:>8.1}{:>8}{:>10.0}{:>7.0}",
            self.case.calls,
            if self.realtime { "yes" } else { "no" },
            self.live,
            self.completed,
            self.digits,
            self.whole,
            watched.cpu * 100.0,
            watched.cpu * 100.0 / self.case.calls as f64,
            watched.media.late_p50_us as f64 / 1_000.0,
            watched.media.late_p99_us as f64 / 1_000.0,
            watched.media.late_over_10ms + watched.media.skipped,
            watched.kib_per_call,
            watched.sipp_cpu * 100.0,
        );
        if self.case.realtime && !self.realtime {
            text += "\n       real-time scheduling is not permitted here";
        }
        for (failure, count) in &self.failures {
            text += &format!("\n       {count} × {failure}");
        }
        for complaint in &self.complaints {
            text += &format!("\n       SIPp: {complaint}");
        }
        text
    }

    pub fn to_json(&self) -> String {
        let watched = &self.watched;
        serde_json::json!({
            "calls": self.case.calls,
            "realtime_asked": self.case.realtime,
            "realtime": self.realtime,
            "media_threads": self.media_threads,
            "secs": watched.secs,
            "live": self.live,
            "completed": self.completed,
            "digits_heard": self.digits,
            "recordings_whole": self.whole,
            "cpu_cores": watched.cpu,
            "cpu_percent_per_call": watched.cpu * 100.0 / self.case.calls as f64,
            "cpu_cores_by_thread": watched.cpu_by_thread,
            "frames": watched.media.frames,
            "late_p50_ms": watched.media.late_p50_us as f64 / 1_000.0,
            "late_p99_ms": watched.media.late_p99_us as f64 / 1_000.0,
            "late_over_10ms": watched.media.late_over_10ms,
            "skipped": watched.media.skipped,
            "kib_per_call": watched.kib_per_call,
            "setup_p50_ms": quantile(&self.setup_us, 0.50) as f64 / 1_000.0,
            "setup_p99_ms": quantile(&self.setup_us, 0.99) as f64 / 1_000.0,
            "received_part": self.received_part,
            "sipp_cpu_cores": watched.sipp_cpu,
            "failures": self.failures,
            "sipp_complaints": self.complaints,
        })
        .to_string()
    }
}
