//! The program is killed at random moments under load. Whatever it acknowledged is there, once, and
//! a repeat of any request gets the first answer, byte for byte.

use crate::house::{Engine, Holder, Place, Running, workspace};
use base::{Rng, Ticker};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const CALLERS: usize = 6;

/// One request with its key; what it was answered, if it was.
#[derive(Clone, Debug)]
struct Sent {
    payer: usize,
    payee: usize,
    amount_fen: u64,
    answer: Option<(u16, Vec<u8>)>,
}

type Ledger = Mutex<BTreeMap<String, Sent>>;

#[test]
fn what_was_acknowledged_survives_kill_minus_nine_on_sqlite() {
    survive(Engine::Sqlite, 10);
}

#[test]
fn what_was_acknowledged_survives_kill_minus_nine_on_postgresql() {
    survive(Engine::Postgres, 8);
}

fn survive(engine: Engine, kills: u32) {
    let place = Place::new(engine);
    let holders = place.holders(24);
    let rng = Rng::from_seed(7);
    let sent = Ledger::default();
    for round in 0..kills {
        let running = place.serve();
        replay_some(&running, &holders, &sent, &rng);
        pay_until_killed(running, &holders, &sent, &rng, round);
    }
    let running = place.serve();
    let sent = sent.into_inner().unwrap();
    let unanswered = sent.values().filter(|one| one.answer.is_none()).count();
    for (key, one) in &sent {
        let again = pay(&running.base_url, &holders, key, one).expect("the program runs");
        if let Some(first) = &one.answer {
            assert_eq!(
                (again.0, &again.1),
                (first.0, &first.1),
                "the repeat of {key} differs"
            );
        }
    }
    running.kill();
    let verified = place.run(&["verify", "--json"]);
    let report = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(
        verified.status.success(),
        "{report}{}",
        String::from_utf8_lossy(&verified.stderr)
    );
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let posted = sent.len() as u64 + holders.len() as u64;
    assert_eq!(
        report["answers"].as_u64(),
        Some(posted),
        "each key was answered once, each top-up too"
    );
    assert!(
        sent.len() > 50,
        "there was load: {} requests, {unanswered} cut off",
        sent.len()
    );
}

/// Some of what earlier rounds acknowledged, and all of what they left open.
fn replay_some(running: &Running, holders: &[Holder], sent: &Ledger, rng: &Rng) {
    let open: Vec<(String, Sent)> = {
        let sent = sent.lock().unwrap();
        let wanted = |one: &Sent| one.answer.is_none() || rng.below(8) == 0;
        sent.iter()
            .filter(|(_, one)| wanted(one))
            .map(|(key, one)| (key.clone(), one.clone()))
            .collect()
    };
    for (key, one) in open {
        let again = pay(&running.base_url, holders, &key, &one).expect("the program runs");
        match &one.answer {
            Some(first) => assert_eq!(&again, first, "the repeat of {key} differs"),
            None => sent.lock().unwrap().get_mut(&key).unwrap().answer = Some(again),
        }
    }
}

fn pay_until_killed(running: Running, holders: &[Holder], sent: &Ledger, rng: &Rng, round: u32) {
    let stop = AtomicBool::new(false);
    let base_url = running.base_url.clone();
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (stop, base_url) = (&stop, &base_url);
            scope.spawn(move || {
                for number in 0..5_000 {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let key = format!("r{round}-c{caller}-{number}");
                    let payer = rng.below(holders.len() as u64) as usize;
                    let payee = (payer + 1 + rng.below(holders.len() as u64 - 1) as usize) % holders.len();
                    let one = Sent {
                        payer,
                        payee,
                        amount_fen: 1 + rng.below(300),
                        answer: None,
                    };
                    sent.lock().unwrap().insert(key.clone(), one.clone());
                    if let Some(answer) = pay(base_url, holders, &key, &one) {
                        sent.lock().unwrap().get_mut(&key).unwrap().answer = Some(answer);
                    }
                }
            });
        }
        let lives_ms = 100 + rng.below(500);
        Ticker::new(Duration::from_millis(lives_ms)).wait();
        running.kill();
        stop.store(true, Ordering::SeqCst);
    });
}

