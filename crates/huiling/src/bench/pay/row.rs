use super::machine::{folder_bytes, resident_mib};
use super::orders::Orders;
use super::world::World;
use super::{Case, Options};
use crate::error::HuilingError;
use base::Stopwatch;
use money::payments::Gatherer;
use money::{MoneyError, Outcome, Policy, VerifyReport};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What one case came to.
pub struct Row {
    case: Case,
    payments: u64,
    held: u64,
    refused: u64,
    secs: f64,
    p50_ms: f64,
    p99_ms: f64,
    mean_slice: f64,
    bytes_per_payment: u64,
    resident_mib: u64,
    verify: VerifyReport,
    verify_secs: f64,
    opening_transfers: u64,
}

/// One caller's findings.
#[derive(Default)]
struct Found {
    latencies_us: Vec<u32>,
    posted: u64,
    held: u64,
    refused: u64,
}

/// Lets the callers pay until the time or the number of payments is reached, then verifies.
pub fn measure(world: &World, options: &Options) -> Result<Row, HuilingError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .map_err(HuilingError::io("starting the callers"))?;
    let policy = Arc::new(Policy::cn());
    let gatherer = Gatherer::start(world.db.clone(), world.db.ambient().clone(), policy);
    let before_bytes = folder_bytes(world.folder());
    let started = Stopwatch::start();
    let found = runtime.block_on(call_all(world.case, &gatherer, options, started))?;
    let secs = started.elapsed().as_secs_f64();
    let bytes = folder_bytes(world.folder()).saturating_sub(before_bytes);
    let resident_mib = resident_mib();
    let metrics = gatherer.metrics();
    drop(gatherer);
    let verifying = Stopwatch::start();
    let verify = money::verify(&world.db)?;
    let mut latencies_us: Vec<u32> = Vec::new();
    for one in &found {
        latencies_us.extend(&one.latencies_us);
    }
    latencies_us.sort_unstable();
    let payments = latencies_us.len() as u64;
    Ok(Row {
        case: world.case,
        payments,
        held: found.iter().map(|one| one.held).sum(),
        refused: found.iter().map(|one| one.refused).sum(),
        secs,
        p50_ms: quantile_ms(&latencies_us, 0.50),
        p99_ms: quantile_ms(&latencies_us, 0.99),
        mean_slice: metrics.orders as f64 / metrics.slices.max(1) as f64,
        bytes_per_payment: bytes / payments.max(1),
        resident_mib,
        verify,
        verify_secs: verifying.elapsed().as_secs_f64(),
        opening_transfers: world.case.accounts as u64,
    })
}

async fn call_all(
    case: Case,
    gatherer: &Gatherer,
    options: &Options,
    started: Stopwatch,
) -> Result<Vec<Found>, HuilingError> {
    let left = Arc::new(AtomicU64::new(options.payments));
    let time = Duration::from_secs(options.secs);
    let callers: Vec<_> = (0..case.callers)
        .map(|number| {
            let orders = Orders::of(number, case.accounts, case.payees);
            tokio::spawn(call(orders, gatherer.clone(), left.clone(), started, time))
        })
        .collect();
    let mut found = Vec::with_capacity(callers.len());
    for caller in callers {
        let one = caller
            .await
            .map_err(|error| HuilingError::Unusable(format!("a caller failed: {error}")))?;
        found.push(one?);
    }
    Ok(found)
}

async fn call(
    mut orders: Orders,
    gatherer: Gatherer,
    left: Arc<AtomicU64>,
    started: Stopwatch,
    time: Duration,
) -> Result<Found, MoneyError> {
    let mut found = Found::default();
    while started.elapsed() < time && take_one(&left) {
        let asked = Stopwatch::start();
        let answer = gatherer.pay(orders.next()).await?;
        found.latencies_us.push(asked.elapsed().as_micros() as u32);
        match answer.outcome {
            Outcome::Posted(_) => found.posted += 1,
            Outcome::Held { .. } => found.held += 1,
            _ => found.refused += 1,
        }
    }
    Ok(found)
}

fn take_one(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
        .is_ok()
}

fn quantile_ms(sorted_us: &[u32], part: f64) -> f64 {
    let place = (sorted_us.len() as f64 * part) as usize;
    let found = sorted_us.get(place).or(sorted_us.last());
    found.map_or(0.0, |us| f64::from(*us) / 1_000.0)
}

impl Row {
    /// Nothing is amiss, and the database holds as many answers as callers got.
    pub fn is_sound(&self) -> bool {
        let posted = self.verify.transfers - self.opening_transfers;
        self.verify.is_sound()
            && self.verify.answers == self.payments
            && self.verify.open_holds == self.held
            && posted + self.held + self.refused == self.payments
    }

    pub fn heading() -> String {
        format!(
            "{:<9}{:>10}{:>9}  {:<8}{:>10}{:>9}{:>9}{:>7}{:>8}{:>8}  verify",
            "engine", "accounts", "callers", "payees", "paid/s", "p50 ms", "p99 ms", "slice", "B/paid", "MiB"
        )
    }

    pub fn to_line(&self) -> String {
        let verified = if self.is_sound() {
            format!("sound, {:.1} s", self.verify_secs)
        } else {
            format!("WRONG: {:?}", self.verify.problems.first())
        };
        format!(
            "{:<9}{:>10}{:>9}  {:<8}{:>10.0}{:>9.1}{:>9.1}{:>7.0}{:>8}{:>8}  {verified}",
            format!("{:?}", self.case.engine).to_lowercase(),
            self.case.accounts,
            self.case.callers,
            format!("{:?}", self.case.payees).to_lowercase(),
            self.payments as f64 / self.secs,
            self.p50_ms,
            self.p99_ms,
            self.mean_slice,
            self.bytes_per_payment,
            self.resident_mib,
        )
    }

    pub fn to_json(&self) -> String {
        serde_json::json!({
            "engine": format!("{:?}", self.case.engine).to_lowercase(),
            "accounts": self.case.accounts,
            "callers": self.case.callers,
            "payees": format!("{:?}", self.case.payees).to_lowercase(),
            "payments": self.payments,
            "held": self.held,
            "refused": self.refused,
            "secs": self.secs,
            "per_sec": self.payments as f64 / self.secs,
            "p50_ms": self.p50_ms,
            "p99_ms": self.p99_ms,
            "mean_slice": self.mean_slice,
            "bytes_per_payment": self.bytes_per_payment,
            "resident_mib": self.resident_mib,
            "sound": self.is_sound(),
            "verified": {
                "secs": self.verify_secs,
                "transfers": self.verify.transfers,
                "answers": self.verify.answers,
                "assessments": self.verify.assessments,
                "open_holds": self.verify.open_holds,
                "problems": self.verify.problems,
            },
        })
        .to_string()
    }
}
