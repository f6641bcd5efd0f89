//! Keys that the peer presses.

use crate::peers::{Sipp, Step, config, connected, dial, number, open, our_rtp_address, tone, until};
use phone::{DialOptions, DialProgress, Hangup, Heard, PlayEnd, Sound};
use std::net::UdpSocket;
use std::time::Duration;

/// Up to the moment when the peer listens.
const ANSWERED: [Step<'_>; 4] = [
    ("invite", &[]),
    ("ringing", &[]),
    ("ok", &[("PAYLOADS", "8 101")]),
    ("ack", &[]),
];
const WITHOUT_EVENTS: Step<'_> = ("ok", &[("PAYLOADS", "0")]);
const SOON: Step<'_> = ("pause", &[("MS", "700")]);
const ONE: Step<'_> = ("play", &[("PCAP", "dtmf_2833_1.pcap")]);
const TWO: Step<'_> = ("play", &[("PCAP", "dtmf_2833_2.pcap")]);
const HUNG_UP: Step<'_> = ("hung_up", &[]);
const RELAY: (&str, &str) = ("TYPE", "application/dtmf-relay");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digit_by_telephone_event_is_heard_once() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[SOON, ONE, HUNG_UP]].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    assert_eq!(call.digit(15_000).await, Heard::Digit('1'));
    assert_eq!(call.digit(600).await, Heard::TimedOut);
    let end = call.hang_up().await;
    assert_eq!((end.by, end.stats.digits), (Hangup::Us, 1));
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digit_by_info_is_heard_once_for_its_number() {
    let press = |cseq, body| [("CSEQ", cseq), ("BODY", body), RELAY];
    let (five, again, pound) = (
        press("2", "Signal=5"),
        press("2", "Signal=5"),
        press("3", "Signal=#"),
    );
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        WITHOUT_EVENTS,
        ("ack", &[]),
        SOON,
        ("info", &five),
        ("info", &again),
        SOON,
        ("info", &pound),
        HUNG_UP,
    ])
    .await;
    let (_line, mut call) = connected(&sipp).await;
    assert_eq!(call.digit(15_000).await, Heard::Digit('5'));
    assert_eq!(call.digit(15_000).await, Heard::Digit('#'));
    assert_eq!(call.digit(300).await, Heard::TimedOut);
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_faster_than_a_hand_are_not_heard_and_the_next_one_is() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[HUNG_UP]].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    let ours = our_rtp_address(&sipp.messages());
    until("the call talks", || call.stats().sent > 0).await;
    let hand = UdpSocket::bind("127.0.0.1:0").unwrap();
    let press = |event: u8| {
        let (marked, late) = (0x80 | 101, event * 16);
        [
            0x80, marked, 0, event, 0, 0, late, 0, 0, 0, 0, 9, event, 10, 0, 160,
        ]
    };
    for event in [1, 2, 3] {
        hand.send_to(&press(event), ours).unwrap();
    }
    until("the burst is counted", || call.stats().digits_too_fast == 3).await;
    // A hand comes later than right after it.
    let sent = call.stats().sent;
    until("a moment has passed", || call.stats().sent > sent).await;
    hand.send_to(&press(4), ours).unwrap();
    assert_eq!(call.digit(15_000).await, Heard::Digit('4'));
    assert_eq!(call.hang_up().await.stats.digits, 1);
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_info_without_a_key_is_refused_with_the_reason() {
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        WITHOUT_EVENTS,
        ("ack", &[]),
        SOON,
        (
            "info",
            &[("CSEQ", "2"), ("BODY", "Signal=99"), RELAY, ("EXPECT", "400")],
        ),
        (
            "info",
            &[
                ("CSEQ", "3"),
                ("BODY", "1"),
                ("TYPE", "text/plain"),
                ("EXPECT", "415"),
            ],
        ),
        (
            "info",
            &[("CSEQ", "4"), ("BODY", "1"), ("TYPE", "application/dtmf")],
        ),
        HUNG_UP,
    ])
    .await;
    let (_line, mut call) = connected(&sipp).await;
    assert_eq!(call.digit(15_000).await, Heard::Digit('1'));
    until("the key is confirmed", || {
        sipp.messages().matches("SIP/2.0 200").count() == 2
    })
    .await;
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_that_comes_both_ways_is_one_press() {
    let again = [("CSEQ", "2"), ("BODY", "Signal=1"), RELAY];
    let rest = [
        SOON,
        ONE,
        ("pause", &[("MS", "500")]),
        ("info", &again),
        TWO,
        HUNG_UP,
    ];
    let sipp = Sipp::listening(&[&ANSWERED[..], &rest].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    assert_eq!(call.digit(15_000).await, Heard::Digit('1'));
    assert_eq!(call.digit(15_000).await, Heard::Digit('2'));
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digit_ends_a_prompt_that_allows_it() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[SOON, TWO, HUNG_UP]].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    assert_eq!(call.play_until_digit(tone(30_000)).await, Heard::Digit('2'));
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digit_during_a_prompt_that_forbids_it_is_forgotten() {
    let later = ("pause", &[("MS", "3000")][..]);
    let sipp = Sipp::listening(&[&ANSWERED[..], &[SOON, ONE, later, TWO, HUNG_UP]].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    // The digit is there before the prompt ends, however slow the machine is.
    while call.stats().digits == 0 {
        assert_eq!(call.play(Sound::silence(100)).await, PlayEnd::Played);
    }
    assert_eq!(call.play(Sound::silence(300)).await, PlayEnd::Played);
    assert_eq!(call.digit(15_000).await, Heard::Digit('2'));
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn digits_in_early_media_are_not_heard() {
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        ("progress", &[("PAYLOADS", "8 101")]),
        SOON,
        ONE,
        ("pause", &[("MS", "1500")]),
        ("ok", &[("PAYLOADS", "8 101")]),
        ("ack", &[]),
        ("pause", &[("MS", "1000")]),
        TWO,
        HUNG_UP,
    ])
    .await;
    let line = open(config(sipp.address)).await;
    let mut dialing = line.dial(&number(), DialOptions::default()).await;
    assert_eq!(
        dialing.next_progress().await,
        Some(DialProgress::Ringing { early_media: true })
    );
    let mut call = dialing.answered().await.unwrap();
    assert_eq!(call.digit(15_000).await, Heard::Digit('2'));
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_rtp_is_counted_and_not_heard() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[HUNG_UP]].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    let ours = our_rtp_address(&sipp.messages());
    // The whole of 127.0.0.0/8 is this machine, but the peer described itself as 127.0.0.1.
    until("the call talks", || call.stats().sent > 0).await;
    let stranger = UdpSocket::bind("127.0.0.2:0").unwrap();
    let press = [0x80, 0x80 | 101, 0, 1, 0, 0, 0, 160, 0, 0, 0, 9, 1, 10, 0, 160];
    for _ in 0..5 {
        stranger.send_to(&press, ours).unwrap();
    }
    assert_eq!(call.digit(500).await, Heard::TimedOut);
    let friend = UdpSocket::bind("127.0.0.1:0").unwrap();
    friend.send_to(&press, ours).unwrap();
    friend.send_to(b"\x80", ours).unwrap();
    assert_eq!(call.digit(15_000).await, Heard::Digit('1'));
    let stats = call.hang_up().await.stats;
    assert_eq!((stats.from_strangers, stats.received, stats.malformed), (5, 1, 1));
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_a_port_has_spoken_no_other_port_of_that_address_is_heard() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[HUNG_UP]].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    let ours = our_rtp_address(&sipp.messages());
    until("the call talks", || call.stats().sent > 0).await;
    let [friend, stranger] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    let press = |event, ssrc| {
        [
            0x80,
            0x80 | 101,
            0,
            1,
            0,
            0,
            0,
            160,
            0,
            0,
            0,
            ssrc,
            event,
            10,
            0,
            160,
        ]
    };
    friend.send_to(&press(1, 9), ours).unwrap();
    assert_eq!(call.digit(15_000).await, Heard::Digit('1'));
    stranger.send_to(&press(2, 10), ours).unwrap();
    assert_eq!(call.digit(500).await, Heard::TimedOut);
    assert_eq!(call.hang_up().await.stats.from_strangers, 1);
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rtp_from_a_configured_range_is_heard() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[HUNG_UP]].concat()).await;
    let mut config = config(sipp.address);
    let phone::Trunk::Address { rtp_from, .. } = &mut config.trunk else {
        unreachable!()
    };
    rtp_from.push("127.0.0.0/29".parse().unwrap());
    let line = open(config).await;
    let mut call = dial(&line).await.unwrap();
    until("the call talks", || call.stats().sent > 0).await;
    let gateway = UdpSocket::bind("127.0.0.3:0").unwrap();
    gateway.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let press = [0x80, 0x80 | 101, 0, 1, 0, 0, 0, 160, 0, 0, 0, 9, 1, 10, 0, 160];
    gateway
        .send_to(&press, our_rtp_address(&sipp.messages()))
        .unwrap();
    assert_eq!(call.digit(15_000).await, Heard::Digit('1'));
    // From then on our sound goes there.
    let mut packet = [0; 300];
    assert_eq!(gateway.recv(&mut packet).unwrap(), 172);
    call.hang_up().await;
    sipp.succeeds().await;
}
