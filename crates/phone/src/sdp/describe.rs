//! Writing our side of a session.

use crate::audio::Law;
use crate::sdp::{Description, Direction, Session};
use std::fmt::Write;
use std::net::SocketAddr;

/// The content type of a description.
pub(crate) const MEDIA_TYPE: &str = "application/sdp";

/// The payload type we offer for telephone events.
pub(crate) const OFFERED_EVENTS: u8 = 101;

/// Our end of one call's media.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub rtp: SocketAddr,
    pub session_id: u64,
    /// Grows with every description we send in a call.
    pub version: u64,
    pub ptime_ms: u32,
    /// The description we sent last.
    pub said: String,
}

impl Local {
    /// Both laws, digits, both directions.
    pub(crate) fn offer(&mut self) -> String {
        let mut text = self.head();
        let port = self.rtp.port();
        let _ = write!(text, "m=audio {port} RTP/AVP 0 8 {OFFERED_EVENTS}\r\n");
        for law in [Law::Mu, Law::A] {
            let _ = write!(
                text,
                "a=rtpmap:{} {}/8000\r\n",
                law.payload_type(),
                law.encoding_name()
            );
        }
        write_events(&mut text, OFFERED_EVENTS);
        self.write_tail(&mut text, Direction::BOTH);
        self.said.clone_from(&text);
        text
    }

    /// What was negotiated from the peer's offer; its other media are refused.
    pub(crate) fn answer(&mut self, offer: &Description, session: &Session) -> String {
        let mut text = self.head();
        for (at, [kind, protocol, format]) in offer.media.iter().enumerate() {
            if at != offer.audio_at {
                let _ = write!(text, "m={kind} 0 {protocol} {format}\r\n");
                continue;
            }
            let payload_type = session.payload_type;
            let _ = write!(text, "m=audio {} {protocol} {payload_type}", self.rtp.port());
            if let Some(events) = &session.events {
                let _ = write!(text, " {}", events.send);
            }
            let _ = write!(
                text,
                "\r\na=rtpmap:{payload_type} {}/8000\r\n",
                session.law.encoding_name()
            );
            if let Some(events) = &session.events {
                write_events(&mut text, events.send);
            }
            self.write_tail(&mut text, offer.audio_direction().reversed());
        }
        self.said.clone_from(&text);
        text
    }

    fn head(&mut self) -> String {
        self.version += 1;
        let ip = self.rtp.ip();
        let family = if ip.is_ipv6() { "IP6" } else { "IP4" };
        let (id, version) = (self.session_id, self.version);
        format!("v=0\r\no=huiling {id} {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n")
    }

    fn write_tail(&self, text: &mut String, direction: Direction) {
        let _ = write!(
            text,
            "a=ptime:{}\r\na={}\r\n",
            self.ptime_ms,
            direction.attribute()
        );
    }
}

impl Description {
    /// The describer's direction; nobody can be heard at 0.0.0.0.
    pub(crate) fn audio_direction(&self) -> Direction {
        let stated = self.audio.direction;
        Direction {
            receive: stated.receive && !self.audio.is_black_hole(),
            ..stated
        }
    }
}

fn write_events(text: &mut String, payload_type: u8) {
    let _ = write!(
        text,
        "a=rtpmap:{payload_type} telephone-event/8000\r\na=fmtp:{payload_type} 0-15\r\n"
    );
}
