//! Callers who pay, repeat themselves, and stop held payments until the program is killed.

use super::asked::{Answered, Asked, agent, post};
use super::place::{Holder, Running, Told};
use base::{Rng, Ticker};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Wallets at the end of the list pay little but large: their payments are held.
pub const RISKY: usize = 8;
/// Requests of one caller in one run.
const REQUESTS_MAX: u64 = 5_000;

/// Every request by its key, and what became of held ones, as their payers know it.
#[derive(Default)]
pub struct Sent {
    pub asked: BTreeMap<String, Asked>,
    /// Addresses of held payments whose stop was acknowledged.
    pub stopped: Vec<(String, String)>,
}

/// One run: load from all callers, and the end at a random moment.
pub fn until_killed(
    running: Running,
    holders: &[Holder],
    sent: &Mutex<Sent>,
    rng: &Rng,
    run: u32,
    callers: usize,
) -> Told<()> {
    let stop = AtomicBool::new(false);
    let base_url = running.base_url.clone();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let (stop, base_url) = (&stop, &base_url);
            scope.spawn(move || call(stop, base_url, holders, sent, rng, &format!("r{run}-c{caller}")));
        }
        Ticker::new(Duration::from_millis(60 + rng.below(500))).wait();
        let killed = running.kill();
        stop.store(true, Ordering::SeqCst);
        killed
    })
}

fn call(stop: &AtomicBool, base_url: &str, holders: &[Holder], sent: &Mutex<Sent>, rng: &Rng, name: &str) {
    let agent = agent();
    for number in 0..REQUESTS_MAX {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let (asked, risky) = order(holders, rng, format!("{name}-{number}"));
        note(sent, asked.clone());
        let answer = asked.send(&agent, base_url);
        let answered = Asked {
            answer: answer.clone(),
            ..asked
        };
        note(sent, answered.clone());
        let Some(answer) = answer else { continue };
        if risky && rng.below(4) == 0 {
            stop_held(&agent, base_url, &answered.token, &answer, sent);
        }
    }
}

fn order(holders: &[Holder], rng: &Rng, key: String) -> (Asked, bool) {
    let usual = holders.len() - RISKY;
    let risky = rng.below(8) == 0;
    let payer = if risky {
        usual + rng.below(RISKY as u64) as usize
    } else {
        rng.below(usual as u64) as usize
    };
    let payee = (payer + 1 + rng.below(holders.len() as u64 - 1) as usize) % holders.len();
    let amount = if risky {
        20_000 + rng.below(10_000)
    } else {
        1 + rng.below(300)
    };
    let body = serde_json::json!({
        "to": holders[payee].number,
        "amount": format!("{}.{:02}", amount / 100, amount % 100),
        "currency": "CNY",
    });
    let asked = Asked {
        token: holders[payer].token.clone(),
        key,
        body: body.to_string(),
        answer: None,
    };
    (asked, risky)
}

/// The payer says no in the app; what is acknowledged must stay stopped.
fn stop_held(agent: &ureq::Agent, base_url: &str, token: &str, answer: &Answered, sent: &Mutex<Sent>) {
    let Some(payment) = held(answer) else { return };
    let url = format!("{base_url}/api/v1/payments/{payment}/stop");
    if post(agent, &url, token, r#"{"freeze":false}"#).is_some_and(|answer| answer.status == 200) {
        let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.stopped.push((token.to_owned(), payment));
    }
}

/// The id of the payment that an answer calls held.
pub fn held(answer: &Answered) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(&answer.bytes).ok()?;
    let payment = body["payment"].as_str()?;
    (answer.status == 202).then(|| payment.to_owned())
}

fn note(sent: &Mutex<Sent>, asked: Asked) {
    let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
    sent.asked.insert(asked.key.clone(), asked);
}
