//! Reading a description. It comes from strangers: everything is bounded, nothing is trusted.

use crate::sdp::{Direction, SdpError};
use std::net::{IpAddr, Ipv4Addr};

const MAX_OCTETS: usize = 8_192;
const MAX_MEDIA: usize = 8;
const MAX_PAYLOADS: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    /// Every `m=` line as kind, protocol and first format, in order: an answer repeats them.
    pub media: Vec<[String; 3]>,
    /// Where among them our audio is.
    pub audio_at: usize,
    pub audio: Audio,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Audio {
    pub address: IpAddr,
    pub port: u16,
    pub rtcp_port: Option<u16>,
    pub payload_types: Vec<u8>,
    /// Payload types by name, as `PCMA/8000`.
    pub names: Vec<(u8, String)>,
    pub ptime_ms: Option<u32>,
    pub max_ptime_ms: Option<u32>,
    pub direction: Direction,
}

pub(crate) fn parse(body: &[u8]) -> Result<Description, SdpError> {
    let text = std::str::from_utf8(body).map_err(|_| SdpError::NotSdp)?;
    if text.len() > MAX_OCTETS || !text.trim_start().starts_with("v=0") {
        return Err(SdpError::NotSdp);
    }
    let mut lines = text
        .lines()
        .map(str::trim_end)
        .filter_map(|line| line.split_once('='))
        .peekable();
    let mut session = Section::default();
    while let Some((kind, value)) = lines.next_if(|(kind, _)| *kind != "m") {
        session.read(kind, value);
    }
    let (mut media, mut audio) = (Vec::new(), None);
    while let Some((_, value)) = lines.next() {
        if media.len() == MAX_MEDIA {
            return Err(SdpError::NotSdp);
        }
        let line = MediaLine::parse(value).ok_or(SdpError::NotSdp)?;
        let mut section = Section::default();
        while let Some((kind, value)) = lines.next_if(|(kind, _)| *kind != "m") {
            section.read(kind, value);
        }
        if audio.is_none() && line.is_telephone_audio() {
            audio = Some((media.len(), line.port, line.payload_types.clone(), section));
        }
        media.push(line.head);
    }
    let (audio_at, port, payload_types, section) = audio.ok_or(SdpError::NoAudio)?;
    let audio = Audio {
        address: section.address.or(session.address).ok_or(SdpError::NoAddress)?,
        port,
        rtcp_port: section.rtcp_port,
        payload_types,
        names: section.names,
        ptime_ms: section.ptime_ms.or(session.ptime_ms),
        max_ptime_ms: section.max_ptime_ms.or(session.max_ptime_ms),
        direction: section.direction.or(session.direction).unwrap_or(Direction::BOTH),
    };
    Ok(Description {
        media,
        audio_at,
        audio,
    })
}

impl Audio {
    /// Nothing can be sent there: a hold as RFC 2543 had it.
    pub(crate) fn is_black_hole(&self) -> bool {
        self.address == IpAddr::V4(Ipv4Addr::UNSPECIFIED)
    }

    /// The name of a payload type, by attribute or by RFC 3551.
    pub(crate) fn name_of(&self, payload_type: u8) -> Option<&str> {
        let named = self.names.iter().find(|(known, _)| *known == payload_type);
        named.map(|(_, name)| name.as_str()).or(match payload_type {
            0 => Some("PCMU/8000"),
            8 => Some("PCMA/8000"),
            _ => None,
        })
    }
}

struct MediaLine {
    head: [String; 3],
    port: u16,
    payload_types: Vec<u8>,
}

impl MediaLine {
    /// `audio 49170 RTP/AVP 0 8 101`.
    fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let (kind, port, protocol) = (words.next()?, words.next()?, words.next()?);
        let first = words.clone().next().unwrap_or("0");
        let head = [kind, protocol, first];
        // What is repeated in our answer must not smuggle anything into it.
        let clean = |word: &str| word.len() <= 32 && word.chars().all(|c| c.is_ascii_graphic());
        if !head.iter().all(|word| clean(word)) {
            return None;
        }
        Some(Self {
            head: head.map(str::to_owned),
            port: port.split('/').next()?.parse().ok()?,
            payload_types: words
                .take(MAX_PAYLOADS)
                .filter_map(|word| word.parse().ok())
                .collect(),
        })
    }

    fn is_telephone_audio(&self) -> bool {
        let [kind, protocol, _] = &self.head;
        kind == "audio" && self.port != 0 && (protocol == "RTP/AVP" || protocol == "RTP/AVPF")
    }
}

