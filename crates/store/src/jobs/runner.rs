use super::{Job, JobEnd, SIGNAL, claim, finish};
use crate::{Db, DbError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// A worker that is silent for longer has lost its job to another.
const LEASE_MS: i64 = 120_000;

/// Runs what is due of one kind, one after the other, and returns how many jobs ran.
pub fn run_due(
    db: &Db,
    kind: &'static str,
    limit: usize,
    work: &(dyn Fn(&Job) -> JobEnd + Send + Sync),
) -> Result<usize, DbError> {
    let ambient = db.ambient().clone();
    let jobs = db.write(move |tx| claim(tx, &ambient, kind, limit, LEASE_MS))?;
    let count = jobs.len();
    for job in jobs {
        let end = catch_unwind(AssertUnwindSafe(|| work(&job))).unwrap_or_else(|_| JobEnd::Retry {
            error: "the worker panicked".into(),
            after_ms: None,
        });
        match &end {
            JobEnd::Done => {}
            JobEnd::Retry { error, .. } => tracing::warn!(kind, attempt = job.attempt, error, "a job failed"),
            JobEnd::Abandon { error } => tracing::warn!(kind, error, "a job was given up"),
        }
        let ambient = db.ambient().clone();
        db.write(move |tx| finish(tx, &ambient, &job, &end))?;
    }
    Ok(count)
}

/// Threads that run jobs of one kind as they become due; they look every second in any case.
pub fn start(
    db: &Db,
    kind: &'static str,
    threads: usize,
    work: Arc<dyn Fn(&Job) -> JobEnd + Send + Sync>,
    stop: &Arc<AtomicBool>,
) -> Vec<JoinHandle<()>> {
    let run = |number: usize| {
        let (db, work, stop) = (db.clone(), work.clone(), stop.clone());
        let mut wake = db.signal(SIGNAL).listen();
        let body = move || {
            while !stop.load(Ordering::SeqCst) {
                match run_due(&db, kind, 1, work.as_ref()) {
                    Ok(0) => drop(wake.wait(1_000)),
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(kind, error = crate::causes(&error), "jobs cannot be read");
                        wake.wait(1_000);
                    }
                }
            }
        };
        let name = format!("{kind}-{number}");
        std::thread::Builder::new()
            .name(name)
            .spawn(body)
            .expect("a thread can be started")
    };
    (0..threads).map(run).collect()
}
