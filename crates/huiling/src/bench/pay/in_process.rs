use super::machine::{folder_bytes, resident_mib};
use super::orders::Orders;
use super::row::{Found, Measured, Row};
use super::world::World;
use super::{Case, Options};
use crate::error::HuilingError;
use base::Stopwatch;
use money::payments::Gatherer;
use money::{MoneyError, Outcome, Policy};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Lets the callers pay until the time or the number of payments is reached, then verifies.
pub fn measure(world: World, options: &Options) -> Result<Row, HuilingError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .map_err(HuilingError::io("starting the callers"))?;
    let policy = Arc::new(money::keep_rules(&world.db, Policy::cn())?);
    let _entered = runtime.enter();
    let gatherer = Gatherer::start(world.db.clone(), world.db.ambient().clone(), policy);
    let before_bytes = folder_bytes(world.folder());
    let started = Stopwatch::start();
    let found = runtime.block_on(call_all(world.case, &gatherer, options, started))?;
    let secs = started.elapsed().as_secs_f64();
    let bytes = folder_bytes(world.folder()).saturating_sub(before_bytes);
    let resident_mib = resident_mib("self");
    let metrics = gatherer.metrics();
    drop(gatherer);
    let verifying = Stopwatch::start();
    let verify = money::verify(&world.db)?;
    let measured = Measured {
        mean_slice: Some(metrics.orders as f64 / metrics.slices.max(1) as f64),
        bytes,
        resident_mib,
        verify,
        verify_secs: verifying.elapsed().as_secs_f64(),
        replayed: None,
    };
    Ok(Row::new(world.case, &found, secs, measured))
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
            Outcome::Posted(_) => {}
            Outcome::Held { .. } => found.held += 1,
            _ => found.refused += 1,
        }
    }
    Ok(found)
}

/// Whether there is one more payment to be made.
pub fn take_one(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
        .is_ok()
}