/// `None`: no answer came. A server error is an answer that says "unknown", and none of those either.
fn pay(base_url: &str, holders: &[Holder], key: &str, one: &Sent) -> Option<(u16, Vec<u8>)> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let body = serde_json::json!({
        "to": holders[one.payee].number,
        "amount": format!("{}.{:02}", one.amount_fen / 100, one.amount_fen % 100),
        "currency": "CNY",
    });
    let mut response = agent
        .post(&format!("{base_url}/api/v1/payments"))
        .header("authorization", &format!("Bearer {}", holders[one.payer].token))
        .header("idempotency-key", key)
        .header("accept-language", "en")
        .send_json(body)
        .ok()?;
    let status = response.status().as_u16();
    let bytes = response.body_mut().read_to_vec().ok()?;
    (status < 500).then_some((status, bytes))
}

#[test]
fn a_key_used_for_another_body_is_refused_and_moves_nothing() {
    let place = Place::new(Engine::Sqlite);
    let holders = place.holders(3);
    let running = place.serve();
    let one = Sent {
        payer: 0,
        payee: 1,
        amount_fen: 100,
        answer: None,
    };
    let first = pay(&running.base_url, &holders, "same", &one).unwrap();
    assert_eq!(first.0, 201, "{}", String::from_utf8_lossy(&first.1));
    let other = pay(
        &running.base_url,
        &holders,
        "same",
        &Sent {
            amount_fen: 200,
            ..one.clone()
        },
    )
    .unwrap();
    assert_eq!(other.0, 422, "{}", String::from_utf8_lossy(&other.1));
    assert_eq!(pay(&running.base_url, &holders, "same", &one).unwrap(), first);
}

/// A trace of the system calls shows that the write-ahead log is flushed after the last write of a
/// payment and before its answer leaves.
#[test]
fn the_log_is_flushed_before_the_answer_leaves() {
    let place = Place::new(Engine::Sqlite);
    let holders = place.holders(3);
    let running = place.serve();
    // A first payment opens files and caches.
    let one = Sent {
        payer: 0,
        payee: 1,
        amount_fen: 100,
        answer: None,
    };
    pay(&running.base_url, &holders, "before", &one).unwrap();
    let trace = place.folder.path().join("trace");
    let mut tracer = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-e",
            "trace=fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg",
            "-s",
            "64",
            "-o",
        ])
        .arg(&trace)
        .args(["-p", &running.id().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace is needed: install the package strace");
    wait_for(|| std::fs::read_to_string(&trace).is_ok());
    let mut paid = 0;
    wait_for(|| {
        paid += 1;
        pay(&running.base_url, &holders, &format!("traced-{paid}"), &one).unwrap();
        std::fs::read_to_string(&trace).is_ok_and(|text| text.contains("HTTP/1.1 201"))
    });
    let _ = Command::new("kill")
        .args(["-INT", &tracer.id().to_string()])
        .status();
    let _ = tracer.wait();
    let text = std::fs::read_to_string(&trace).unwrap();
    let calls: Vec<&str> = text.lines().collect();
    let seen = || {
        calls
            .iter()
            .rev()
            .take(40)
            .rev()
            .copied()
            .collect::<Vec<_>>()
            .join("\n")
    };
    let answer = calls
        .iter()
        .rposition(|call| call.contains("HTTP/1.1 201"))
        .expect("an answer in the trace");
    let is_log = |call: &str| call.contains("huiling.db-wal");
    let flush = calls[..answer]
        .iter()
        .rposition(|call| is_log(call) && call.contains("fdatasync("))
        .unwrap_or_else(|| panic!("no flush of the log before the answer: {}", seen()));
    let last_write = calls[..answer]
        .iter()
        .rposition(|call| is_log(call) && call.contains("pwrite64("))
        .unwrap();
    assert!(
        last_write < flush && flush < answer,
        "{}",
        calls[last_write.min(flush)..=answer].join("\n")
    );
}

fn wait_for(mut happened: impl FnMut() -> bool) {
    let mut ticker = Ticker::new(Duration::from_millis(100));
    for _ in 0..300 {
        if happened() {
            return;
        }
        ticker.wait();
    }
    panic!(
        "it did not happen within half a minute; the sources are in {}",
        workspace().display()
    );
}
