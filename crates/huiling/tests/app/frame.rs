//! The frame holds itself: who may use whom, where SQL may stand, and that all of it is registered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use store::{Shape, Sql};

/// Each room with the rooms below it that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("store", &["base"]),
    ("security", &["base", "store"]),
    ("people", &["base", "store", "security"]),
    // Pure functions: it knows no database.
    ("risk", &["base"]),
    ("money", &["base", "store", "security", "people", "risk"]),
    ("phone", &["base"]),
    // It does not know who causes a message.
    ("support", &["base", "store", "security"]),
    (
        "calls",
        &["base", "store", "security", "people", "risk", "money", "phone"],
    ),
    // All below but the telephone: it speaks of calls, not of SIP.
    (
        "web",
        &[
            "base", "store", "security", "people", "risk", "money", "support", "calls",
        ],
    ),
    (
        "huiling",
        &[
            "base", "store", "security", "people", "risk", "money", "phone", "support", "calls", "web",
        ],
    ),
];
const LOCKED_MAX: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// What each room is built from, by the real names that cargo knows, whatever a manifest calls them.
/// What only its tests use is left out.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let said = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let error = String::from_utf8_lossy(&said.stderr);
    let known: serde_json::Value =
        serde_json::from_slice(&said.stdout).unwrap_or_else(|_| panic!("cargo metadata: {error}"));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let rooms = known["packages"].as_array().unwrap().iter();
    rooms
        .map(|room| {
            let all = room["dependencies"].as_array().unwrap().iter();
            let built = all
                .filter(|one| one["kind"] != "dev")
                .map(|one| text(&one["name"]));
            (text(&room["name"]), built.collect())
        })
        .collect()
}

#[test]
fn a_room_uses_only_the_floors_below_it() {
    let rooms: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let uses = uses();
    let named: BTreeSet<&str> = uses.keys().map(String::as_str).collect();
    assert_eq!(named, rooms.keys().copied().collect());
    for (room, used) in &uses {
        for name in used.iter().filter(|name| rooms.contains_key(name.as_str())) {
            let allowed = rooms[room.as_str()].contains(&name.as_str());
            assert!(allowed, "{room} may not use {name}");
        }
    }
}

#[test]
fn at_most_four_hundred_crates_are_locked() {
    let locked = read(root().join("Cargo.lock")).matches("[[package]]").count();
    assert!(
        locked <= LOCKED_MAX,
        "{locked} crates are locked, {LOCKED_MAX} are allowed"
    );
}

/// Every Rust file of a room's `src`, tests left out.
fn sources(room: &str) -> Vec<PathBuf> {
    let mut folders = vec![root().join("crates").join(room).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Words with which a statement begins, or which only a statement has.
const STATEMENTS: [&str; 9] = [
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "CREATE INDEX ",
    "ALTER TABLE ",
    "DROP TABLE ",
    "PRAGMA ",
];

/// The first line of a source with a statement in it, wherever in a text that begins; comments have none.
fn statement_in(source: &str) -> Option<&str> {
    let stands_alone = |line: &str, at: usize| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && before != '_')
    };
    let has = |line: &str| {
        let words = STATEMENTS.iter().flat_map(|word| line.match_indices(word));
        words.into_iter().any(|(at, _)| stands_alone(line, at)) || line.contains("Sql(")
    };
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.into_iter().find(|line| has(line))
}

#[test]
fn a_statement_is_seen_wherever_it_begins() {
    for hidden in [
        "let all = \"SELECT id FROM wallets\";",
        "let all = r#\"\n    SELECT id FROM wallets\"#;",
        "    \"\\\n     UPDATE wallets SET frozen = 1\"",
        "format!(\"{with} DELETE FROM {table}\")",
        "let all = store::Sql(text);",
    ] {
        assert!(statement_in(hidden).is_some(), "{hidden}");
    }
    for harmless in ["// SELECT nothing", "Allow(\"INFO, UPDATE\")", "LAST_SELECT x"] {
        assert_eq!(statement_in(harmless), None);
    }
}

#[test]
fn sql_stands_only_in_store_files() {
    for (room, _) in ROOMS.iter().filter(|(room, _)| *room != "store") {
        for file in sources(room) {
            // The bench has a program of another database beside ours.
            let exempt =
                file.ends_with("store.rs") || file.components().any(|part| part.as_os_str() == "bench");
            let text = read(&file);
            let sql = statement_in(&text).filter(|_| !exempt);
            assert!(sql.is_none(), "{}: {}", file.display(), sql.unwrap_or_default());
        }
    }
}

/// What a room registers: each of these is prepared on both engines.
fn registered(room: &str) -> (Vec<&'static Sql>, Vec<Shape>) {
    match room {
        "store" => (store::statements(), Vec::new()),
        "security" => (security::statements(), Vec::new()),
        "people" => (people::statements(), Vec::new()),
        "money" => (money::statements(), money::shapes()),
        "calls" => (calls::statements(), Vec::new()),
        "support" => (support::statements(), Vec::new()),
        _ => (Vec::new(), Vec::new()),
    }
}

/// How many statements and bulk shapes a file declares. A lone `Sql(…)` is registered nowhere and may
/// only be a test's.
fn declared(file: &Path) -> (usize, usize) {
    let text = read(file);
    let (mut statements, mut shapes, mut within, mut of_tests) = (0, 0, false, false);
    for line in text.lines() {
        let code = line.trim_start();
        within = (within || line.contains("statements! {")) && line != "}";
        let name = code
            .split(" = ")
            .next()
            .unwrap_or_default()
            .trim_start_matches("pub ");
        let name = name
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub(super) ");
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let declares = within && code.contains(" = ") && !name.is_empty() && name.chars().all(is_name);
        statements += usize::from(declares && line.starts_with("    ") && !line.starts_with("     "));
        shapes += usize::from(line.starts_with("static ") && line.contains("Shape = "));
        // An attribute stands before its item; a function that has none is the program's.
        of_tests = code == "#[cfg(test)]" || (of_tests && !line.starts_with('}'));
        let lone = file.ends_with("store.rs") && line.contains("Sql(") && !code.starts_with("//");
        assert!(!lone || of_tests, "{}: {line} is not registered", file.display());
    }
    (statements, shapes)
}

#[test]
fn every_statement_and_shape_is_registered() {
    for (room, _) in ROOMS {
        let files = sources(room);
        let stores = files
            .iter()
            .filter(|file| file.ends_with("store.rs") || (*room == "store" && file.ends_with("migrate.rs")));
        let (mut statements, mut shapes) = (0, 0);
        for file in stores {
            let found = declared(file);
            (statements, shapes) = (statements + found.0, shapes + found.1);
        }
        let known = registered(room);
        assert_eq!((known.0.len(), known.1.len()), (statements, shapes), "{room}");
        let texts: BTreeSet<&str> = known.0.iter().map(|sql| sql.0).collect();
        assert_eq!(texts.len(), statements, "{room}: one is registered twice");
    }
}

#[test]
fn only_web_and_the_demo_serve_http_and_only_phone_knows_sip() {
    for (room, used) in uses() {
        let knows = |name: &str| used.contains(name);
        assert!(room == "phone" || !knows("rsipstack"), "{room} knows SIP");
        let serves = knows("axum") || knows("hyper");
        assert!(
            ["web", "huiling"].contains(&room.as_str()) || !serves,
            "{room} serves HTTP"
        );
        let engine = ["rusqlite", "postgres", "tokio-postgres", "libsqlite3-sys"];
        assert!(
            room == "store" || !engine.into_iter().any(knows),
            "{room} knows which database it is"
        );
    }
}
