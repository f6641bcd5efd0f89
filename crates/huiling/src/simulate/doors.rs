//! The program within the simulation: what it holds in memory, how it starts, works, dies.

use super::replay;
use super::telephone::Talking;
use super::world::{Broken, Step, World};
use crate::wiring::handlers::{self, Parts};
use crate::wiring::{rooms, upkeep};
use base::{CallId, Currency, Timestamp};
use calls::{Disposition, attempts};
use money::rails;
use people::checks::{self, CheckConfig, Service};
use security::sealing::Keyring;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::outbox::Handlers;
use store::{Db, causes, jobs, outbox};

/// The name of the process among those that place calls.
pub const NODE: &str = "main";
/// How often the program looks while something waits, and while nothing does.
const BUSY_MS: i64 = 20_000;
const IDLE_MS: i64 = 240_000;
/// Rounds of work until nothing is due any more; each leaves less.
const ROUNDS_MAX: usize = 400;

/// The next look at what is due; earlier plans are stale.
#[derive(Default)]
pub struct Ticks {
    planned: u64,
    at: Option<Timestamp>,
}

/// Everything that is gone when the process dies.
pub struct House {
    pub db: Db,
    pub keyring: Keyring,
    pub handlers: Arc<Handlers>,
    pub service: Service,
    /// Calls under way.
    pub live: BTreeMap<CallId, Talking>,
    /// Orders that arrived and were not decided.
    pub gathered: Vec<usize>,
    /// The past is settled before the first call.
    pub settled: bool,
    pub looked_at: Timestamp,
    pub swept_at: Timestamp,
}

impl World {
    /// Starts the program on what the disk has.
    pub fn start(&mut self) -> Result<(), Broken> {
        self.mischief.switch(false);
        let failed = |world: &Self, error: &(dyn std::error::Error + 'static)| {
            world.broken(format!("it does not start: {}", causes(error)))
        };
        let db = Db::open(&self.config(), self.ambient.clone()).map_err(|error| failed(self, &error))?;
        db.migrate(&rooms::migrations())
            .map_err(|error| failed(self, &error))?;
        let keyring =
            Keyring::open(&db, &self.ambient, self.master_key()).map_err(|error| failed(self, &error))?;
        db.write(|tx| rails::ensure_rail(tx, Currency::Cny))
            .map_err(|error| failed(self, &error))?;
        let policy = money::keep_rules(&db, (*self.policy).clone());
        self.policy = Arc::new(policy.map_err(|error| failed(self, &error))?);
        let parts = Parts {
            ambient: self.ambient.clone(),
            keyring: keyring.clone(),
            policy: self.policy.clone(),
            call_policy: self.call_policy.clone(),
            public_url: "https://wallet.example".into(),
        };
        let mut handlers = handlers::all(&parts);
        replay::listen(&mut handlers, &self.memory.events);
        db.inject(Some(self.mischief.faults()));
        let script = super::applicants::services(self.chance.clone());
        self.house = Some(House {
            db,
            keyring,
            handlers: Arc::new(handlers),
            service: Service::scripted(CheckConfig::default(), script),
            live: BTreeMap::new(),
            gathered: Vec::new(),
            settled: false,
            looked_at: self.now(),
            swept_at: self.now(),
        });
        self.fill_disk(self.disk_full)?;
        self.mischief.switch(true);
        Ok(())
    }

    pub fn rise(&mut self) -> Result<(), Broken> {
        if self.house.is_none() {
            self.start()?;
            self.wake();
        }
        Ok(())
    }

    /// After each step: a dead process leaves nothing in memory, and is started again.
    pub fn bury(&mut self) {
        if !self.house.as_ref().is_some_and(|house| house.db.is_dead()) {
            return;
        }
        self.house = None;
        self.month.deaths += 1;
        let down_ms = if self.percent(90) {
            self.draw(500, 20_000)
        } else {
            self.draw(60_000, 4 * 3_600_000)
        };
        self.later_ms(down_ms, Step::Rise);
    }

    pub fn fill_disk(&mut self, full: bool) -> Result<(), Broken> {
        self.month.full_disks += u64::from(full && !self.disk_full);
        self.disk_full = full;
        let filled = self.house.as_ref().map(|house| house.db.fill_disk(full));
        let filled = filled.unwrap_or(Ok(()));
        filled.map_err(|error| self.broken(format!("the disk cannot be filled: {}", causes(&error))))
    }

