//! Keys that the peer presses.

use crate::peers::{Sipp, connected};
use phone::{Hangup, Heard, PlayEnd, Sound};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digit_by_telephone_event_is_heard_once() {
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        ("ringing", &[]),
        ("ok", &[("PAYLOADS", "8 101")]),
        ("ack", &[]),
        ("pause", &[("MS", "300")]),
        ("play", &[("PCAP", "dtmf_2833_1.pcap")]),
        ("hung_up", &[]),
    ])
    .await;
    let (_line, mut call) = connected(&sipp).await;
    assert_eq!(call.play(Sound::silence(60)).await, PlayEnd::Played);
    assert_eq!(call.digit(15_000).await, Heard::Digit('1'));
    assert_eq!(call.digit(600).await, Heard::TimedOut);
    let end = call.hang_up().await;
    assert_eq!((end.by, end.stats.digits), (Hangup::Us, 1));
    sipp.succeeds().await;
}
