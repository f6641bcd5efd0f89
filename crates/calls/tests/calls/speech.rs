//! A speech service whose every sentence is a short tone that tells which sentence it is, so
//! that a handset knows what it hears without a recogniser.

use phone::Sound;
use phone::prompts::{Voice, VoiceConfig, VoiceKind};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

const SLOWLY: &str = "/slowly";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Greeting,
    PressDigit,
    Words,
    Details,
    Choices,
    ChoicesAppOnly,
    Paid,
    Stopped,
    Later,
    SignIn,
    NotUnderstood,
    Other,
}

impl Said {
    const ALL: [Self; 12] = [
        Self::Greeting,
        Self::PressDigit,
        Self::Words,
        Self::Details,
        Self::Choices,
        Self::ChoicesAppOnly,
        Self::Paid,
        Self::Stopped,
        Self::Later,
        Self::SignIn,
        Self::NotUnderstood,
        Self::Other,
    ];

    /// By a phrase that only this sentence has, in Chinese and in English.
    fn of(text: &str) -> Self {
        let found = [
            (Self::Greeting, "这是自动电话"),
            (Self::Greeting, "automatic call"),
            (Self::PressDigit, "继续通话，请按"),
            (Self::PressDigit, "To continue, press"),
            (Self::Words, "手机屏幕上写着"),
            (Self::Words, "words on your screen"),
            (Self::Details, "您要付款"),
            (Self::Details, "You are paying"),
            (Self::Details, "您申请了一个钱包"),
            (Self::Details, "登记了这个电话号码"),
            (Self::ChoicesAppOnly, "登录以后同意这笔付款"),
            (Self::ChoicesAppOnly, "To pay, please sign in"),
            (Self::Choices, "现在付款，请按"),
            (Self::Choices, "To pay, press one"),
            (Self::Choices, "是您本人申请的"),
            (Self::Choices, "是您本人登记的"),
            (Self::Paid, "付款已经完成"),
            (Self::Paid, "The payment is done"),
            (Self::Paid, "我们已经收到您的确认"),
            (Self::Stopped, "付款已经停止"),
            (Self::Stopped, "我们已经停止这个申请"),
            (Self::Stopped, "我们不会再打给您"),
            (Self::Later, "我们稍后再打给您"),
            (Self::SignIn, "不能在电话里同意"),
            (Self::NotUnderstood, "这个键现在不能用"),
        ];
        let found = found.iter().find(|(_, phrase)| text.contains(phrase));
        found.map_or(Self::Other, |(said, _)| *said)
    }

    /// Steps of a fifth: µ-law keeps them apart.
    fn loudness(self) -> i16 {
        let place = Self::ALL.iter().position(|said| *said == self).unwrap_or(0);
        (2_000.0 * 1.25f64.powi(place as i32)) as i16
    }

    /// What a frame belongs to; `None` is silence.
    pub fn from_loudness(peak: i16) -> Option<Self> {
        if peak < 1_000 {
            return None;
        }
        let distance = |said: &Self| (f64::from(said.loudness()) / f64::from(peak)).ln().abs();
        Self::ALL
            .into_iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// A voice that speaks by the service, from now on.
pub fn voice() -> Arc<Voice> {
    speaking(start())
}

/// Every sentence takes three seconds: there is a middle in which something can happen.
pub fn slow_voice() -> Arc<Voice> {
    speaking(start() + SLOWLY)
}

fn speaking(service_url: String) -> Arc<Voice> {
    let config = VoiceConfig {
        kind: VoiceKind::Service,
        service_url: Some(service_url),
        ..VoiceConfig::default()
    };
    Arc::new(Voice::open(&config).unwrap())
}

fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || while answer(&stream).is_some() {});
        }
    });
    url
}

/// The registers that are asked about an applicant: known, and no file.
pub fn registers() -> (String, String) {
    let url = start();
    (format!("{url}/identity"), format!("{url}/credit"))
}

fn answer(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut path) = (0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix("post ") {
            path = rest.split(' ').next()?.to_owned();
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let register = match path.as_str() {
        "/identity" => Some(r#"{"status":"known","name_matches":true,"birth_date_matches":true}"#),
        "/credit" => Some(r#"{"status":"no_file"}"#),
        _ => None,
    };
    if let Some(opinion) = register {
        return reply(stream, "application/json", opinion.as_bytes());
    }
    let order: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let said = Said::of(order["input"].as_str()?);
    let loudness = said.loudness();
    let length_ms = if path.starts_with(SLOWLY) { 3_000 } else { 300 };
    let samples: Vec<i16> = (0..length_ms * 8)
        .map(|n| if n / 8 % 2 == 0 { loudness } else { -loudness })
        .collect();
    let wav = Sound::from_samples(samples).to_wav();
    reply(stream, "audio/wav", &wav)
}

fn reply(mut stream: &TcpStream, kind: &str, body: &[u8]) -> Option<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    )
    .ok()?;
    stream.write_all(body).ok()
}
