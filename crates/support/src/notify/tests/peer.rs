//! Real peers for the tests: programs of their own, spoken to over sockets.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A Python program that prints JSON lines; it ends with its standard input.
pub struct Peer {
    child: Child,
    lines: Receiver<serde_json::Value>,
    pub port: u16,
}

impl Peer {
    pub fn start(script: &str, args: &[&str]) -> Self {
        let python = python();
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/peers")
            .join(script);
        let mut child = Command::new(&python)
            .arg(&script)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{python} does not start: {error}"));
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        let mut peer = Self {
            child,
            lines,
            port: 0,
        };
        let ready = peer.lines.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| {
            panic!(
                "{} did not start with {python}: set HUILING_TEST_PYTHON to a Python with tests/requirements.txt",
                script.display()
            )
        });
        peer.port = ready["port"].as_u64().unwrap() as u16;
        peer
    }

    /// The next thing that the peer took.
    pub fn taken(&self) -> serde_json::Value {
        self.lines
            .recv_timeout(Duration::from_secs(60))
            .expect("the peer takes something")
    }

    /// What the peer took and nobody asked for yet. It prints before it answers.
    pub fn taken_so_far(&self) -> Vec<serde_json::Value> {
        self.lines.try_iter().collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python that `./test` prepared, or the one that the environment names.
fn python() -> String {
    let prepared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv/bin/python");
    std::env::var("HUILING_TEST_PYTHON").unwrap_or_else(|_| match prepared.exists() {
        true => prepared.display().to_string(),
        false => "python3".into(),
    })
}
