//! Session timers (RFC 4028): one side refreshes the session when half of its interval is over, and
//! a session that was not refreshed in time is ended. We ask for no timer, and keep each one that
//! the peer asks for.

use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Request, Response};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The option tag, in Supported and Require.
pub(crate) const TAG: &str = "timer";
/// The least interval that a request may ask of us, and the standard's own least (section 5).
const LEAST_SECS: u64 = 90;
/// In an answer we take what we get; nobody makes us refresh more often than each second.
const SHORTEST_SECS: u64 = 2;
const LONGEST_SECS: u64 = 24 * 3_600;
/// The end comes so much before the interval is over, or a third of it (section 10).
const MARGIN: Duration = Duration::from_secs(32);

/// What both sides keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub secs: u64,
    /// We send the refreshes; the peer does otherwise.
    pub ours: bool,
}

/// What a request of the peer asks for, agreed to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub interval: Option<Interval>,
    /// For the 2xx that agrees.
    pub headers: Vec<Header>,
}

/// The request asks for less than we accept: 422, with this header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooShort(pub Header);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Refresher {
    Client,
    Server,
}

/// An INVITE or UPDATE of the peer, whose server we are (section 9).
pub(crate) fn accept(request: &Request) -> Result<Accepted, TooShort> {
    let Some((secs, refresher)) = stated(request) else {
        return Ok(Accepted {
            interval: None,
            headers: vec![],
        });
    };
    let understood = ["Supported", "Require"]
        .iter()
        .any(|name| request.header_contains_token(name, TAG));
    if understood && secs < LEAST_SECS {
        return Err(TooShort(Header::MinSE(LEAST_SECS.to_string().into())));
    }
    // Who does not know timers cannot refresh: a proxy asks it of us.
    let ours = !understood || refresher == Some(Refresher::Server);
    let who = if ours { "uas" } else { "uac" };
    let mut headers = vec![Header::SessionExpires(format!("{secs};refresher={who}").into())];
    if understood {
        headers.push(Header::Require(TAG.into()));
    }
    let interval = Some(Interval { secs, ours });
    Ok(Accepted { interval, headers })
}

/// The 2xx to a request of ours: the peer has the last word (section 7.2).
pub(crate) fn agreed(response: &Response) -> Option<Interval> {
    stated(response).map(|(secs, refresher)| Interval {
        secs,
        ours: refresher != Some(Refresher::Server),
    })
}

/// What a 422 wants at least.
pub(crate) fn least_of(response: &Response) -> Option<u64> {
    let text = response.header_value("Min-SE")?;
    let secs = text.split(';').next()?.trim().parse::<u64>().ok()?;
    Some(secs.clamp(LEAST_SECS, LONGEST_SECS))
}

/// For an INVITE that is sent again after a 422.
pub(crate) fn asking_for(secs: u64) -> [Header; 2] {
    let secs = secs.to_string();
    [
        Header::SessionExpires(secs.as_str().into()),
        Header::MinSE(secs.into()),
    ]
}

fn stated(message: &impl HeadersExt) -> Option<(u64, Option<Refresher>)> {
    let text = message.header_value("Session-Expires")?;
    let mut parts = text.split(';').map(str::trim);
    let secs = parts.next()?.parse::<u64>().ok()?;
    let refresher = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        match (name.trim().to_ascii_lowercase().as_str(), value.trim()) {
            ("refresher", who) if who.eq_ignore_ascii_case("uac") => Some(Refresher::Client),
            ("refresher", who) if who.eq_ignore_ascii_case("uas") => Some(Refresher::Server),
            _ => None,
        }
    });
    Some((secs.clamp(SHORTEST_SECS, LONGEST_SECS), refresher))
}

/// What the timer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Refresh,
    /// Nobody refreshed it in time.
    End,
}

/// The timer of one call; without an interval it never runs out.
#[derive(Debug)]
pub(crate) struct SessionTimer {
    interval: Option<Interval>,
    since: Instant,
    /// We have asked for the refresh of this interval.
    asked: bool,
    /// What a 422 wanted; every later refresh names it (section 7.4).
    least: Option<u64>,
}

impl SessionTimer {
    pub fn new(interval: Option<Interval>) -> Self {
        Self {
            interval,
            since: Instant::now(),
            asked: false,
            least: None,
        }
    }

