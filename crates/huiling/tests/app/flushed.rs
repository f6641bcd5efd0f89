//! A trace of the system calls: the write-ahead log is written and flushed to the disk after a request
//! has come and before its answer leaves, one by one and when many payments share a commit.

use crate::durability::{Sent, pay};
use crate::house::{Engine, Place};
use crate::trace::{Call, calls};
use base::Ticker;
use std::process::{Command, Stdio};
use std::time::Duration;

const CALLERS: usize = 8;
const PAYMENTS: usize = 10;

/// Every payment whose request and answer are both in the trace; each has a connection of its own.
fn exchanges(calls: &[Call]) -> Vec<(&Call, &Call)> {
    let requests = calls
        .iter()
        .filter(|call| call.text.contains("POST /api/v1/payments"));
    let exchanges = requests.filter_map(|asked| {
        let answers = |call: &&Call| {
            call.began > asked.returned
                && call.text.contains("HTTP/1.1 201")
                && call.socket() == asked.socket()
        };
        Some((asked, calls.iter().find(answers)?))
    });
    exchanges.collect()
}

/// Whether the log was written after this request, and that write was on the disk before its answer.
fn is_durable(calls: &[Call], (asked, answered): (&Call, &Call)) -> bool {
    let written = calls
        .iter()
        .find(|call| call.is_of_log("pwrite64(") && call.began > asked.returned);
    let Some(written) = written else { return false };
    let mut flushes = calls.iter().filter(|call| call.is_of_log("fdatasync("));
    flushes.any(|flush| flush.began > written.returned && flush.returned < answered.began)
}

/// The same of the last write before the answer: where nobody else pays, that is the payment's own.
fn is_flushed_last(calls: &[Call], (asked, answered): (&Call, &Call)) -> bool {
    let within = |call: &&Call| call.began > asked.returned && call.returned < answered.began;
    let log = |name| {
        calls
            .iter()
            .filter(within)
            .filter(move |call| call.is_of_log(name))
    };
    let Some(written) = log("pwrite64(").next_back() else {
        return false;
    };
    log("fdatasync(").any(|flush| flush.began > written.returned)
}

/// Payments during which nobody else asked for one.
fn alone<'c>(found: &[(&'c Call, &'c Call)]) -> Vec<(&'c Call, &'c Call)> {
    let overlaps = |one: &(&Call, &Call), other: &(&Call, &Call)| {
        one.0.began != other.0.began && one.0.began < other.1.began && other.0.began < one.1.began
    };
    let alone = found
        .iter()
        .filter(|one| !found.iter().any(|other| overlaps(one, other)));
    alone.copied().collect()
}

#[test]
fn an_answer_that_leaves_too_early_is_seen_in_a_trace() {
    const ASKED: &str = r#"7 recvfrom(9<socket:[4]>, "POST /api/v1/payments HTTP/1.1", 99, 0) = 30"#;
    const WRITTEN: &str = r#"8 pwrite64(5</x/huiling.db-wal>, "x", 1, 0) = 1"#;
    const FLUSHED: &str = "8 fdatasync(5</x/huiling.db-wal>) = 0";
    const BEGUN: &str = "8 fdatasync(5</x/huiling.db-wal> <unfinished ...>";
    const RESUMED: &str = "8 <... fdatasync resumed>) = 0";
    const ANSWERED: &str = r#"7 sendto(9<socket:[4]>, "HTTP/1.1 201 Created", 20, 0) = 20"#;
    let durable = |trace: &[&str]| {
        let calls = calls(&trace.join("\n"));
        let found = exchanges(&calls);
        assert_eq!((found.len(), alone(&found).len()), (1, 1));
        assert!(!is_flushed_last(&calls, found[0]) || is_durable(&calls, found[0]));
        is_durable(&calls, found[0])
    };
    let last = |trace: &[&str]| {
        let calls = calls(&trace.join("\n"));
        is_flushed_last(&calls, exchanges(&calls)[0])
    };
    assert!(last(&[ASKED, WRITTEN, WRITTEN, FLUSHED, ANSWERED]));
    assert!(!last(&[ASKED, WRITTEN, FLUSHED, WRITTEN, ANSWERED]));
    assert!(durable(&[ASKED, WRITTEN, FLUSHED, ANSWERED]));
    assert!(durable(&[ASKED, WRITTEN, BEGUN, RESUMED, ANSWERED]));
    for early in [
        &[ASKED, ANSWERED, WRITTEN, FLUSHED][..],
        &[ASKED, WRITTEN, ANSWERED, FLUSHED],
        &[ASKED, WRITTEN, BEGUN, ANSWERED, RESUMED],
        &[WRITTEN, FLUSHED, ASKED, ANSWERED],
        &[WRITTEN, ASKED, FLUSHED, ANSWERED],
        &[ASKED, FLUSHED, WRITTEN, ANSWERED],
    ] {
        assert!(!durable(early), "{early:?}");
    }
}

