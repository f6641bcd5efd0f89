//! The benches, each for a moment: that they run, that their reports can be read, and that what they
//! measured is the product's own path. How fast it was is nobody's business here.

use crate::house::PROGRAM;
use serde_json::Value;
use std::process::Command;

/// One JSON object a line.
fn bench(arguments: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(PROGRAM)
        .arg("bench")
        .args(arguments.split(' '))
        .arg("--json")
        .arg("--folder")
        .arg(folder.path())
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments}: {said}{error}");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "{arguments} left something behind");
    said.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Every payment has its answer; each assessment was made again.
fn assert_own_path(row: &Value, least: u64) {
    let figure = |name: &str| row["verified"][name].as_u64().unwrap();
    let payments = row["payments"].as_u64().unwrap();
    assert_eq!(row["sound"], true, "{row}");
    assert!(payments >= least, "{row}");
    assert_eq!(figure("answers"), payments, "{row}");
    assert_eq!(figure("scored"), figure("assessments"), "{row}");
    assert!(figure("assessments") > 0 && figure("transfers") > 0, "{row}");
    for told in ["per_sec", "p50_ms", "p99_ms", "bytes_per_payment", "resident_mib"] {
        assert!(row[told].as_f64().is_some_and(|told| told > 0.0), "{told}: {row}");
    }
}

#[test]
fn payments_in_process_are_the_products_own_on_both_engines() {
    for engine in ["sqlite", "postgres"] {
        let rows = bench(&format!(
            "pay --engine {engine} --accounts 10000 --callers 2000 --over process --payees zipf \
             --payments 4000 --no-peer"
        ));
        assert_eq!(rows.len(), 1);
        assert_own_path(&rows[0], 4_000);
    }
}

#[test]
fn payments_over_http_are_repeated_byte_for_byte() {
    let rows = bench("pay --engine sqlite --callers 64 --over http --payments 10000");
    assert_own_path(&rows[0], 10_000);
    // Each caller keeps one request of fifty.
    assert!(rows[0]["replayed_alike"].as_u64() >= Some(64), "{}", rows[0]);
}

#[test]
fn a_few_calls_are_measured_with_their_prompts_digits_and_recordings() {
    let rows = bench("calls --calls 3 --secs 2 --realtime off");
    assert_eq!(rows.len(), 1);
    for counted in ["live", "completed", "digits_heard", "recordings_whole"] {
        assert_eq!(rows[0][counted], 3, "{counted}: {}", rows[0]);
    }
    for told in ["cpu_cores", "kib_per_call", "frames", "late_p99_ms"] {
        assert!(
            rows[0][told].as_f64().is_some_and(|told| told > 0.0),
            "{told}: {}",
            rows[0]
        );
    }
}

#[test]
fn a_few_holds_are_measured_from_the_order_to_the_release() {
    let found = bench("hold --samples 3 --every-ms 50");
    let found = &found[0];
    assert_eq!(
        (&found["sound"], &found["verified"]["open_holds"]),
        (&true.into(), &0.into()),
        "{found}"
    );
    for way in ["commit_to_invite", "event_packet_to_release"] {
        assert_eq!(found[way]["samples"], 3, "{found}");
        assert!(found[way]["p50_ms"].as_f64() > Some(0.0), "{found}");
    }
}
