//! The program is killed at random moments under load. Whatever it acknowledged is there, once, and
//! a repeat of any request gets the first answer, byte for byte.

use crate::house::{Engine, Holder, PROGRAM, Place};
use std::process::Command;
use std::time::Duration;

/// One request to pay.
#[derive(Clone, Debug)]
pub struct Sent {
    pub payer: usize,
    pub payee: usize,
    pub amount_fen: u64,
}

#[test]
fn what_was_acknowledged_survives_kill_minus_nine_on_sqlite() {
    survive("sqlite", 16);
}

#[test]
fn what_was_acknowledged_survives_kill_minus_nine_on_postgresql() {
    survive("postgres", 12);
}

/// A few of the runs that `huiling bench kill` makes by the hundred, deadlines of holds included.
fn survive(engine: &str, kills: u32) {
    let kills_text = kills.to_string();
    let bench = Command::new(PROGRAM)
        .args([
            "bench",
            "kill",
            "--engine",
            engine,
            "--runs",
            &kills_text,
            "--json",
        ])
        .output()
        .expect("the program runs");
    let report = String::from_utf8_lossy(&bench.stdout).into_owned();
    assert!(
        bench.status.success(),
        "{report}{}",
        String::from_utf8_lossy(&bench.stderr)
    );
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["kills"].as_u64(), Some(u64::from(kills)), "{report}");
    for (what, least) in [("requests", 50), ("held", 3), ("repeated", 1_000)] {
        assert!(
            report[what].as_u64() >= Some(least),
            "there was too little load: {report}"
        );
    }
}

/// `None`: no answer came. A server error is an answer that says "unknown", and none of those either.
pub fn pay(base_url: &str, holders: &[Holder], key: &str, one: &Sent) -> Option<(u16, Vec<u8>)> {
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