    pub fn tick(&mut self, planned: u64) -> Result<(), Broken> {
        if planned != self.ticks.planned {
            return Ok(());
        }
        self.ticks.at = None;
        self.work()?;
        let busy =
            !self.memory.open.is_empty() || self.house.as_ref().is_some_and(|house| !house.live.is_empty());
        let pace_ms = if busy { BUSY_MS } else { IDLE_MS };
        let late_ms = self.draw(0, 900);
        self.look_in(pace_ms + late_ms);
        Ok(())
    }

    /// Plans the next look, unless an earlier one is planned.
    fn look_in(&mut self, ms: i64) {
        let at = self.now().plus_ms(ms);
        if self.ticks.at.is_some_and(|planned| planned <= at) {
            return;
        }
        self.ticks.planned += 1;
        self.ticks.at = Some(at);
        self.agenda.at(at, Step::Tick(self.ticks.planned));
    }

    /// Looks soon, as a signal after a commit makes the program do.
    pub fn wake(&mut self) {
        let soon_ms = self.draw(5, 400);
        self.look_in(soon_ms);
    }

    /// One round of what the program's threads do.
    pub fn work(&mut self) -> Result<usize, Broken> {
        self.settle_the_past()?;
        let Some(house) = &self.house else {
            return Ok(0);
        };
        upkeep::expire_holds(&house.db, &self.ambient);
        if self.now().since(house.swept_at).as_secs() > 3_600 {
            upkeep::sweep(&house.db, &self.ambient);
        }
        let mut done = outbox::pump(&house.db, &house.handlers, 256).unwrap_or(0);
        // A worker may be late for its job.
        if self.percent(80) {
            done += self.run_jobs();
        }
        self.beat()?;
        done += self.dial()?;
        if let Some(house) = self
            .house
            .as_mut()
            .filter(|house| self.ambient.now().since(house.swept_at).as_secs() > 3_600)
        {
            house.swept_at = self.ambient.now();
        }
        Ok(done)
    }

    fn run_jobs(&self) -> usize {
        let Some(house) = &self.house else { return 0 };
        let (db, keyring, service) = (&house.db, &house.keyring, &house.service);
        let check = |job: &jobs::Job| checks::run_check(db, &self.ambient, keyring, service, job);
        jobs::run_due(db, checks::JOB_KIND, 8, &check).unwrap_or(0)
    }

    /// As the dialer does: at the start every attempt that an earlier process left, later those of
    /// which this process never heard that they were begun.
    fn settle_the_past(&mut self) -> Result<(), Broken> {
        let Some(house) = &self.house else { return Ok(()) };
        let (first, now) = (!house.settled, self.now());
        if !first && now.since(house.looked_at).as_millis() < 15_000 {
            return Ok(());
        }
        let found = self.write("looking for unfinished calls", move |tx| {
            Ok(attempts::unfinished_of(tx, NODE, now)?)
        })?;
        let Some(found) = found else { return Ok(()) };
        let fresh = now.plus_ms(-2 * self.call_policy.lease_ms);
        for attempt in found {
            let ours = self
                .house
                .as_ref()
                .is_some_and(|house| house.live.contains_key(&attempt.id));
            if ours || (!first && attempt.begun_at > fresh) {
                continue;
            }
            if !self.end_attempt(attempt.id, Disposition::Interrupted)? {
                return Ok(());
            }
        }
        if let Some(house) = &mut self.house {
            house.settled = true;
            house.looked_at = now;
        }
        Ok(())
    }

    /// Works without mischief until nothing is due: the evening's proof wants a quiet house.
    pub fn calm_down(&mut self) -> Result<(), Broken> {
        if self.house.is_none() {
            self.start()?;
        }
        self.mischief.switch(false);
        self.fill_disk(false)?;
        self.finish_orders()?;
        for _ in 0..ROUNDS_MAX {
            // Failed events wait ten seconds, leased jobs two minutes.
            self.ambient.clock.advance_ms(1_000);
            let done = self.work()?;
            let waits = self.read("reading the backlog", |tx| Ok(outbox::backlog(tx)?.waiting))?;
            if done == 0 && waits == Some(0) {
                return Ok(());
            }
        }
        Err(self.broken("the outbox does not become empty"))
    }
}
