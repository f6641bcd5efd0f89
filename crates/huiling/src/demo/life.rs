//! The town goes on living: somebody pays somebody every moment, and now and then a payment is risky.

use super::world::{Inhabitant, risky_order, usual_order};
use base::{Ambient, Ticker};
use money::{Gatherer, Outcome};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const PACE: Duration = Duration::from_millis(900);
/// One payment in so many is risky.
const RISKY_ONE_IN: u64 = 45;

pub fn start(
    gatherer: Gatherer,
    ambient: Ambient,
    town: Vec<Inhabitant>,
    stop: Arc<AtomicBool>,
) -> JoinHandle<()> {
    let live = move || {
        let mut ticker = Ticker::new(PACE);
        while !stop.load(Ordering::SeqCst) {
            ticker.wait();
            let key = format!("{:016x}", ambient.rng.next_u64());
            let risky = ambient.rng.below(RISKY_ONE_IN) == 0;
            let order = if risky {
                risky_order(&ambient, &town, &key)
            } else {
                usual_order(&ambient, &town, &key)
            };
            match gatherer.pay_blocking(order) {
                Ok(answer) => {
                    if let Outcome::Held { payment, .. } = answer.outcome {
                        tracing::debug!(%payment, "somebody in the town is about to be called");
                    }
                }
                Err(error) => tracing::warn!(%error, "a payment of the town failed"),
            }
        }
    };
    std::thread::Builder::new()
        .name("town".into())
        .spawn(live)
        .expect("a thread can be started")
}
