//! The power fails at random moments. From a trace of all writes and flushes the disk is built as it may
//! be found afterwards: the database opens, its books balance, and whatever a caller had been told is there.

use crate::disk::{Disk, FILES, Flushes, texts};
use crate::durability::{Sent, pay};
use crate::house::{Engine, Holder, PROGRAM, Place, place};
use crate::trace::{Call, calls};
use base::{Ambient, PaymentId, Rng, Ticker};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Db, DbConfig};

const CALLERS: usize = 40;
const PAYMENTS: usize = 30;
const CUTS: u64 = 200;
const TRACED: &str = "trace=pwrite64,ftruncate,unlink,fsync,fdatasync,write,writev,sendto,sendmsg";

/// A payment that a caller was told of, and the line of the trace at which the answer left.
struct Told {
    line: usize,
    payment: PaymentId,
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let tools = tempfile::tempdir().unwrap();
    let trace = tools.path().join("trace");
    let program = traced_program(tools.path(), &trace);
    let place = Place(place::Place::new(Engine::Sqlite, program).unwrap());
    let holders = place.holders(CALLERS + 1);
    let mut disk = Disk::before(place.folder.path());
    let running = place.serve();
    pay_all(&running.base_url, &holders);
    running.kill();
    let text = ended(&trace);
    let calls = calls(&text);
    disk.follow(&calls);
    let told: Vec<Told> = calls.iter().filter_map(told).collect();
    assert!(told.len() > CALLERS * PAYMENTS / 2, "{} were told", told.len());
    let [main, log] = FILES.map(|file| disk.writes_of(file));
    assert!(
        main > 200 && log > 2_000,
        "{main} writes to the file, {log} to its log"
    );

    let rng = Rng::from_seed(11);
    let last = text.lines().count() as u64;
    let mut lost_without_flushes = 0;
    for number in 0..CUTS {
        // Half of them in the moment in which somebody is told.
        let line = match number % 2 {
            0 => told[rng.below(told.len() as u64) as usize].line + 1,
            _ => rng.below(last) as usize,
        };
        let found = Found::after(&disk, line, Flushes::Kept, &rng, &told);
        assert_eq!(found, Found::Sound { lost: 0 }, "the power failed at line {line}");
        let found = Found::after(&disk, line, Flushes::Forgotten, &rng, &told);
        lost_without_flushes += u64::from(found != Found::Sound { lost: 0 });
    }
    // A disk that forgets what was flushed is seen to.
    assert!(
        lost_without_flushes > CUTS / 2,
        "{lost_without_flushes} of {CUTS}"
    );
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Sound {
        /// Payments that somebody had been told of and that are not there.
        lost: usize,
    },
    Broken(String),
}

impl Found {
    fn after(disk: &Disk, line: usize, flushes: Flushes, rng: &Rng, told: &[Told]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        disk.after_power_cut(line, flushes, rng, folder.path());
        let told: Vec<PaymentId> = told
            .iter()
            .filter(|told| told.line < line)
            .map(|told| told.payment)
            .collect();
        look(&folder.path().join(FILES[0]), told).unwrap_or_else(Self::Broken)
    }
}

fn look(file: &Path, told: Vec<PaymentId>) -> Result<Found, String> {
    let db = Db::open(&DbConfig::sqlite(file), Ambient::system()).map_err(|error| error.to_string())?;
    let report = money::verify(&db).map_err(|error| error.to_string())?;
    if !report.is_sound() {
        return Err(report.problems.join("; "));
    }
    let lost = db.read(move |tx| {
        let mut lost = 0;
        for payment in &told {
            lost += usize::from(money::payments::get(tx, *payment)?.is_none());
        }
        Ok::<_, money::MoneyError>(lost)
    });
    let lost = lost.map_err(|error| error.to_string())?;
    Ok(Found::Sound { lost })
}

/// The program, as a tracer starts it; killed, it is the program that dies.
fn traced_program(folder: &Path, trace: &Path) -> PathBuf {
    let script = folder.join("huiling");
    let trace = trace.display();
    let text =
        format!("#!/bin/sh\nexec strace -D -f -y -xx -s 70000 -e {TRACED} -o '{trace}' '{PROGRAM}' \"$@\"\n");
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    script
}

/// Small payments, and now and then one that is held.
fn pay_all(base_url: &str, holders: &[Holder]) {
    std::thread::scope(|scope| {
        for payer in 0..CALLERS {
            scope.spawn(move || {
                for number in 0..PAYMENTS {
                    let one = Sent {
                        payer,
                        payee: (payer + 1 + number % CALLERS) % holders.len(),
                        amount_fen: if number == PAYMENTS / 2 { 150_000 } else { 100 },
                    };
                    let answer = pay(base_url, holders, &format!("{payer}-{number}"), &one);
                    answer.expect("the traced program answers");
                }
            });
        }
    });
}

/// The whole trace, once the tracer has seen the program's end.
fn ended(trace: &Path) -> String {
    let mut ticker = Ticker::new(Duration::from_millis(50));
    for _ in 0..600 {
        let text = std::fs::read_to_string(trace).unwrap_or_default();
        if text.trim_end().ends_with("+++ killed by SIGKILL +++") {
            return text;
        }
        ticker.wait();
    }
    panic!("the tracer did not see the program end");
}

fn told(call: &Call) -> Option<Told> {
    let (name, arguments) = call.text.trim_start().split_once('(')?;
    if !["write", "writev", "sendto", "sendmsg"].contains(&name) {
        return None;
    }
    let sent = texts(arguments);
    let text = std::str::from_utf8(&sent).ok()?;
    if !text.starts_with("HTTP/1.1 20") {
        return None;
    }
    let (_, rest) = text.split_once("\"payment\":\"")?;
    let payment = rest.split('"').next()?.parse().ok()?;
    Some(Told {
        line: call.began,
        payment,
    })
}
