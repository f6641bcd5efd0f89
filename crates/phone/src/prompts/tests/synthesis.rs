use super::super::*;
use super::details;
use crate::Sound;
use base::Language;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const LINE: SpokenLine = SpokenLine::Fixed(PromptId::Goodbye);

/// A pack that says 800 samples of silence to every line; it ends after `lines` of them.
fn pack(folder: &Path, lines: u32) -> PathBuf {
    let path = folder.join("speak");
    let script = format!(
        "#!/bin/sh\necho '{{\"ready\":true}}'\nn=0\nwhile [ $n -lt {lines} ] && read -r line; do\nn=$((n+1))\n\
         echo \"{{\\\"id\\\":$n,\\\"samples\\\":800}}\"\nhead -c 1600 /dev/zero\ndone\n"
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn open(config: VoiceConfig) -> Voice {
    Voice::open(&config).unwrap()
}

#[test]
fn the_pack_speaks_lines_with_a_name_and_the_bank_the_fixed_ones() {
    let folder = tempfile::tempdir().unwrap();
    let voice = open(VoiceConfig {
        kind: VoiceKind::Pack,
        pack_command: Some(pack(folder.path(), 100)),
        ..VoiceConfig::default()
    });
    let line = details(125_050, "张伟");
    voice.warm(Language::En, &line);
    let spoken = voice.speak(Language::En, &line);
    assert_eq!(spoken.by, Speaker::Pack);
    assert_eq!(spoken.sound.duration_ms(), 100);
    assert_eq!(spoken.text, transcript(Language::En, &line));
    assert_eq!(voice.speak(Language::En, &LINE).by, Speaker::Parts);
}

#[test]
fn the_parts_speak_when_the_pack_dies_and_a_new_one_is_started_after_a_rest() {
    let folder = tempfile::tempdir().unwrap();
    let voice = open(VoiceConfig {
        kind: VoiceKind::Pack,
        pack_command: Some(pack(folder.path(), 1)),
        ..VoiceConfig::default()
    });
    assert_eq!(
        voice.speak(Language::ZhHans, &details(100, "张伟")).by,
        Speaker::Pack
    );
    let spoken = voice.speak(Language::ZhHans, &details(200, "张伟"));
    assert_eq!(spoken.by, Speaker::Parts);
    assert!(spoken.sound.duration_ms() > 1_000);
    // What was rendered stays; a line that failed is tried again once the rest is over.
    assert_eq!(
        voice.speak(Language::ZhHans, &details(100, "张伟")).by,
        Speaker::Pack
    );
    let watch = base::Stopwatch::start();
    let line = details(300, "张伟");
    while voice.speak(Language::ZhHans, &line).by != Speaker::Pack {
        assert!(watch.elapsed().as_secs() < 60, "the pack was never started again");
        std::thread::yield_now();
    }
}

#[test]
fn a_program_that_is_no_pack_leaves_the_parts_speaking() {
    let voice = open(VoiceConfig {
        kind: VoiceKind::Pack,
        pack_command: Some("/bin/echo".into()),
        ..VoiceConfig::default()
    });
    assert_eq!(
        voice.speak(Language::En, &details(100, "张伟")).by,
        Speaker::Parts
    );
}

#[test]
fn a_voice_that_cannot_work_is_refused_at_start() {
    let refused = |config: VoiceConfig| Voice::open(&config).unwrap_err().to_string();
    let kind = VoiceKind::Pack;
    let pack_command = Some(PathBuf::from("/nowhere/speak"));
    assert!(
        refused(VoiceConfig {
            kind,
            ..VoiceConfig::default()
        })
        .contains("pack_command")
    );
    let missing = VoiceConfig {
        kind,
        pack_command,
        ..VoiceConfig::default()
    };
    assert!(refused(missing).contains("/nowhere/speak"));
    let kind = VoiceKind::Service;
    assert!(
        refused(VoiceConfig {
            kind,
            ..VoiceConfig::default()
        })
        .contains("service_url")
    );
}

#[test]
fn a_service_speaks_and_the_parts_when_it_is_down() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", server.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !String::from_utf8_lossy(&request).contains("\"input\"") {
            let read = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..read]);
        }
        let wav = studio_wav(24_000, 1, 24_000);
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            wav.len()
        )
        .unwrap();
        stream.write_all(&wav).unwrap();
        String::from_utf8_lossy(&request).into_owned()
    });
    let voice = open(VoiceConfig {
        kind: VoiceKind::Service,
        service_url: Some(url),
        service_key: Some("secret".into()),
        ..VoiceConfig::default()
    });
    let spoken = voice.speak(Language::En, &details(125_000, "张伟"));
    assert_eq!((spoken.by, spoken.sound.duration_ms()), (Speaker::Service, 1_000));
    let request = answering.join().unwrap();
    assert!(request.starts_with("POST /v1/audio/speech "));
    assert!(request.contains("Bearer secret") && request.contains("Zhang Wei"));
    // The server is gone now.
    assert_eq!(voice.speak(Language::En, &details(99, "张伟")).by, Speaker::Parts);
}