/// The lines that may stand at the session's level or at the medium's.
#[derive(Default)]
struct Section {
    address: Option<IpAddr>,
    rtcp_port: Option<u16>,
    names: Vec<(u8, String)>,
    ptime_ms: Option<u32>,
    max_ptime_ms: Option<u32>,
    direction: Option<Direction>,
}

impl Section {
    fn read(&mut self, kind: &str, value: &str) {
        match kind {
            "c" => self.address = self.address.or_else(|| read_address(value)),
            "a" => {
                let (name, value) = value.split_once(':').unwrap_or((value, ""));
                self.read_attribute(name, value.trim());
            }
            _ => {}
        }
    }

    fn read_attribute(&mut self, name: &str, value: &str) {
        match name {
            "rtpmap" if self.names.len() < MAX_PAYLOADS => {
                if let Some((number, encoding)) = value.split_once(' ')
                    && let Ok(number) = number.parse()
                {
                    self.names.push((number, encoding.trim().to_ascii_uppercase()));
                }
            }
            "rtcp" => self.rtcp_port = value.split(' ').next().and_then(|port| port.parse().ok()),
            "ptime" => self.ptime_ms = value.parse().ok(),
            "maxptime" => self.max_ptime_ms = value.parse().ok(),
            "sendrecv" => self.direction = Some(Direction::BOTH),
            "sendonly" => {
                self.direction = Some(Direction {
                    send: true,
                    receive: false,
                })
            }
            "recvonly" => {
                self.direction = Some(Direction {
                    send: false,
                    receive: true,
                })
            }
            "inactive" => {
                self.direction = Some(Direction {
                    send: false,
                    receive: false,
                })
            }
            _ => {}
        }
    }
}

/// `IN IP4 192.0.2.1/127`. Names are not looked up: media goes to addresses.
fn read_address(value: &str) -> Option<IpAddr> {
    let mut words = value.split_ascii_whitespace();
    match (words.next()?, words.next()?) {
        ("IN", "IP4" | "IP6") => words.next()?.split('/').next()?.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
        m=video 5000 RTP/AVP 31\r\nc=IN IP4 192.0.2.9\r\n\
        m=audio 4000 RTP/AVP 18 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\na=sendonly\r\n";

    #[test]
    fn the_audio_is_found_among_other_media() {
        let description = parse(OFFER.as_bytes()).unwrap();
        assert_eq!(description.audio_at, 1);
        assert_eq!(description.media[0], ["video", "RTP/AVP", "31"]);
        let audio = description.audio;
        assert_eq!(
            (audio.address.to_string().as_str(), audio.port),
            ("192.0.2.1", 4000)
        );
        assert_eq!(audio.payload_types, [18, 8, 0, 96]);
        assert_eq!(audio.name_of(96), Some("TELEPHONE-EVENT/8000"));
        assert_eq!(
            (audio.ptime_ms, audio.direction.attribute()),
            (Some(30), "sendonly")
        );
    }

    #[test]
    fn what_cannot_be_talked_to_is_refused_with_the_reason() {
        let secure = OFFER.replace("m=audio 4000 RTP/AVP", "m=audio 4000 RTP/SAVP");
        assert_eq!(parse(secure.as_bytes()), Err(SdpError::NoAudio));
        let rejected = OFFER.replace("m=audio 4000", "m=audio 0");
        assert_eq!(parse(rejected.as_bytes()), Err(SdpError::NoAudio));
        let nowhere = OFFER.replace("c=IN IP4 192.0.2.1\r\n", "");
        assert_eq!(parse(nowhere.as_bytes()), Err(SdpError::NoAddress));
        assert_eq!(parse(b"hello"), Err(SdpError::NotSdp));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC*") {
            let _ = parse(text.as_bytes());
        }

        #[test]
        fn no_lines_of_a_description_make_the_reader_panic(
            lines in prop::collection::vec("(v=0|[cma]=)[a-zA-Z0-9 :/.=*-]{0,40}", 0..30),
        ) {
            let _ = parse(format!("v=0\r\n{}", lines.join("\r\n")).as_bytes());
            let _ = parse(format!("{OFFER}{}", lines.join("\n")).as_bytes());
        }
    }
}
