//! The world's clock hand: takes one step after the other, and lets the program die and rise.

use super::agenda::Agenda;
use super::applicants::Applicant;
use super::doors::{House, Ticks};
use super::faults::Mischief;
use super::memory::Memory;
use super::telephone::Moment;
use super::town::Inhabitant;
use crate::wiring::policies;
use base::{Ambient, CallId, PaymentId, Rng, Timestamp};
use calls::CallPolicy;
use money::Policy;
use security::four_eyes::RequestId;
use security::sealing::MasterKey;
use std::fmt;
use std::sync::Arc;
use store::outbox::HandlerError;
use store::{DbConfig, SqliteOptions, Tx, causes};
use tempfile::TempDir;

/// Monday 2026-11-02, 04:00 in Shanghai: the days of the simulation begin before people wake.
const START: Timestamp = Timestamp::from_secs(1_793_563_200);
pub const DAY_MS: i64 = 86_400_000;
/// No month of this size needs as many; a loop that plans itself would.
const STEPS_MAX: u64 = 3_000_000;

/// How large a month is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub days: u32,
    pub customers: usize,
}

/// What can happen next.
#[derive(Clone, Debug)]
pub enum Step {
    Morning(u32),
    /// The program looks for what is due, as its threads do.
    Tick(u64),
    /// An order leaves its customer's telephone, for the first time or again.
    Send(usize),
    /// What has arrived meanwhile is paid in one slice.
    Gather,
    TopUp(usize),
    Call(CallId, Moment),
    SignIn(PaymentId),
    StopInApp(PaymentId),
    Freeze(usize),
    AskStaff(super::staff::Wish),
    Agree(RequestId),
    Apply(usize),
    /// An applicant looks at the progress page.
    LookAfter(usize),
    /// An event is delivered once more.
    Again(usize),
    Rise,
    DiskFull(bool),
    Jump(i64),
    Evening(u32),
}

/// Something that must never be.
#[derive(Debug)]
pub struct Broken {
    pub seed: u64,
    pub scale: Scale,
    pub step: u64,
    pub at: Timestamp,
    pub what: String,
}

/// A month that passed every proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Month {
    pub seed: u64,
    pub steps: u64,
    pub orders: u64,
    pub repeats: u64,
    pub held: u64,
    pub released: u64,
    pub voided: u64,
    pub calls: u64,
    pub answered: u64,
    pub applicants: u64,
    pub wallets_opened: u64,
    pub faults: u64,
    pub deaths: u64,
    pub full_disks: u64,
    pub events_repeated: u64,
    /// Of every row of every table.
    pub digest: String,
}

pub type Tried<T> = Result<T, HandlerError>;

pub struct World {
    pub seed: u64,
    pub scale: Scale,
    pub ambient: Ambient,
    /// What people and carriers do; the program draws from its own.
    pub chance: Rng,
    pub mischief: Mischief,
    pub policy: Arc<Policy>,
    pub call_policy: CallPolicy,
    /// The running program; none while it is down.
    pub house: Option<House>,
    pub agenda: Agenda,
    pub memory: Memory,
    pub town: Vec<Inhabitant>,
    pub applicants: Vec<Applicant>,
    pub staff: Vec<(base::StaffId, security::staff::Role)>,
    pub month: Month,
    pub disk_full: bool,
    pub ticks: Ticks,
    folder: TempDir,
}

/// Lives a month, and proves every evening that it was sound.
pub fn live(seed: u64, scale: Scale) -> Result<Month, Broken> {
    let mut world = World::new(seed, scale)?;
    world.live()?;
    world.close()
}

impl World {
    /// Settles the town and lives its days.
    pub fn live(&mut self) -> Result<(), Broken> {
        self.settle()?;
        let (begin, days) = (self.begin(), self.scale.days);
        for day in 0..days {
            let morning = begin.plus_ms(i64::from(day) * DAY_MS);
            self.agenda.at(morning, Step::Morning(day));
            self.agenda
                .at(morning.plus_ms(DAY_MS - 60_000), Step::Evening(day));
        }
        let end = begin.plus_ms(i64::from(days) * DAY_MS);
        self.wake();
        while let Some((at, step)) = self.agenda.take() {
            if at >= end {
                break;
            }
            self.month.steps += 1;
            if self.month.steps > STEPS_MAX {
                return Err(self.broken("the month has no end"));
            }
            self.wait_until(at);
            self.take(step)?;
            self.bury();
        }
        Ok(())
    }

