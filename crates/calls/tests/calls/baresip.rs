//! The payment call against baresip, a softphone that people use. It cannot hear either, but the
//! transcript says when a question has been asked; keys are typed through baresip's own console.

use crate::after::{AMOUNT, After};
use crate::engines::on_both;
use crate::sipp::free_address;
use crate::world::{World, until};
use calls::recordings::open_wav;
use calls::transcripts::Heard;
use calls::{CallPolicy, Disposition};
use phone::Sound;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use tempfile::TempDir;
use tokio::process::{Child, Command};

struct Baresip {
    _child: Child,
    _folder: TempDir,
    address: SocketAddr,
    console: SocketAddr,
}

impl Baresip {
    /// Answers by itself in packets of 30 ms, or rings until it is told what to do.
    async fn start(answers: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [address, console, rtp] = [(); 3].map(|()| free_address());
        configure(folder.path(), answers, [address, console, rtp]);
        let child = Command::new("baresip")
            .args(["-f", "."])
            .current_dir(folder.path())
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("baresip must be installed (Debian: apt install baresip-core)");
        until("baresip listens", || {
            UdpSocket::bind(address).is_err() && TcpStream::connect(console).is_ok()
        })
        .await;
        Self {
            _child: child,
            _folder: folder,
            address,
            console,
        }
    }

    /// A command of its menu, as a netstring of JSON.
    fn does(&self, command: &str, parameter: &str) {
        let order = format!(r#"{{"command":"{command}","params":"{parameter}"}}"#);
        let mut console = TcpStream::connect(self.console).unwrap();
        write!(console, "{}:{order},", order.len()).unwrap();
    }

    fn presses(&self, key: char) {
        self.does("sndcode", &key.to_string());
    }
}

fn configure(folder: &Path, answers: bool, [sip, console, rtp]: [SocketAddr; 3]) {
    let mode = if answers { "auto" } else { "manual" };
    let account = format!(
        "<sip:bob@{sip};transport=udp>;regint=0;answermode={mode};audio_codecs=PCMA/8000/1;ptime=30\n"
    );
    std::fs::write(folder.join("accounts"), account).unwrap();
    std::fs::write(folder.join("contacts"), "").unwrap();
    let mut text = String::new();
    for (key, value) in [
        ("poll_method", "epoll"),
        ("sip_listen", &sip.to_string()),
        ("ctrl_tcp_listen", &console.to_string()),
        ("audio_player", "aubridge,nobody"),
        ("audio_source", "ausine,440"),
        ("audio_alert", "aufile,/dev/null"),
        ("ausrc_srate", "48000"),
        ("auplay_srate", "8000"),
        ("ausrc_channels", "2"),
        ("auplay_channels", "1"),
        ("audio_srate", "8000-48000"),
        ("audio_channels", "1-2"),
        ("rtp_ports", &format!("{}-{}", rtp.port(), rtp.port() + 3)),
        ("net_interface", "127.0.0.1"),
        ("module_path", "/usr/lib/baresip/modules"),
        ("module", "g711.so"),
        ("module", "ausine.so"),
        ("module", "aufile.so"),
        ("module", "aubridge.so"),
        ("module_tmp", "uuid.so"),
        ("module_tmp", "account.so"),
        ("module_app", "menu.so"),
        ("module_app", "ctrl_tcp.so"),
    ] {
        let _ = writeln!(text, "{key} {value}");
    }
    std::fs::write(folder.join("config"), text).unwrap();
}

fn patient(policy: &mut CallPolicy) {
    policy.max_attempts = 1;
    policy.ring_ms = 15_000;
    policy.answer_ms = 12_000;
    policy.app_answer_ms = 12_000;
}

/// Called, answered, and asked for the digit.
async fn asked(world: &World, baresip: &Baresip) -> (calls::Dialer, base::PaymentId, char) {
    let dialer = world.dialer_to_user("bob", baresip.address).await;
    let payment = world.hold(AMOUNT);
    let digit = world.proof_digit(payment, 1).await;
    until("the digit is asked for", || world.said(payment, "press-n")).await;
    (dialer, payment, digit)
}

#[test]
fn baresip_proves_and_pays_and_is_on_the_recording() {
    on_both(patient, async |world| {
        let baresip = Baresip::start(true).await;
        let (_dialer, payment, digit) = asked(&world, &baresip).await;
        baresip.presses(digit);
        until("the choices are said", || world.said(payment, "payment-choices")).await;
        baresip.presses('1');
        let case = world.concluded(payment).await;
        After::PAID.check(&world, payment);
        assert_eq!(world.keys(payment), [Heard::Proof, Heard::Choice('1')]);
        let attempt = world.attempts(case.id).pop().unwrap();
        let recording = world.recording(&attempt).unwrap();
        let wav = open_wav(&world.keyring, &world.recordings(), &recording).unwrap();
        let theirs: Vec<u8> = wav[wav.len() % 2..]
            .chunks_exact(2)
            .map(|frame| frame[1])
            .collect();
        let hertz = main_frequency(&Sound::from_ulaw(&theirs));
        assert!((400.0..480.0).contains(&hertz), "its tone of 440 Hz: {hertz}");
    });
}

#[test]
fn baresip_stops_the_payment() {
    on_both(patient, async |world| {
        let baresip = Baresip::start(true).await;
        let (_dialer, payment, digit) = asked(&world, &baresip).await;
        baresip.presses(digit);
        until("the choices are said", || world.said(payment, "payment-choices")).await;
        baresip.presses('2');
        world.concluded(payment).await;
        After::STOPPED.check(&world, payment);
    });
}

#[test]
fn baresip_hangs_up_before_it_has_proved_anything() {
    on_both(patient, async |world| {
        let baresip = Baresip::start(true).await;
        let (_dialer, payment, _) = asked(&world, &baresip).await;
        baresip.does("hangup", "");
        world.concluded(payment).await;
        After::waits(Disposition::HungUp).check(&world, payment);
        assert_eq!(world.keys(payment), []);
    });
}

#[test]
fn baresip_declines_while_it_rings() {
    on_both(patient, async |world| {
        let baresip = Baresip::start(false).await;
        let _dialer = world.dialer_to_user("bob", baresip.address).await;
        let payment = world.hold(AMOUNT);
        until("it rings", || {
            let case = world.case(payment);
            case.is_some_and(|case| world.happened(case.id, calls::cases::Happening::Ringing))
        })
        .await;
        baresip.does("hangup", "");
        let case = world.concluded(payment).await;
        // It says 486 or 603, by its version.
        let disposition = world.attempts(case.id)[0].disposition.unwrap();
        assert!(matches!(disposition, Disposition::Busy | Disposition::Declined));
        After::waits(disposition).check(&world, payment);
    });
}

/// By the rising zero crossings of what is loud.
fn main_frequency(sound: &Sound) -> f64 {
    let loud = sound
        .samples()
        .chunks(80)
        .filter(|part| part.iter().any(|sample| sample.saturating_abs() > 4_000));
    let loud: Vec<i16> = loud.flatten().copied().collect();
    let rising = loud.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
    rising as f64 * 8_000.0 / loud.len().max(1) as f64
}
