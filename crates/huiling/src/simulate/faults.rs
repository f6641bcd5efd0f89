//! What goes wrong, drawn from the seed: commits that fail, answers that are lost, deaths of the
//! process between any two steps.

use base::Rng;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::{Fault, Faults};

/// One commit in so many is refused; as many lose their answer.
const REFUSED_ONE_IN: u64 = 300;
/// One commit in so many is the process's last.
const DEADLY_ONE_IN: u64 = 2_500;

/// Clones share it.
#[derive(Clone)]
pub struct Mischief {
    rng: Rng,
    on: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
}

impl Mischief {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::from_seed(seed ^ 0x0bad_c0de),
            on: Arc::default(),
            count: Arc::default(),
        }
    }

    pub fn switch(&self, on: bool) {
        self.on.store(on, Ordering::SeqCst);
    }

    /// Faults so far: an error without one is a defect.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    pub fn faults(&self) -> Faults {
        let mischief = self.clone();
        Box::new(move || {
            if !mischief.on.load(Ordering::SeqCst) {
                return None;
            }
            let fault = mischief.draw();
            mischief
                .count
                .fetch_add(u64::from(fault.is_some()), Ordering::SeqCst);
            fault
        })
    }

    fn draw(&self) -> Option<Fault> {
        if self.rng.below(DEADLY_ONE_IN) == 0 {
            return Some(if self.rng.below(2) == 0 {
                Fault::DiedBefore
            } else {
                Fault::DiedAfter
            });
        }
        match self.rng.below(REFUSED_ONE_IN) {
            0 => Some(Fault::Refused),
            1 => Some(Fault::AnswerLost),
            _ => None,
        }
    }
}
