//! The frame holds itself: who may use whom, and where SQL may stand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each room with the rooms below it that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("store", &["base"]),
    ("security", &["base", "store"]),
    ("people", &["base", "store", "security"]),
    ("risk", &["base", "store", "security"]),
    ("money", &["base", "store", "security", "people", "risk"]),
    ("phone", &["base"]),
    (
        "support",
        &["base", "store", "security", "people", "risk", "money"],
    ),
    (
        "calls",
        &["base", "store", "security", "people", "risk", "money", "phone"],
    ),
    (
        "web",
        &[
            "base", "store", "security", "people", "risk", "money", "phone", "support", "calls",
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

#[test]
fn a_room_uses_only_the_floors_below_it() {
    let rooms: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let folders: BTreeSet<String> = std::fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, rooms.keys().map(|name| (*name).to_owned()).collect());
    for (room, allowed) in rooms.iter() {
        let manifest: toml::Table =
            toml::from_str(&read(root().join("crates").join(room).join("Cargo.toml"))).unwrap();
        let used = manifest
            .get("dependencies")
            .and_then(toml::Value::as_table)
            .cloned()
            .unwrap_or_default();
        for name in used.keys().filter(|name| rooms.contains_key(name.as_str())) {
            assert!(allowed.contains(&name.as_str()), "{room} may not use {name}");
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

#[test]
fn sql_stands_only_in_store_files() {
    let words = [
        "SELECT ",
        "INSERT INTO ",
        "UPDATE ",
        "DELETE FROM ",
        "CREATE TABLE ",
    ];
    for (room, _) in ROOMS.iter().filter(|(room, _)| *room != "store") {
        for file in sources(room) {
            let exempt = file.ends_with("store.rs")
                || file
                    .components()
                    .any(|part| part.as_os_str() == "bench" || part.as_os_str() == "store");
            let text = read(&file);
            let sql = text.lines().find(|line| {
                let code = line.trim_start();
                !code.starts_with("//") && words.iter().any(|word| code.contains(&format!("\"{word}")))
            });
            assert!(
                exempt || sql.is_none(),
                "{}: {}",
                file.display(),
                sql.unwrap_or_default()
            );
        }
    }
}

#[test]
fn only_web_and_the_demo_serve_http_and_only_phone_knows_sip() {
    for (room, _) in ROOMS {
        let manifest = read(root().join("crates").join(room).join("Cargo.toml"));
        assert!(
            *room == "phone" || !manifest.contains("rsipstack"),
            "{room} knows SIP"
        );
        assert!(
            ["web", "huiling"].contains(room) || !manifest.contains("axum"),
            "{room} serves HTTP"
        );
        let engine = manifest.contains("rusqlite") || manifest.contains("\npostgres");
        assert!(*room == "store" || !engine, "{room} knows which database it is");
    }
}