#[test]
fn an_operators_recording_replaces_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("zh")).unwrap();
    std::fs::write(folder.path().join("zh/goodbye.wav"), studio_wav(16_000, 1, 8_000)).unwrap();
    std::fs::write(folder.path().join("zh/press-5.wav"), studio_wav(8_000, 1, 8_000)).unwrap();
    let voice = open(VoiceConfig {
        recordings_dir: Some(folder.path().into()),
        ..VoiceConfig::default()
    });
    let spoken = voice.speak(Language::ZhHans, &LINE);
    assert_eq!((spoken.by, spoken.sound.duration_ms()), (Speaker::Recording, 500));
    assert_eq!(
        voice
            .line(Language::ZhHans, &SpokenLine::PressDigit(5))
            .duration_ms(),
        1_000
    );
    assert_eq!(voice.speak(Language::En, &LINE).by, Speaker::Parts);
}

#[test]
fn a_recording_that_cannot_be_played_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("en")).unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join("en").join(name);
        std::fs::write(&path, bytes).unwrap();
        let config = VoiceConfig {
            recordings_dir: Some(folder.path().into()),
            ..VoiceConfig::default()
        };
        let message = Voice::open(&config).unwrap_err().to_string();
        std::fs::remove_file(path).unwrap();
        assert!(message.contains(name), "{message}");
        message
    };
    assert!(refused("goodbye.wav", &studio_wav(44_100, 1, 100)).contains("44100 Hz"));
    assert!(refused("goodbye.wav", &studio_wav(8_000, 2, 100)).contains("8 or 16 kHz"));
    assert!(refused("goodbye.wav", b"ID3").contains("not a WAVE file"));
    assert!(refused("farewell.wav", &studio_wav(8_000, 1, 100)).contains("prompts.tsv"));
}

#[test]
fn a_telephone_keeps_speech_and_drops_what_it_cannot_carry() {
    let tone = |hz: f32| -> Vec<f32> {
        (0..24_000)
            .map(|n| (n as f32 * hz * std::f32::consts::TAU / 24_000.0).sin() * 0.5)
            .collect()
    };
    let level = |sound: &Sound| {
        sound.samples()[400..7_600]
            .iter()
            .map(|s| i32::from(*s).abs())
            .max()
    };
    let speech = super::super::resample::to_telephone(&tone(1_000.0), 24_000);
    assert_eq!(speech.samples().len(), 8_000);
    assert!((15_500..17_000).contains(&level(&speech).unwrap()));
    let hiss = super::super::resample::to_telephone(&tone(6_000.0), 24_000);
    assert!(level(&hiss).unwrap() < 200);
}

fn studio_wav(rate: u32, channels: u16, frames: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for n in 0..frames * u32::from(channels) {
        writer.write_sample(((n * 37) % 2_000) as i16).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}