#[test]
fn the_log_is_flushed_before_any_answer_leaves() {
    let place = Place::new(Engine::Sqlite);
    let holders = place.holders(CALLERS + 1);
    let running = place.serve();
    let one = |payer| Sent {
        payer,
        payee: CALLERS,
        amount_fen: 100,
    };
    // A first payment opens files and caches.
    pay(&running.base_url, &holders, "before", &one(0)).unwrap();
    let trace = place.folder.path().join("trace");
    let traced_calls = "trace=fdatasync,pwrite64,read,readv,recvfrom,write,writev,sendto,sendmsg";
    let mut tracer = Command::new("strace")
        .args(["-f", "-y", "-e", traced_calls, "-s", "64", "-o"])
        .arg(&trace)
        .args(["-p", &running.id().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace is needed: install the package strace");
    let traced = || std::fs::read_to_string(&trace).unwrap_or_default();
    let mut tried = 0;
    wait_for("it is traced", || {
        tried += 1;
        pay(&running.base_url, &holders, &format!("tried-{tried}"), &one(0)).unwrap();
        traced().contains("HTTP/1.1 201")
    });
    for number in 0..PAYMENTS {
        let paid = pay(&running.base_url, &holders, &format!("alone-{number}"), &one(0));
        assert_eq!(paid.unwrap().0, 201);
    }
    std::thread::scope(|scope| {
        for payer in 0..CALLERS {
            let (running, holders) = (&running, &holders);
            scope.spawn(move || {
                for number in 0..PAYMENTS {
                    let paid = pay(&running.base_url, holders, &format!("paid-{number}"), &one(payer));
                    assert_eq!(paid.unwrap().0, 201);
                }
            });
        }
    });
    let _ = Command::new("kill")
        .args(["-INT", &tracer.id().to_string()])
        .status();
    let _ = tracer.wait();
    let text = traced();
    let calls = calls(&text);
    let found = exchanges(&calls);
    // The first ones may have come before every thread was traced.
    assert!(
        found.len() > CALLERS * PAYMENTS / 2,
        "{} payments are in the trace",
        found.len()
    );
    // Seldom a worker of the house writes in between.
    let alone = alone(&found);
    let flushed = alone
        .iter()
        .filter(|exchange| is_flushed_last(&calls, **exchange));
    let (flushed, alone) = (flushed.count(), alone.len());
    assert!(
        alone >= PAYMENTS / 2 && flushed * 4 >= alone * 3,
        "the last write of {flushed} of {alone} payments was flushed before the answer"
    );
    for exchange in found {
        let (asked, answered) = (exchange.0.began, exchange.1.began);
        let lines: Vec<&str> = text.lines().skip(asked).take(answered + 1 - asked).collect();
        assert!(is_durable(&calls, exchange), "{}", lines.join("\n"));
    }
}

fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let mut ticker = Ticker::new(Duration::from_millis(100));
    for _ in 0..300 {
        if happened() {
            return;
        }
        ticker.wait();
    }
    panic!("waited in vain: {what}");
}
