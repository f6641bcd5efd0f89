//! What an operator types.

use crate::durability::{Sent, pay};
use crate::house::{Engine, Place};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};

#[test]
fn a_wrong_setting_is_refused_by_name_and_says_what_is_wanted() {
    let place = Place::new(Engine::Sqlite);
    let refused = |name: &str, value: &str, expected: &str| {
        let output = place
            .command(&["serve"])
            .env("HUILING_PHONE_ENABLED", "true")
            .env(name, value)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && error.contains(expected),
            "{name}: {error}"
        );
    };
    refused("HUILING_PHONE_BINDD", "x", "HUILING_PHONE_BINDD names no key");
    refused("HUILING_MONEY_TIME_ZONE", "Mars/Olympus", "money.time_zone");
    refused("HUILING_PHONE_TRANSPORT", "pigeon", "udp or tcp");
    refused("HUILING_CALLS_QUIET_FROM", "late", "calls.quiet_from");
    refused("HUILING_CALLS_ATTEMPTS", "0", "calls.attempts is \"0\"");
    refused("HUILING_SERVER_PUBLIC_URL", "not a url", "server.public_url");
    refused("HUILING_VOICE_KIND", "pack", "voice.pack_folder");
    refused("HUILING_VOICE_KIND", "service", "voice.service_url");
}

