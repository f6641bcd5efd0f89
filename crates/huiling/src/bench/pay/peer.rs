//! The peer: what PostgreSQL does by itself with one transaction a payment.

use super::world::cluster;
use crate::error::HuilingError;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Connections; each waits for its own commit, and commits are flushed together.
pub const CLIENTS: usize = 64;

const SCHEMA: &str = include_str!("peer.sql");
const SCRIPT: &str = include_str!("peer.pgbench");

/// Payments a second of the function under pgbench, in a private cluster.
pub fn measure(secs: u64) -> Result<f64, HuilingError> {
    let cluster = cluster()?;
    cluster.create_database("peer");
    let socket = cluster.socket_folder();
    let script = socket.join("peer.pgbench");
    std::fs::write(&script, SCRIPT).map_err(HuilingError::io("writing pgbench's script"))?;
    output(
        Command::new(program("psql")).args(["-q", "-v", "ON_ERROR_STOP=1", "-c", SCHEMA]),
        socket,
    )?;
    let text = output(
        Command::new(program("pgbench"))
            .args(["-n", "-M", "prepared", "-j", "2", "-c", &CLIENTS.to_string()])
            .args(["-T", &secs.to_string(), "-f"])
            .arg(&script),
        socket,
    )?;
    tps(&text).ok_or_else(|| HuilingError::Unusable(format!("pgbench said no rate: {text}")))
}

fn output(command: &mut Command, socket: &Path) -> Result<String, HuilingError> {
    let output = command
        .env("PGHOST", socket)
        .env("PGUSER", "huiling")
        .env("PGDATABASE", "peer")
        .output()
        .map_err(HuilingError::io("running PostgreSQL's client programs"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(HuilingError::Unusable(format!("a client program failed: {text}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn tps(text: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Debian keeps some client programs beside the server's, off the path.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    versions
        .map(|version| version.path().join("bin").join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| name.into())
}
