//! What two descriptions agree on.

use crate::audio::Law;
use crate::sdp::describe::OFFERED_EVENTS;
use crate::sdp::{Description, SdpError};
use std::net::SocketAddr;

/// The agreement on one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub remote: SocketAddr,
    pub remote_rtcp: SocketAddr,
    pub law: Law,
    pub payload_type: u8,
    pub events: Option<TelephoneEvents>,
    /// Sound in each packet we send.
    pub ptime_ms: u32,
    /// The peer wants to hear us; otherwise we are on hold.
    pub wanted: bool,
}

/// Payload types of telephone events, which each side chooses for what it receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TelephoneEvents {
    pub send: u8,
    pub receive: u8,
}

impl TelephoneEvents {
    /// Peers mix the two up; both were named in this negotiation.
    pub(crate) fn are(&self, payload_type: u8) -> bool {
        payload_type == self.receive || payload_type == self.send
    }
}

/// The peer's offer, which we answer with its own payload types.
pub(crate) fn negotiate_offer(offer: &Description, ptime_ms: u32) -> Result<Session, SdpError> {
    negotiate(offer, ptime_ms, None)
}

/// The peer's answer to our offer.
pub(crate) fn negotiate_answer(answer: &Description, ptime_ms: u32) -> Result<Session, SdpError> {
    negotiate(answer, ptime_ms, Some(OFFERED_EVENTS))
}

fn negotiate(theirs: &Description, ptime_ms: u32, offered: Option<u8>) -> Result<Session, SdpError> {
    let audio = &theirs.audio;
    let law_of = |payload_type: &u8| match audio.name_of(*payload_type)? {
        name if name.starts_with("PCMU/8000") => Some((Law::Mu, *payload_type)),
        name if name.starts_with("PCMA/8000") => Some((Law::A, *payload_type)),
        _ => None,
    };
    let (law, payload_type) = audio
        .payload_types
        .iter()
        .find_map(law_of)
        .ok_or(SdpError::NoCommonCodec)?;
    let is_events = |payload_type: &&u8| {
        let name = audio.name_of(**payload_type);
        name.is_some_and(|name| name.starts_with("TELEPHONE-EVENT/8000"))
    };
    let events = audio.payload_types.iter().find(is_events);
    Ok(Session {
        remote: SocketAddr::new(audio.address, audio.port),
        remote_rtcp: SocketAddr::new(
            audio.address,
            audio.rtcp_port.unwrap_or(audio.port.saturating_add(1)),
        ),
        law,
        payload_type,
        events: events.map(|send| TelephoneEvents {
            send: *send,
            receive: offered.unwrap_or(*send),
        }),
        ptime_ms: packet_length(audio.ptime_ms, audio.max_ptime_ms, ptime_ms),
        wanted: theirs.audio_direction().receive,
    })
}

/// Whole tens of milliseconds from 10 to 60; what the peer wants before what we want.
fn packet_length(wanted: Option<u32>, most: Option<u32>, ours: u32) -> u32 {
    let length = wanted.filter(|ms| *ms >= 10).unwrap_or(ours);
    let length = length.min(most.filter(|ms| *ms >= 10).unwrap_or(60));
    (length / 10 * 10).clamp(10, 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::{Local, parse};

    fn local() -> Local {
        Local {
            rtp: "192.0.2.5:4002".parse().unwrap(),
            session_id: 7,
            version: 0,
            ptime_ms: 20,
            said: String::new(),
        }
    }

    #[test]
    fn our_offer_and_our_answer_to_it_agree() {
        let offer = parse(local().offer().as_bytes()).unwrap();
        let theirs = negotiate_offer(&offer, 20).unwrap();
        assert_eq!((theirs.law, theirs.ptime_ms, theirs.wanted), (Law::Mu, 20, true));
        assert_eq!(theirs.remote_rtcp.port(), 4003);
        let answer = parse(local().answer(&offer, &theirs).as_bytes()).unwrap();
        assert_eq!(answer.audio.payload_types, [0, 101]);
        let ours = negotiate_answer(&answer, 20).unwrap();
        assert_eq!(
            ours.events,
            Some(TelephoneEvents {
                send: 101,
                receive: 101
            })
        );
    }

    #[test]
    fn each_kind_of_hold_is_answered_with_its_mirror() {
        let offer = local().offer();
        for (changed, mirror) in [
            (offer.replace("sendrecv", "sendonly"), "recvonly"),
            (offer.replace("sendrecv", "inactive"), "inactive"),
            (
                offer.replace("c=IN IP4 192.0.2.5", "c=IN IP4 0.0.0.0"),
                "recvonly",
            ),
        ] {
            let held = parse(changed.as_bytes()).unwrap();
            let session = negotiate_offer(&held, 20).unwrap();
            assert!(!session.wanted, "{changed}");
            let answer = local().answer(&held, &session);
            assert!(answer.contains(&format!("a={mirror}\r\n")), "{answer}");
        }
    }

    #[test]
    fn the_peers_packet_length_is_kept_within_reason() {
        for (wanted, most, length) in [
            (None, None, 20),
            (Some(30), None, 30),
            (Some(200), None, 60),
            (Some(0), None, 20),
            (Some(60), Some(40), 40),
            (Some(25), None, 20),
        ] {
            assert_eq!(packet_length(wanted, most, 20), length, "{wanted:?} {most:?}");
        }
    }

    #[test]
    fn refused_media_stay_in_their_place() {
        let offer = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 9 RTP/SAVP 0\r\nm=audio 6000 RTP/AVP 97 8\r\n\
            a=rtpmap:97 telephone-event/8000\r\n";
        let offer = parse(offer.as_bytes()).unwrap();
        let session = negotiate_offer(&offer, 20).unwrap();
        let answer = local().answer(&offer, &session);
        let media: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
        assert_eq!(media, ["m=audio 0 RTP/SAVP 0", "m=audio 4002 RTP/AVP 8 97"]);
        let other = parse(b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 6000 RTP/AVP 18\r\n").unwrap();
        assert_eq!(negotiate_offer(&other, 20), Err(SdpError::NoCommonCodec));
    }
}
