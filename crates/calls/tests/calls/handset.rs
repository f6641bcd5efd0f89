//! A telephone that listens: it presses a key only after it has heard the question.

use crate::lines::config;
use crate::speech::Said;
use crate::world::{LONG, World};
use base::Ambient;
use phone::{Call, IncomingCall, IncomingCalls, Line, SipTransport, Sound};
use std::net::SocketAddr;
use tokio::sync::mpsc;

/// Silent frames of 20 ms after which a sentence is over.
const PAUSE_FRAMES: usize = 12;

pub struct Handset {
    line: Line,
    calls: IncomingCalls,
}

impl Handset {
    pub async fn new() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn at(address: SocketAddr) -> Self {
        let nowhere: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let config = config(address, nowhere, SipTransport::Udp);
        let line = Line::open(config, Ambient::system()).await.unwrap();
        let calls = line.incoming();
        Self { line, calls }
    }

    pub fn address(&self) -> SocketAddr {
        self.line.local_addr()
    }

    /// The next call that rings here.
    pub async fn rings(&mut self) -> IncomingCall {
        let call = self.is_called().await;
        call.ringing();
        call
    }

    /// The next call, of which nobody hears yet.
    pub async fn is_called(&mut self) -> IncomingCall {
        let call = tokio::time::timeout(LONG, self.calls.next());
        call.await
            .expect("it is called in time")
            .expect("the line is open")
    }

    pub async fn answers(&mut self) -> Talk {
        let call = self.rings().await.accept().await.expect("the caller still waits");
        Talk::new(call)
    }
}

/// A call that has come to its question, and the digit it asks for.
pub async fn question(world: &World, handset: &mut Handset, payment: base::PaymentId) -> (Talk, char) {
    let mut talk = handset.answers().await;
    talk.hears(Said::PressDigit).await;
    let case = world.case(payment).unwrap();
    let attempt = world.attempts(case.id).pop().unwrap();
    (talk, char::from(b'0' + attempt.proof_digit))
}

pub struct Talk {
    call: Call,
    frames: mpsc::Receiver<Vec<u8>>,
    hearing: Option<Said>,
}

impl Talk {
    pub fn new(mut call: Call) -> Self {
        let frames = call.audio();
        Self {
            call,
            frames,
            hearing: None,
        }
    }

    /// Waits until this sentence begins.
    pub async fn begins(&mut self, wanted: Said) {
        let found = tokio::time::timeout(LONG, async {
            while self.hearing != Some(wanted) {
                self.frame().await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("{wanted:?} was not said"));
    }

    /// Waits until this sentence has been said and nothing follows.
    pub async fn hears(&mut self, wanted: Said) {
        let found = tokio::time::timeout(LONG, async {
            let (mut last, mut silent) = (None, 0);
            while last != Some(wanted) || silent < PAUSE_FRAMES {
                self.frame().await;
                match self.hearing {
                    Some(said) => (last, silent) = (Some(said), 0),
                    None => silent += 1,
                }
            }
        });
        found.await.unwrap_or_else(|_| panic!("{wanted:?} was not said"));
    }

    pub async fn presses(&mut self, key: char) {
        self.call.send_digit(key).await;
    }

    /// Waits until the other side hangs up.
    pub async fn hears_them_hang_up(mut self) {
        tokio::time::timeout(LONG, self.call.ended())
            .await
            .expect("they hang up");
    }

    pub async fn hangs_up(self) {
        self.call.hang_up().await;
    }

    async fn frame(&mut self) {
        let frame = self.frames.recv().await.expect("the call goes on");
        let peak = Sound::from_ulaw(&frame)
            .samples()
            .iter()
            .map(|s| s.saturating_abs())
            .max();
        self.hearing = Said::from_loudness(peak.unwrap_or(0));
    }
}