    pub fn new(seed: u64, scale: Scale) -> Result<Self, Broken> {
        // The ledger's flushes cost nothing in memory, and nobody pulls this plug.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory)
        } else {
            tempfile::tempdir()
        };
        let config = crate::config::Config::default();
        let policy = policies::money(&config).expect("the defaults are sound");
        let call_policy = policies::calls(&config).expect("the defaults are sound");
        Ok(Self {
            seed,
            scale,
            ambient: Ambient::seeded(START.plus_ms(-10 * DAY_MS), seed),
            chance: Rng::from_seed(seed ^ 0x5eed_0fc0_ffee),
            mischief: Mischief::new(seed),
            policy: Arc::new(policy),
            call_policy,
            house: None,
            agenda: Agenda::default(),
            memory: Memory::default(),
            town: Vec::new(),
            applicants: Vec::new(),
            staff: Vec::new(),
            month: Month {
                seed,
                ..Month::default()
            },
            disk_full: false,
            ticks: Ticks::default(),
            folder: folder.map_err(|error| Broken {
                seed,
                scale,
                step: 0,
                at: START,
                what: format!("no folder: {error}"),
            })?,
        })
    }

    pub fn begin(&self) -> Timestamp {
        START
    }

    pub fn config(&self) -> DbConfig {
        DbConfig::Sqlite(SqliteOptions {
            inline: true,
            cache_kib: 65_536,
            ..SqliteOptions::new(self.folder.path().join("world.db"))
        })
    }

    pub fn master_key(&self) -> MasterKey {
        MasterKey::parse(&format!("{:064x}", self.seed)).expect("64 hexadecimal digits")
    }

    pub fn now(&self) -> Timestamp {
        self.ambient.now()
    }

    pub fn later_ms(&mut self, ms: i64, step: Step) {
        let at = self.now().plus_ms(ms);
        self.agenda.at(at, step);
    }

    /// Uniform, both included.
    pub fn draw(&self, least: i64, most: i64) -> i64 {
        least + self.chance.below((most - least + 1) as u64) as i64
    }

    pub fn percent(&self, percent: u64) -> bool {
        self.chance.below(100) < percent
    }

    pub fn broken(&self, what: impl Into<String>) -> Broken {
        Broken {
            seed: self.seed,
            scale: self.scale,
            step: self.month.steps,
            at: self.now(),
            what: what.into(),
        }
    }

    pub fn must(&self, holds: bool, what: impl FnOnce() -> String) -> Result<(), Broken> {
        if holds { Ok(()) } else { Err(self.broken(what())) }
    }

    /// One transaction of the program. `None`: it is down, or its outcome is unknown. An error that
    /// nobody injected is a defect.
    pub fn write<T: Send + 'static>(
        &self,
        what: &str,
        run: impl Fn(&mut Tx<'_>) -> Tried<T> + Send + 'static,
    ) -> Result<Option<T>, Broken> {
        let Some(house) = &self.house else {
            return Ok(None);
        };
        let before = self.mischief.count();
        match house.db.write(run) {
            Ok(done) => Ok(Some(done)),
            Err(error) => {
                let explained = self.disk_full || self.mischief.count() > before || house.db.is_dead();
                self.must(explained, || format!("{what}: {}", causes(error.as_ref())))?;
                Ok(None)
            }
        }
    }

    pub fn read<T: Send + 'static>(
        &self,
        what: &str,
        run: impl Fn(&mut Tx<'_>) -> Tried<T> + Send + 'static,
    ) -> Result<Option<T>, Broken> {
        let Some(house) = self.house.as_ref().filter(|house| !house.db.is_dead()) else {
            return Ok(None);
        };
        let read = house.db.read(run);
        read.map(Some)
            .map_err(|error| self.broken(format!("{what}: {}", causes(error.as_ref()))))
    }

    fn wait_until(&self, at: Timestamp) {
        let ahead_us = at.as_us() - self.now().as_us();
        if ahead_us > 0 {
            self.ambient.clock.advance_ms((ahead_us + 999) / 1_000);
        }
    }

    fn take(&mut self, step: Step) -> Result<(), Broken> {
        match step {
            Step::Morning(day) => self.morning(day),
            Step::Tick(planned) => self.tick(planned),
            Step::Send(order) => self.send(order),
            Step::Gather => self.gather(),
            Step::TopUp(person) => self.top_up(person),
            Step::Call(call, moment) => self.call_goes_on(call, moment),
            Step::SignIn(payment) => self.sign_in(payment),
            Step::StopInApp(payment) => self.stop_in_app(payment),
            Step::Freeze(person) => self.freeze(person),
            Step::AskStaff(wish) => self.ask_staff(wish),
            Step::Agree(request) => self.agree(request),
            Step::Apply(applicant) => self.apply(applicant),
            Step::LookAfter(applicant) => self.look_after(applicant),
            Step::Again(event) => self.deliver_again(event),
            Step::Rise => self.rise(),
            Step::DiskFull(full) => self.fill_disk(full),
            Step::Jump(ms) => {
                self.ambient.clock.advance_ms(ms);
                Ok(())
            }
            Step::Evening(day) => self.evening(day),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed,
            scale,
            step,
            at,
            what,
        } = self;
        write!(
            f,
            "seed {seed}, step {step}, {}: {what}\n  again: huiling simulate --seed {seed} --days {} --customers {}",
            at.to_rfc3339(),
            scale.days,
            scale.customers
        )
    }
}

impl Month {
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "seed": self.seed, "steps": self.steps, "orders": self.orders, "repeats": self.repeats,
            "held": self.held, "released": self.released, "voided": self.voided, "calls": self.calls,
            "answered": self.answered, "applicants": self.applicants, "wallets_opened": self.wallets_opened,
            "faults": self.faults, "deaths": self.deaths, "full_disks": self.full_disks,
            "events_repeated": self.events_repeated, "digest": self.digest,
        })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: sound. {} orders ({} repeats), {} held ({} released, {} voided), {} calls ({} answered), \
             {} applicants ({} wallets), {} faults, {} deaths, {} full disks, {} events delivered again; digest {}",
            self.seed,
            self.orders,
            self.repeats,
            self.held,
            self.released,
            self.voided,
            self.calls,
            self.answered,
            self.applicants,
            self.wallets_opened,
            self.faults,
            self.deaths,
            self.full_disks,
            self.events_repeated,
            &self.digest[..16.min(self.digest.len())]
        )
    }
}
