//! baresip, a softphone that people use, answers us and keeps what it heard.

use crate::peers::{LONG, config, free_ports, number, open, tone, until};
use phone::{DialOptions, PlayEnd, Sound};
use std::fmt::Write;
use std::path::Path;
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn baresip_hears_our_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let (sip, rtp) = (free_ports(), free_ports());
    configure(folder.path(), sip, rtp);
    let mut baresip = Command::new("baresip")
        .args(["-f", "."])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::fs::File::create(folder.path().join("log")).unwrap())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("baresip must be installed (Debian: apt install baresip-core)");
    until("baresip listens", || {
        std::net::UdpSocket::bind(("127.0.0.1", sip)).is_err()
    })
    .await;

    let line = open(config(([127, 0, 0, 1], sip).into())).await;
    let uri = Some(format!("sip:bob@127.0.0.1:{sip}"));
    let dialing = line
        .dial(
            &number(),
            DialOptions {
                destination_uri: uri,
                ..Default::default()
            },
        )
        .await;
    let answered = tokio::time::timeout(LONG, dialing.answered()).await.unwrap();
    let mut call = answered.unwrap_or_else(|failure| panic!("{failure}\n{}", log(folder.path())));
    let prompt = Sound::concat(&[Sound::silence(500), tone(2_000), Sound::silence(500)]);
    assert_eq!(call.play(prompt).await, PlayEnd::Played);
    until("baresip is heard", || call.stats().received > 0).await;
    let end = call.hang_up().await;
    assert_eq!(end.stats.from_strangers, 0);

    until("baresip keeps what it heard", || heard(folder.path()).is_some()).await;
    baresip.kill().await.unwrap();
    let sound = heard(folder.path()).unwrap();
    let hertz = main_frequency(&sound);
    assert!(
        (430.0..450.0).contains(&hertz),
        "{hertz} Hz in {} ms",
        sound.duration_ms()
    );
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// What baresip decoded, once its file has all of it.
fn heard(folder: &Path) -> Option<Sound> {
    let mut files = std::fs::read_dir(folder).unwrap().flatten();
    let decoded = files.find(|file| file.file_name().to_string_lossy().ends_with("-dec.wav"))?;
    let sound = Sound::from_wav(&std::fs::read(decoded.path()).ok()?).ok()?;
    (sound.duration_ms() >= 2_000).then_some(sound)
}

/// By the rising zero crossings of the loud part.
fn main_frequency(sound: &Sound) -> f64 {
    let loud: Vec<i16> = sound
        .samples()
        .chunks(80)
        .filter(|part| part.iter().any(|s| s.abs() > 8_000))
        .flatten()
        .copied()
        .collect();
    let rising = loud.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
    rising as f64 * 8_000.0 / loud.len().max(1) as f64
}

fn configure(folder: &Path, sip: u16, rtp: u16) {
    let account = "<sip:bob@127.0.0.1;transport=udp>;regint=0;answermode=auto;audio_codecs=PCMA/8000/1,PCMU/8000/1;ptime=20\n";
    std::fs::write(folder.join("accounts"), account).unwrap();
    let mut text = String::new();
    for (key, value) in [
        ("poll_method", "epoll".to_owned()),
        ("sip_listen", format!("127.0.0.1:{sip}")),
        ("audio_player", "aubridge,nobody".into()),
        ("audio_source", "ausine,440".into()),
        ("audio_alert", "aufile,/dev/null".into()),
        ("ausrc_srate", "48000".into()),
        ("auplay_srate", "8000".into()),
        ("ausrc_channels", "2".into()),
        ("auplay_channels", "1".into()),
        ("audio_srate", "8000-48000".into()),
        ("audio_channels", "1-2".into()),
        ("rtp_ports", format!("{rtp}-{}", rtp + 3)),
        ("net_interface", "127.0.0.1".into()),
        ("module_path", "/usr/lib/baresip/modules".into()),
        ("module", "g711.so".into()),
        ("module", "ausine.so".into()),
        ("module", "aufile.so".into()),
        ("module", "aubridge.so".into()),
        ("module", "sndfile.so".into()),
        ("snd_path", folder.display().to_string()),
        ("module_tmp", "uuid.so".into()),
        ("module_tmp", "account.so".into()),
        ("module_app", "menu.so".into()),
    ] {
        let _ = writeln!(text, "{key} {value}");
    }
    std::fs::write(folder.join("config"), text).unwrap();
    std::fs::write(folder.join("contacts"), "").unwrap();
}