    /// The session was refreshed; without an interval it has no end any more.
    pub fn restart(&mut self, interval: Option<Interval>) {
        *self = Self {
            least: self.least,
            ..Self::new(interval)
        };
    }

    /// The peer wants a longer interval. True: ask again; the first time only.
    pub fn raise(&mut self, least: u64) -> bool {
        self.least.replace(least).is_none_or(|before| before < least)
    }

    /// Waits for what is to be done. A refresh is asked for once in an interval.
    pub async fn due(&mut self) -> Due {
        let Some((after, due)) = self.next() else {
            return std::future::pending().await;
        };
        sleep_until(self.since + after).await;
        self.asked |= due == Due::Refresh;
        due
    }

    /// What comes next, so long after the interval began.
    fn next(&self) -> Option<(Duration, Due)> {
        let interval = self.interval?;
        let whole = Duration::from_secs(interval.secs);
        Some(if interval.ours && !self.asked {
            (whole / 2, Due::Refresh)
        } else {
            (whole - MARGIN.min(whole / 3), Due::End)
        })
    }

    /// For our refresh: we are the client of its transaction.
    pub fn headers(&self) -> Vec<Header> {
        let secs = self.interval.map_or(LEAST_SECS, |interval| interval.secs);
        let secs = secs.max(self.least.unwrap_or_default());
        let mut headers = vec![
            Header::Supported(TAG.into()),
            Header::SessionExpires(format!("{secs};refresher=uac").into()),
        ];
        headers.extend(self.least.map(|least| Header::MinSE(least.to_string().into())));
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(headers: &str) -> Request {
        let text = format!(
            "INVITE sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n\
             To: <sip:1@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n{headers}Content-Length: 0\r\n\r\n"
        );
        text.as_str().try_into().unwrap()
    }

    fn said(headers: &str) -> (Option<Interval>, Vec<String>) {
        let accepted = accept(&invite(headers)).unwrap();
        let headers = accepted.headers.iter().map(ToString::to_string).collect();
        (accepted.interval, headers)
    }

    #[test]
    fn who_refreshes_is_as_the_standards_table_has_it() {
        assert_eq!(said("Supported: timer\r\n"), (None, vec![]));
        let require = "Require: timer".to_owned();
        for (asked, ours, who) in [
            ("Supported: timer\r\nSession-Expires: 1800\r\n", false, "uac"),
            (
                "Require: timer\r\nSession-Expires: 1800;refresher=uac\r\n",
                false,
                "uac",
            ),
            ("k: 100rel, timer\r\nx: 1800 ; refresher=UAS\r\n", true, "uas"),
        ] {
            let expected = format!("Session-Expires: 1800;refresher={who}");
            let interval = Some(Interval { secs: 1_800, ours });
            assert_eq!(
                said(asked),
                (interval, vec![expected, require.clone()]),
                "{asked}"
            );
        }
        // A proxy put it in, for a caller who knows no timers: it is not refused, and we refresh.
        let interval = Some(Interval { secs: 60, ours: true });
        let expected = vec!["Session-Expires: 60;refresher=uas".to_owned()];
        assert_eq!(said("Session-Expires: 60\r\n"), (interval, expected));
        assert_eq!(said("Session-Expires: soon\r\n"), (None, vec![]));
    }

    #[test]
    fn too_short_an_interval_is_answered_with_ours() {
        let TooShort(header) = accept(&invite("Supported: timer\r\nSession-Expires: 89\r\n")).unwrap_err();
        assert_eq!(header.to_string(), "Min-SE: 90");
        assert!(accept(&invite("Supported: timer\r\nSession-Expires: 90\r\n")).is_ok());
    }

    #[test]
    fn we_refresh_at_half_of_the_interval_and_end_before_its_end() {
        let timer = |secs, ours| SessionTimer::new(Some(Interval { secs, ours }));
        let seconds = |timer: &SessionTimer| timer.next().map(|(after, due)| (after.as_secs(), due));
        assert_eq!(seconds(&timer(1_800, true)), Some((900, Due::Refresh)));
        assert_eq!(seconds(&timer(1_800, false)), Some((1_768, Due::End)));
        assert_eq!(seconds(&timer(90, false)), Some((60, Due::End)));
        let mut asked = timer(90, true);
        asked.asked = true;
        assert_eq!(seconds(&asked), Some((60, Due::End)));
        assert_eq!(seconds(&SessionTimer::new(None)), None);
    }
}
