//! What happens when. Two things of one moment happen in the order in which they were planned.

use super::world::Step;
use base::Timestamp;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Agenda {
    planned: BTreeMap<(Timestamp, u64), Step>,
    next: u64,
}

impl Agenda {
    pub fn at(&mut self, at: Timestamp, step: Step) {
        self.planned.insert((at, self.next), step);
        self.next += 1;
    }

    pub fn take(&mut self) -> Option<(Timestamp, Step)> {
        self.planned.pop_first().map(|((at, _), step)| (at, step))
    }
}
