//! SIPp as the other end of a call, and lines to call it with.

use base::{Ambient, PhoneNumber};
use md5::{Digest, Md5};
use phone::{Call, DialFailure, DialOptions, Line, LineConfig, SipTransport, Sound, Trunk};
use std::fmt::Write;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Longer than anything here takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(40);

/// A step of a scenario: a file of `scenarios/`, and the words to put into it.
pub type Step<'a> = (&'a str, &'a [(&'a str, &'a str)]);

/// What the words mean when a step does not say.
const USUAL: [(&str, &str); 9] = [
    ("STATUS", "200 OK"),
    ("MEDIA_IP", "[media_ip]"),
    ("PAYLOADS", "0 101"),
    ("PTIME", "20"),
    ("DIRECTION", "sendrecv"),
    ("EXPECT", "200"),
    ("CSEQ", "1"),
    ("HEADERS", "User-Agent: peer"),
    ("TOLD", "SIP/2.0"),
];

pub struct Sipp {
    child: Child,
    folder: TempDir,
    pub address: SocketAddr,
}

impl Sipp {
    /// Waits for a call and answers it by the steps.
    pub async fn listening(steps: &[Step<'_>]) -> Self {
        Self::start(steps, &[]).await
    }

    pub async fn listening_on_tcp(steps: &[Step<'_>]) -> Self {
        Self::start(steps, &["-t", "t1"]).await
    }

    /// Calls a line.
    pub async fn calling(line: &Line, steps: &[Step<'_>]) -> Self {
        Self::start(steps, &[&line.local_addr().to_string()]).await
    }

    async fn start(steps: &[Step<'_>], arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("scenario.xml"), scenario(steps)).unwrap();
        let (port, media_port) = (free_ports(), free_ports());
        let child = Command::new("sipp")
            .current_dir(folder.path())
            .args([
                "-sf",
                "scenario.xml",
                "-i",
                "127.0.0.1",
                "-mi",
                "127.0.0.1",
                "-m",
                "1",
                "-nostdin",
            ])
            .args(["-p", &port.to_string(), "-mp", &media_port.to_string()])
            .args([
                "-timeout",
                "35s",
                "-timeout_error",
                "-trace_err",
                "-error_file",
                "errors.log",
            ])
            .args(["-trace_msg", "-message_file", "messages.log"])
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("SIPp must be installed (Debian: apt install sip-tester)");
        let sipp = Self {
            child,
            folder,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        };
        sipp.wait_until_bound().await;
        sipp
    }

    async fn wait_until_bound(&self) {
        until("SIPp listens", || {
            UdpSocket::bind(self.address).is_err() || TcpListener::bind(self.address).is_err()
        })
        .await;
    }

    /// Waits for the end of the scenario, which must have gone as written.
    pub async fn succeeds(mut self) {
        let status = tokio::time::timeout(LONG, self.child.wait())
            .await
            .expect("SIPp ends")
            .unwrap();
        let errors = self.log("errors.log");
        assert!(
            status.success(),
            "SIPp: {status}\n{errors}\n{}",
            self.log("messages.log")
        );
    }

    /// What has been said so far.
    pub fn messages(&self) -> String {
        self.log("messages.log")
    }

    fn log(&self, name: &str) -> String {
        let path: &Path = &self.folder.path().join(name);
        std::fs::read_to_string(path).unwrap_or_default()
    }
}

fn scenario(steps: &[Step<'_>]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"test\">\n");
    for (name, words) in steps {
        let path = format!("{}/tests/phone/scenarios/{name}.xml", env!("CARGO_MANIFEST_DIR"));
        let mut step = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        for (word, meaning) in words.iter().chain(&USUAL) {
            step = step.replace(&format!("{{{{{word}}}}}"), meaning);
        }
        assert!(!step.contains("{{"), "{name} wants more words:\n{step}");
        let _ = writeln!(text, "{step}");
    }
    text + "</scenario>\n"
}

/// The first of four ports that nobody uses, below those that the system gives away.
pub fn free_ports() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id() % 1_000 * 16;
    for _ in 0..4_000 {
        let turn = NEXT.fetch_add(4, Ordering::Relaxed);
        let first = 10_000 + ((start + turn) % 20_000) as u16;
        let free = |port| {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
        };
        if (first..first + 4).all(free) {
            return first;
        }
    }
    panic!("no free ports on this machine");
}

pub fn config(peer: SocketAddr) -> LineConfig {
    let transport = SipTransport::Udp;
    let trunk = Trunk::Address {
        host: peer,
        transport,
        rtp_from: vec![],
    };
    let rtp_ports = 40_000..=59_999;
    LineConfig {
        caller_number: "02012345678".into(),
        ring_timeout_ms: 20_000,
        rtp_ports,
        ..LineConfig::new("127.0.0.1:0".parse().unwrap(), trunk)
    }
}

pub async fn open(config: LineConfig) -> Line {
    Line::open(config, Ambient::system()).await.unwrap()
}

pub fn number() -> PhoneNumber {
    PhoneNumber::parse("13800138000").unwrap()
}

pub async fn dial(line: &Line) -> Result<Call, DialFailure> {
    let dialing = line.dial(&number(), DialOptions::default()).await;
    tokio::time::timeout(LONG, dialing.answered())
        .await
        .expect("a call is answered or fails")
}

/// A line to a peer, and the call it answered.
pub async fn connected(sipp: &Sipp) -> (Line, Call) {
    let line = open(config(sipp.address)).await;
    let call = dial(&line).await.unwrap();
    (line, call)
}

/// A tone, so that speech is told from silence.
pub fn tone(ms: u32) -> Sound {
    let sample = |n: u32| ((f64::from(n) * 440.0 * std::f64::consts::TAU / 8_000.0).sin() * 12_000.0) as i16;
    Sound::from_samples((0..ms * 8).map(sample).collect::<Vec<_>>())
}

/// Waits for a condition, for a bounded time.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let patience = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LONG, patience)
        .await
        .unwrap_or_else(|_| panic!("waited in vain: {what}"));
}

/// A line with credentials, whose registrar is silent: calls name their destination.
pub fn with_credentials(password: &str) -> LineConfig {
    let nowhere: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let trunk = Trunk::Registered {
        registrar: nowhere.to_string(),
        username: "wallet".into(),
        password: password.into(),
        realm: None,
        transport: SipTransport::Udp,
        expires_secs: 60,
        rtp_from: vec![],
    };
    LineConfig {
        trunk,
        ..config(nowhere)
    }
}

/// Computes the digest of each answer to a challenge anew (RFC 2617 section 3.2.2); returns how
/// many there were. SIPp's own `verifyauth` refuses correct digests.
pub fn check_digests(messages: &str, method: &str) -> usize {
    let md5 = |text: String| data_encoding::HEXLOWER.encode(&Md5::digest(text.as_bytes()));
    let answers = messages
        .lines()
        .filter(|line| line.contains("uthorization: Digest "));
    let check = |line: &str| {
        let part = |name: &str| {
            let start = line
                .find(&format!(" {name}="))
                .unwrap_or_else(|| panic!("{name} in {line}"));
            let value = &line[start + name.len() + 2..];
            value
                .split(',')
                .next()
                .unwrap_or_default()
                .trim()
                .trim_matches('"')
                .to_owned()
        };
        let ours = md5(format!("{}:{}:s3cret", part("username"), part("realm")));
        let request = md5(format!("{method}:{}", part("uri")));
        let (nonce, count, cnonce) = (part("nonce"), part("nc"), part("cnonce"));
        let expected = md5(format!(
            "{ours}:{nonce}:{count}:{cnonce}:{}:{request}",
            part("qop")
        ));
        assert_eq!(part("response"), expected, "{line}");
    };
    answers.map(check).count()
}

/// Where we expect RTP, as the peer was told.
pub fn our_rtp_address(messages: &str) -> SocketAddr {
    let line = messages
        .lines()
        .find_map(|line| line.trim().strip_prefix("m=audio "));
    let port = line
        .and_then(|line| line.split(' ').next())
        .expect("our INVITE describes our media");
    SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()))
}