#[test]
fn an_occupied_port_is_found_and_named() {
    let place = Place::new(Engine::Sqlite);
    let _taken = std::net::TcpListener::bind(("127.0.0.1", place.port)).unwrap();
    let output = place.run(&["serve"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        error.contains(&place.port.to_string()) && error.contains("server.bind"),
        "{error}"
    );
}

#[test]
fn a_reader_that_goes_away_ends_it_without_a_word() {
    let place = Place::new(Engine::Sqlite);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = place
        .command(&["migrate"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn();
    let output = child.unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_termination_ends_it_in_order_and_its_log_in_a_file_is_plain_text() {
    let mut place = Place::new(Engine::Sqlite);
    place.set("HUILING_SERVER_LOG", "info");
    let mut running = place.serve();
    let pid = rustix::process::Pid::from_child(&running.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(running.child.wait().unwrap().success());
    // The last connection to close folds the log into the database.
    assert!(!place.folder.path().join("huiling.db-wal").exists());
    let log = std::fs::read_to_string(&place.log).unwrap();
    assert!(log.contains("serving") && !log.contains('\u{1b}'), "{log}");
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let mut place = Place::new(Engine::Sqlite);
    place.set("HUILING_SERVER_LOG", "info");
    place.0.log = "/dev/full".into();
    place.serve().kill();
}

#[test]
fn a_second_program_on_the_same_folder_is_refused() {
    let place = Place::new(Engine::Sqlite);
    let running = place.serve();
    let second = place
        .command(&["serve"])
        .env("HUILING_SERVER_BIND", "127.0.0.1:0")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        !second.status.success() && error.contains("store.folder"),
        "{error}"
    );
    running.kill();
    place.serve().kill();
}

#[test]
fn a_backup_taken_while_it_runs_is_restored_and_verified() {
    let place = Place::new(Engine::Sqlite);
    place.holders(3);
    let running = place.serve();
    let copy = place.folder.path().join("copy");
    let backup = place.run(&["backup", copy.to_str().unwrap()]);
    assert!(
        backup.status.success(),
        "{}",
        String::from_utf8_lossy(&backup.stderr)
    );
    running.kill();

    let fresh = Place::new(Engine::Sqlite);
    let restored = fresh.run(&["restore", copy.to_str().unwrap()]);
    assert!(
        restored.status.success(),
        "{}",
        String::from_utf8_lossy(&restored.stderr)
    );
    let verified = fresh.run(&["verify", "--json"]);
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(report["transfers"], 3);
    assert_eq!(report["sum_minor"], 0);
    let again = fresh.run(&["restore", copy.to_str().unwrap()]);
    assert!(!again.status.success(), "a database in use is not overwritten");
}

#[test]
fn a_restore_brings_back_the_recordings_and_opens_what_was_sealed() {
    let place = Place::new(Engine::Sqlite);
    let holders = place.holders(2);
    let keyring = place.keyring(&place.open().unwrap()).unwrap();
    let sealed = keyring.seal("test", "回铃".as_bytes());
    let recording = std::path::Path::new("recordings/2026/a.sealed");
    let lies_at = place.folder.path().join(recording);
    std::fs::create_dir_all(lies_at.parent().unwrap()).unwrap();
    std::fs::write(&lies_at, &sealed).unwrap();
    let copy = place.folder.path().join("copy");
    assert!(place.run(&["backup", copy.to_str().unwrap()]).status.success());

    let fresh = Place::new(Engine::Sqlite);
    assert!(fresh.run(&["restore", copy.to_str().unwrap()]).status.success());
    let restored = std::fs::read(fresh.folder.path().join(recording)).unwrap();
    // The data keys came with the database; the master key is the operator's.
    let keyring = fresh.keyring(&fresh.open().unwrap()).unwrap();
    assert_eq!(**keyring.unseal("test", &restored).unwrap(), *"回铃".as_bytes());
    let with_another_key = fresh
        .command(&["user", "add", "lin", "--role", "agent"])
        .env("HUILING_KEYS_MASTER_KEY", "77".repeat(32))
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&with_another_key.stderr).into_owned();
    assert!(
        !with_another_key.status.success() && error.contains("master key"),
        "{error}"
    );
    // Whoever was a customer is one.
    let running = fresh.serve();
    let order = Sent {
        payer: 0,
        payee: 1,
        amount_fen: 100,
    };
    let paid = pay(&running.base_url, &holders, "after", &order).unwrap();
    assert_eq!(paid.0, 201, "{}", String::from_utf8_lossy(&paid.1));
}

#[test]
fn a_restore_beside_the_log_of_an_earlier_database_is_refused() {
    let place = Place::new(Engine::Sqlite);
    place.holders(3);
    let copy = place.folder.path().join("copy");
    assert!(place.run(&["backup", copy.to_str().unwrap()]).status.success());
    let fresh = Place::new(Engine::Sqlite);
    for stale in ["huiling.db-wal", "huiling.db-shm", "huiling.db-journal"] {
        let stale = fresh.folder.path().join(stale);
        std::fs::write(&stale, b"of an earlier world").unwrap();
        let refused = fresh.run(&["restore", copy.to_str().unwrap()]);
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success() && error.contains(stale.to_str().unwrap()),
            "{error}"
        );
        std::fs::remove_file(&stale).unwrap();
    }
    assert!(fresh.run(&["restore", copy.to_str().unwrap()]).status.success());
    let verified = fresh.run(&["verify", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(report["transfers"], 3);
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let place = Place::new(Engine::Sqlite);
    place.holders(3);
    let copy = place.folder.path().join("copy");
    assert!(place.run(&["backup", copy.to_str().unwrap()]).status.success());
    let file = copy.join("huiling.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let fresh = Place::new(Engine::Sqlite);
    let refused = fresh.run(&["restore", copy.to_str().unwrap()]);
    assert!(!refused.status.success());
    assert!(!fresh.folder.path().join("huiling.db").exists());
}

#[test]
fn a_folder_without_a_database_is_not_proved_sound() {
    let place = Place::new(Engine::Sqlite);
    let empty = place.folder.path().join("mistyped");
    let copy = place.folder.path().join("copy");
    for arguments in [
        &["verify"][..],
        &["user", "list"],
        &["backup", copy.to_str().unwrap()],
    ] {
        let output = place
            .command(arguments)
            .env("HUILING_STORE_FOLDER", &empty)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && error.contains("store.folder"),
            "{arguments:?}: {error}"
        );
        assert!(!empty.exists(), "{arguments:?} made a folder");
    }
    let on_postgres = Place::new(Engine::Postgres);
    let verified = on_postgres.run(&["verify"]);
    let error = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(
        !verified.status.success() && error.contains("huiling migrate"),
        "{error}"
    );
}

#[test]
fn what_the_program_writes_is_for_its_own_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new(Engine::Sqlite);
    let (data, copy) = (place.folder.path().join("data"), place.folder.path().join("copy"));
    for arguments in [
        &["user", "add", "lin", "--role", "agent"][..],
        &["backup", copy.to_str().unwrap()],
    ] {
        let output = place
            .command(arguments)
            .env("HUILING_STORE_FOLDER", &data)
            .output();
        assert!(output.unwrap().status.success());
    }
    let others = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o077;
    for folder in [data, copy] {
        assert_eq!(others(&folder), 0, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(others(&path), 0, "{}", path.display());
        }
    }
}

#[test]
fn staff_are_added_once_and_listed() {
    let place = Place::new(Engine::Sqlite);
    let added = place.run(&["user", "add", "lin", "--role", "risk-officer"]);
    assert!(
        added.status.success(),
        "{}",
        String::from_utf8_lossy(&added.stderr)
    );
    assert!(
        !place
            .run(&["user", "add", "lin", "--role", "agent"])
            .status
            .success()
    );
    let unknown = place.run(&["user", "add", "zhou", "--role", "king"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("supervisor"));
    let listed = place.run(&["user", "list"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "lin\trisk_officer\n");
    assert!(
        place
            .run(&["user", "role", "lin", "--role", "supervisor"])
            .status
            .success()
    );
    let reset = place.run(&["user", "reset", "lin"]);
    let told = String::from_utf8_lossy(&reset.stdout);
    assert!(told.contains("First password"), "{told}");
    assert_ne!(reset.stdout, added.stdout, "another password");
    assert!(place.run(&["user", "close", "lin"]).status.success());
    let left = place.run(&["user", "reset", "lin"]);
    assert!(!left.status.success(), "who has left stays out");
    assert!(!place.run(&["user", "close", "nobody"]).status.success());
    let listed = place.run(&["user", "list"]);
    assert_eq!(
        String::from_utf8_lossy(&listed.stdout),
        "lin\tsupervisor (closed)\n"
    );
}

/// A demo that somebody starts, and that does not outlive its test.
struct Demo {
    child: Child,
    /// Kept: a demo that nobody listens to ends.
    told: BufReader<ChildStdout>,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    fn start(place: &Place, folder: &str, more: &[&str]) -> Self {
        let mut command = place.command(&["demo", "--still", "--port", "18400", "--folder", folder]);
        command.args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        Self { child, told }
    }

    /// The first line comes when everything stands, or none when it ends before.
    fn stands(&mut self) -> bool {
        let mut line = String::new();
        let told = self.told.read_line(&mut line);
        told.is_ok() && line.starts_with("Huiling demo: ")
    }

    fn assert_refused(mut self) {
        assert!(!self.stands(), "a second one runs beside the first");
        let mut error = String::new();
        let mut told = self.child.stderr.take().unwrap();
        told.read_to_string(&mut error).unwrap();
        assert!(
            error.contains("serves from") && error.contains("--folder"),
            "{error}"
        );
        assert!(!self.child.wait().unwrap().success());
    }
}

#[test]
fn a_running_demo_keeps_its_world_and_its_folder_to_itself() {
    let place = Place::new(Engine::Sqlite);
    let folder = place.folder.path().join("world");
    let at = folder.to_str().unwrap();
    let mut first = Demo::start(&place, at, &["--reset"]);
    assert!(first.stands());
    let beside = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("HUILING_STORE_FOLDER", at).output().unwrap()
    };
    Demo::start(&place, at, &["--reset"]).assert_refused();
    Demo::start(&place, at, &[]).assert_refused();
    let served = beside(&["serve"]);
    let error = String::from_utf8_lossy(&served.stderr).into_owned();
    assert!(
        !served.status.success() && error.contains("serves from"),
        "{error}"
    );
    let listed = beside(&["user", "list"]);
    let members = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(members.contains("zhou"), "commands go on beside it: {members}");
    // The lock dies with its process, and the world goes only then.
    drop(first);
    let kept = folder.join("kept-by-the-old-world");
    std::fs::write(&kept, "").unwrap();
    assert!(Demo::start(&place, at, &[]).stands());
    assert!(kept.exists());
    assert!(Demo::start(&place, at, &["--reset"]).stands());
    assert!(!kept.exists());
}
