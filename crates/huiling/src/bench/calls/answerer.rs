//! SIPp: it answers every call, echoes its sound and presses a key.

use super::Options;
use super::answerer_scenario::scenario;
use crate::error::HuilingError;
use base::{Stopwatch, Ticker};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Recorded presses that come with Debian's package.
const KEY_SOUND: &str = "/usr/share/sip-tester/dtmf_2833_1.pcap";
const INSTALL: &str =
    "bench calls needs SIPp 3.6 or later; install it (Debian, Ubuntu: apt install sip-tester)";
/// What SIPp wants before it listens.
const START_PATIENCE: Duration = Duration::from_secs(5);
/// Beyond the calls themselves, should we die before we end it.
const LIFE_MARGIN_SECS: usize = 90;

/// The running SIPp; dropping it ends it.
pub struct Answerer {
    child: Child,
    errors: PathBuf,
    pub address: SocketAddr,
}

/// # Errors
/// Says what to install.
pub fn check_installed() -> Result<(), HuilingError> {
    let found = Command::new("sipp")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match found {
        Ok(_) if Path::new(KEY_SOUND).exists() => Ok(()),
        Ok(_) => Err(HuilingError::Unusable(format!(
            "{KEY_SOUND} is missing: {INSTALL}"
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(HuilingError::Unusable(INSTALL.into())),
        Err(error) => Err(HuilingError::io("starting SIPp")(error)),
    }
}

impl Answerer {
    /// Starts SIPp and waits until it listens. A call's key is pressed between the first and the
    /// last second of `--secs` after its answer.
    pub fn start(folder: &Path, options: &Options, calls: usize) -> Result<Self, HuilingError> {
        let file = folder.join("answerer.xml");
        let last_press_ms = u64::from(options.secs.max(2)) * 1_000;
        std::fs::write(&file, scenario(KEY_SOUND, last_press_ms))
            .map_err(HuilingError::io("writing SIPp's scenario"))?;
        let (port, media_port) = (free_port()?, free_port()?);
        let errors = folder.join("sipp-errors.log");
        let life = LIFE_MARGIN_SECS + calls / options.per_second as usize * 2 + options.secs as usize;
        let child = Command::new("sipp")
            .current_dir(folder)
            .args(["-sf", "answerer.xml", "-i", "127.0.0.1", "-mi", "127.0.0.1"])
            .args(["-p", &port.to_string(), "-mp", &media_port.to_string()])
            .args(["-rtp_echo", "-nostdin", "-timeout", &format!("{life}s")])
            .args(["-trace_err", "-error_file", "sipp-errors.log"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(HuilingError::io("starting SIPp"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut answerer = Self {
            child,
            errors,
            address,
        };
        answerer.wait_until_bound()?;
        Ok(answerer)
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// What SIPp complained about, the latest last.
    pub fn complaints(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.errors).unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        lines[lines.len().saturating_sub(3)..]
            .iter()
            .map(|line| line.chars().take(200).collect())
            .collect()
    }

    fn wait_until_bound(&mut self) -> Result<(), HuilingError> {
        let started = Stopwatch::start();
        let mut ticker = Ticker::new(Duration::from_millis(10));
        while UdpSocket::bind(self.address).is_ok() {
            let ended = self.child.try_wait().map_err(HuilingError::io("watching SIPp"))?;
            if ended.is_some() || started.elapsed() > START_PATIENCE {
                let text = format!("SIPp does not listen: {}", self.complaints().join("; "));
                return Err(HuilingError::Unusable(text));
            }
            ticker.wait();
        }
        Ok(())
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first of four ports that nobody uses, below those that the system gives away and ours.
fn free_port() -> Result<u16, HuilingError> {
    let from = 10_000 + (std::process::id() % 1_000) as u16 * 16;
    let free = |port| {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
    };
    static TAKEN: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
    for _ in 0..500 {
        let turn = TAKEN.fetch_add(4, std::sync::atomic::Ordering::Relaxed) % 2_000;
        let first = from + turn;
        if (first..first + 4).all(free) {
            return Ok(first);
        }
    }
    Err(HuilingError::Unusable(
        "no four free ports in a row on 127.0.0.1".into(),
    ))
}
