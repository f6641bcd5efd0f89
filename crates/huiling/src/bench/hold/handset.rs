//! Telephones that answer at once: a SIP user agent of its own on a thread of its own, so that
//! the moment of an INVITE is the wire's and not that of our own stack.

use crate::error::HuilingError;
use base::Stopwatch;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How soon the thread sees that it shall end.
const LOOK: Duration = Duration::from_millis(200);
const MESSAGE_MAX: usize = 8_192;

/// Every telephone of the bench, on one address.
pub struct Telephones {
    pub address: SocketAddr,
    expected: Expected,
    stop: Arc<AtomicBool>,
}

/// Who waits for which number to ring.
type Expected = Arc<Mutex<HashMap<String, oneshot::Sender<Rung>>>>;

/// A call that was answered.
pub struct Rung {
    /// When its INVITE arrived.
    pub at: Duration,
    pub call_id: String,
    pub rtp: UdpSocket,
    /// Where the caller wants our sound.
    pub remote: SocketAddr,
}

impl Telephones {
    /// Times are told since `since`.
    pub fn open(since: Stopwatch) -> Result<Self, HuilingError> {
        let failed = || HuilingError::io("the bench's telephones do not open");
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed())?;
        socket.set_read_timeout(Some(LOOK)).map_err(failed())?;
        let address = socket.local_addr().map_err(failed())?;
        let (expected, stop) = (Expected::default(), Arc::new(AtomicBool::new(false)));
        let exchange = Exchange {
            socket,
            address,
            since,
            expected: expected.clone(),
            answered: HashMap::new(),
        };
        let until = stop.clone();
        std::thread::Builder::new()
            .name("telephones".into())
            .spawn(move || exchange.serve(&until))
            .map_err(failed())?;
        Ok(Self {
            address,
            expected,
            stop,
        })
    }

    /// The next call to a number (digits only).
    pub fn expect(&self, number: &str) -> oneshot::Receiver<Rung> {
        let (tell, rung) = oneshot::channel();
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        expected.insert(number.to_owned(), tell);
        rung
    }
}

impl Drop for Telephones {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

struct Exchange {
    socket: UdpSocket,
    address: SocketAddr,
    since: Stopwatch,
    expected: Expected,
    /// The answer to each call's INVITE, for its repetitions.
    answered: HashMap<String, String>,
}

impl Exchange {
    fn serve(mut self, stop: &AtomicBool) {
        let mut buffer = [0; MESSAGE_MAX];
        while !stop.load(Ordering::SeqCst) {
            match self.socket.recv_from(&mut buffer) {
                Ok((length, from)) => {
                    let at = self.since.elapsed();
                    if let Ok(message) = std::str::from_utf8(&buffer[..length]) {
                        self.take(message, from, at);
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => tracing::warn!(%error, "the bench's telephones"),
            }
        }
    }

    fn take(&mut self, message: &str, from: SocketAddr, at: Duration) {
        let method = message.split(' ').next().unwrap_or_default();
        match method {
            "INVITE" => self.ring(message, from, at),
            "ACK" | "SIP/2.0" => {}
            _ => self.send(&response(message, "200 OK", "", ""), from),
        }
    }

    fn ring(&mut self, message: &str, from: SocketAddr, at: Duration) {
        let call_id = header(message, "Call-ID").unwrap_or_default().to_owned();
        if let Some(answer) = self.answered.get(&call_id) {
            return self.send(&answer.clone(), from);
        }
        let number = called_number(message).unwrap_or_default();
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = expected.remove(number);
        drop(expected);
        let rtp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
        let (Some(tell), Ok(rtp), Some(remote)) = (waiting, rtp, media_address(message)) else {
            return self.send(&response(message, "480 Temporarily Unavailable", "", ""), from);
        };
        let port = rtp.local_addr().map_or(0, |address| address.port());
        let contact = format!("Contact: <sip:{number}@{}>\r\n", self.address);
        let answer = response(message, "200 OK", &contact, &description(port));
        self.send(&response(message, "180 Ringing", &contact, ""), from);
        self.send(&answer, from);
        self.answered.insert(call_id.clone(), answer);
        let _ = tell.send(Rung {
            at,
            call_id,
            rtp,
            remote,
        });
    }

    fn send(&self, message: &str, to: SocketAddr) {
        if let Err(error) = self.socket.send_to(message.as_bytes(), to) {
            tracing::warn!(%error, "the bench's telephones cannot answer");
        }
    }
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let lines = message.lines().take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// `INVITE sip:8613800001000@127.0.0.1:5060 SIP/2.0`
fn called_number(message: &str) -> Option<&str> {
    let uri = message.split(' ').nth(1)?;
    let user = uri.strip_prefix("sip:")?.split('@').next()?;
    Some(user.trim_start_matches('+'))
}

/// Where the description wants RTP.
fn media_address(message: &str) -> Option<SocketAddr> {
    let line = |start: &str| message.lines().find_map(|line| line.strip_prefix(start));
    let ip = line("c=IN IP4 ")?.trim().parse().ok()?;
    let port = line("m=audio ")?.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::new(ip, port))
}

/// A response takes over what RFC 3261 section 8.2.6.2 names.
fn response(request: &str, status: &str, more: &str, body: &str) -> String {
    let kept = request.lines().take_while(|line| !line.is_empty());
    let kept = kept.filter_map(|line| {
        let name = line.split(':').next()?.to_ascii_lowercase();
        match name.as_str() {
            "to" if !line.contains(";tag=") => Some(format!("{line};tag=telephone\r\n")),
            "via" | "from" | "to" | "call-id" | "cseq" | "record-route" => Some(format!("{line}\r\n")),
            _ => None,
        }
    });
    let kept: String = kept.collect();
    let kind = if body.is_empty() {
        ""
    } else {
        "Content-Type: application/sdp\r\n"
    };
    format!(
        "SIP/2.0 {status}\r\n{kept}{more}{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn description(port: u16) -> String {
    format!(
        "v=0\r\no=telephone 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
         a=fmtp:101 0-15\r\na=ptime:20\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_repeats_what_identifies_the_request() {
        let request = "INVITE sip:+8613800001000@127.0.0.1:5 SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z\r\n\
            From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: huiling-x\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n\r\n\
            v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 30000 RTP/AVP 0\r\n";
        assert_eq!(called_number(request), Some("8613800001000"));
        assert_eq!(media_address(request), "127.0.0.1:30000".parse().ok());
        let response = response(request, "200 OK", "", "");
        assert!(response.starts_with("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z\r\n"));
        assert!(response.contains("To: <sip:c@d>;tag=telephone\r\n"));
        assert!(!response.contains("Max-Forwards"));
    }
}
