//! Digits by SIP INFO: `application/dtmf-relay` and `application/dtmf`.

use crate::rtp::event::KEYS;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InfoDigit {
    Digit(char),
    /// A body of a known type that names no key.
    Malformed,
    OtherType,
}

pub(crate) const RELAY_TYPE: &str = "application/dtmf-relay";

pub(crate) fn read(content_type: &str, body: &[u8]) -> InfoDigit {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let body = std::str::from_utf8(body).unwrap_or_default();
    let signal = if media_type.eq_ignore_ascii_case(RELAY_TYPE) {
        body.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case("signal").then_some(value)
        })
    } else if media_type.eq_ignore_ascii_case("application/dtmf") {
        Some(body)
    } else {
        return InfoDigit::OtherType;
    };
    signal
        .and_then(|signal| key(signal.trim()))
        .map_or(InfoDigit::Malformed, InfoDigit::Digit)
}

pub(crate) fn relay_body(digit: char) -> String {
    format!("Signal={digit}\r\nDuration=160\r\n")
}

/// A key by its face, or by the number of its event.
fn key(signal: &str) -> Option<char> {
    match signal {
        "10" => Some('*'),
        "11" => Some('#'),
        _ => {
            let mut faces = signal.chars();
            let face = faces.next()?.to_ascii_uppercase();
            (faces.next().is_none() && KEYS.contains(&face)).then_some(face)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_digit_are_read() {
        assert_eq!(
            read("application/dtmf-relay", b"Signal= 5\r\nDuration=160"),
            InfoDigit::Digit('5')
        );
        assert_eq!(read("Application/DTMF; x=y", b"#\r\n"), InfoDigit::Digit('#'));
        assert_eq!(
            read("application/dtmf-relay", b"Signal=11"),
            InfoDigit::Digit('#')
        );
        assert_eq!(read("application/dtmf-relay", b"Signal=55"), InfoDigit::Malformed);
        assert_eq!(read("application/dtmf", &[0xff]), InfoDigit::Malformed);
        assert_eq!(read("application/sdp", b"v=0"), InfoDigit::OtherType);
        assert_eq!(
            read(RELAY_TYPE, relay_body('*').as_bytes()),
            InfoDigit::Digit('*')
        );
    }
}
