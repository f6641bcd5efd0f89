//! The runs on one engine, and the proof at their end.

use super::asked::{self, Asked, agent};
use super::load::{self, RISKY, Sent};
use super::place::{Engine, Place, Running, Told, told};
use base::{Ambient, Rng, Stopwatch, Ticker};
use money::payments;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Answered requests that are repeated after each start.
const REPEATED_EACH_START: usize = 25;
/// Random keys repeated at the end.
const REPEATED_AT_LAST: usize = 1_000;
/// Deadlines fire within this long, and the clock of the proof is the machine's. One that passed while
/// the program was dead fires when it lives again.
const GRACE_SECS: i64 = 5;
/// So many that few of them pay more often than people do.
const HOLDERS: usize = 1_500;
/// From an order to its deadline, the shortest that can be configured.
const HOLD_SECS: u32 = 60;

/// What came of one engine's runs.
#[derive(Debug)]
pub struct Survived {
    pub engine: Engine,
    pub runs: u32,
    pub requests: usize,
    /// Cut off by a kill; their repeats told what had become of them.
    pub cut_off: usize,
    pub posted: usize,
    pub held: usize,
    pub stopped: usize,
    pub repeated: usize,
    pub transfers: u64,
    pub secs: f64,
}

pub fn survive(engine: Engine, program: PathBuf, runs: u32, callers: usize, rng: &Rng) -> Told<Survived> {
    let started = Stopwatch::start();
    let mut place = Place::new(engine, program)?;
    for (key, value) in [
        ("HUILING_MONEY_HOLD_MINUTES", "1"),
        ("HUILING_MONEY_HOLD_EXTENSION_MINUTES", "0"),
        ("HUILING_RISK_COLD_START_MINOR", "15000"),
    ] {
        place.settings.push((key.into(), value.into()));
    }
    let holders = place.holders(HOLDERS + RISKY)?;
    let sent = Mutex::new(Sent::default());
    let mut cut_off = 0;
    for run in 0..runs {
        let running = place.serve()?;
        cut_off += settle(&running, &sent, rng)?;
        load::until_killed(running, &holders, &sent, rng, run, callers)?;
    }
    let running = place.serve()?;
    cut_off += settle(&running, &sent, rng)?;
    let sent = sent.into_inner().unwrap_or_else(PoisonError::into_inner);
    let held = prove_deadlines(&place, &running, &sent)?;
    prove_stops(&running, &sent)?;
    let all: Vec<Asked> = sent.asked.values().cloned().collect();
    let before = verify(&place)?;
    if before["answers"].as_u64() != Some((all.len() + holders.len()) as u64) {
        return Err(format!(
            "{} requests and {} top-ups were made, {} answers are kept",
            all.len(),
            holders.len(),
            before["answers"]
        ));
    }
    let repeated = asked::repeat(&running.base_url, &all, REPEATED_AT_LAST, rng)?;
    let after = verify(&place)?;
    if before != after {
        return Err(format!(
            "{repeated} repeats changed the ledger: {before} became {after}"
        ));
    }
    running.kill()?;
    Ok(Survived {
        engine,
        runs,
        requests: all.len(),
        cut_off,
        posted: all.iter().filter(|one| one.status() == Some(201)).count(),
        held,
        stopped: sent.stopped.len(),
        repeated,
        transfers: after["transfers"].as_u64().unwrap_or_default(),
        secs: started.elapsed().as_secs_f64(),
    })
}

/// Asks again for all that a kill left open, and for some of what was answered.
fn settle(running: &Running, sent: &Mutex<Sent>, rng: &Rng) -> Told<usize> {
    let agent = agent();
    let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
    let mut found = 0;
    for one in sent.asked.values_mut().filter(|one| one.answer.is_none()) {
        let answer = one.send(&agent, &running.base_url);
        one.answer = Some(answer.ok_or_else(|| format!("{} is not answered by a sound program", one.key))?);
        found += 1;
    }
    let keys: Vec<&String> = sent.asked.keys().collect();
    for _ in 0..REPEATED_EACH_START.min(keys.len()) {
        let key = keys[rng.below(keys.len() as u64) as usize];
        sent.asked[key].is_repeated(&agent, &running.base_url)?;
    }
    Ok(found)
}

/// Waits until the last deadline has passed, and finds every held payment ended by its own.
fn prove_deadlines(place: &Place, running: &Running, sent: &Sent) -> Told<usize> {
    let held: Vec<(&Asked, String)> = sent
        .asked
        .values()
        .filter_map(|one| Some((one, load::held(one.answer.as_ref()?)?)))
        .collect();
    let (db, ambient) = (place.open()?, Ambient::system());
    let alive_since = ambient.now();
    let mut ticker = Ticker::new(Duration::from_millis(500));
    let mut open = usize::MAX;
    for _ in 0..4 * HOLD_SECS {
        let now = ambient.now();
        let waiting = db.read(move |tx| payments::held(tx, 1_000));
        let waiting = waiting.map_err(told("open holds cannot be read"))?;
        for payment in &waiting {
            let deadline = payment.hold.as_ref().map(|hold| hold.deadline);
            if deadline.is_none_or(|deadline| deadline.max(alive_since).plus_secs(GRACE_SECS) < now) {
                return Err(format!("{} is held beyond its deadline", payment.id));
            }
        }
        open = waiting.len();
        if open == 0 {
            break;
        }
        ticker.wait();
    }
    if open > 0 {
        return Err(format!("{open} payments are held after twice their time"));
    }
    let agent = agent();
    for (one, payment) in &held {
        let state = state(&agent, running, &one.token, payment)?;
        if state != "voided" && state != "posted" {
            return Err(format!("{payment} was held and is {state}"));
        }
    }
    Ok(held.len())
}

fn prove_stops(running: &Running, sent: &Sent) -> Told<()> {
    let agent = agent();
    for (token, payment) in &sent.stopped {
        let state = state(&agent, running, token, payment)?;
        if state != "voided" {
            return Err(format!(
                "the stop of {payment} was acknowledged, and it is {state}"
            ));
        }
    }
    Ok(())
}

fn state(agent: &ureq::Agent, running: &Running, token: &str, payment: &str) -> Told<String> {
    let url = format!("{}/api/v1/payments/{payment}", running.base_url);
    let response = agent
        .get(&url)
        .header("authorization", &format!("Bearer {token}"))
        .call();
    let mut response = response.map_err(told("a payment cannot be read"))?;
    let body: serde_json::Value = response
        .body_mut()
        .read_json()
        .map_err(told("a payment cannot be understood"))?;
    Ok(body["state"].as_str().unwrap_or_default().to_owned())
}

/// `huiling verify` on that very database, while it is in use.
fn verify(place: &Place) -> Told<serde_json::Value> {
    let verified = place.run(&["verify", "--json"])?;
    let report = String::from_utf8_lossy(&verified.stdout).into_owned();
    if !verified.status.success() {
        return Err(format!("{report}{}", String::from_utf8_lossy(&verified.stderr)));
    }
    serde_json::from_str(&report).map_err(told("verify's report"))
}

impl Survived {
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "engine": format!("{:?}", self.engine).to_lowercase(),
            "kills": self.runs, "requests": self.requests, "cut_off": self.cut_off, "posted": self.posted,
            "held": self.held,
            "stopped": self.stopped, "repeated": self.repeated, "transfers": self.transfers,
            "secs": self.secs.round(),
        })
    }
}
