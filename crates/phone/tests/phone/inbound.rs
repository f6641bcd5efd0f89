//! Calls that reach us.

use crate::peers::{LONG, Sipp, Step, config, open, until};
use phone::{DeclineReason, Hangup, Heard, IncomingCall, Line, LineConfig, PlayEnd, Sound};
use std::net::UdpSocket;

const CALL: Step<'_> = ("call", &[]);

async fn line() -> Line {
    open(config("127.0.0.1:9".parse().unwrap())).await
}

async fn next(line: &Line) -> IncomingCall {
    tokio::time::timeout(LONG, line.incoming().next())
        .await
        .expect("a call comes in")
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incoming_call_is_answered_and_heard() {
    let line = line().await;
    let mut calls = line.incoming();
    let sipp = Sipp::calling(
        &line,
        &[
            CALL,
            ("taken", &[]),
            ("pause", &[("MS", "700")]),
            ("play", &[("PCAP", "dtmf_2833_4.pcap")]),
            ("pause", &[("MS", "1500")]),
            ("goodbye", &[]),
        ],
    )
    .await;
    let incoming = calls.next().await.unwrap();
    assert_eq!(
        (incoming.from_number.as_str(), incoming.from_display.as_str()),
        ("13800138000", "Li Lei")
    );
    assert_eq!(incoming.to_number, "4001");
    incoming.ringing();
    let mut call = incoming.accept().await.unwrap();
    assert_eq!(call.digit(15_000).await, Heard::Digit('4'));
    assert_eq!(call.play(Sound::silence(30_000)).await, PlayEnd::HungUp);
    assert_eq!(call.hang_up().await.by, Hangup::Peer);
    sipp.succeeds().await;
    until("the call is given back", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incoming_call_is_declined_with_the_reason() {
    for (reason, status) in [
        (DeclineReason::Busy, "486"),
        (DeclineReason::Declined, "603"),
        (DeclineReason::Unavailable, "480"),
        (DeclineReason::UnknownNumber, "404"),
    ] {
        let line = line().await;
        let mut calls = line.incoming();
        let sipp = Sipp::calling(&line, &[CALL, ("refused", &[("EXPECT", status)])]).await;
        calls.next().await.unwrap().decline(reason);
        sipp.succeeds().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_nobody_takes_is_unavailable() {
    let line = line().await;
    Sipp::calling(&line, &[CALL, ("refused", &[("EXPECT", "480")])])
        .await
        .succeeds()
        .await;
    let mut calls = line.incoming();
    let sipp = Sipp::calling(&line, &[CALL, ("refused", &[("EXPECT", "480")])]).await;
    drop(calls.next().await.unwrap());
    sipp.succeeds().await;
}

/// A caller who leaves the offer to us (RFC 3261 section 13.2.1).
const CALL_WITHOUT_OFFER: Step<'_> = ("call_without_offer", &[]);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_without_an_offer_is_answered_with_ours() {
    let line = line().await;
    let mut calls = line.incoming();
    let sipp = Sipp::calling(
        &line,
        &[
            CALL_WITHOUT_OFFER,
            ("offered", &[]),
            ("ack_with_answer", &[("PAYLOADS", "8 101")]),
            ("pause", &[("MS", "700")]),
            ("play", &[("PCAP", "dtmf_2833_4.pcap")]),
            ("pause", &[("MS", "1500")]),
            ("goodbye", &[]),
        ],
    )
    .await;
    let incoming = calls.next().await.unwrap();
    incoming.ringing();
    let mut call = incoming.accept().await.unwrap();
    assert_eq!(call.digit(15_000).await, Heard::Digit('4'));
    assert_eq!(call.play(Sound::silence(30_000)).await, PlayEnd::HungUp);
    let end = call.hang_up().await;
    assert_eq!(end.by, Hangup::Peer);
    assert!(end.stats.sent > 0, "{:?}", end.stats);
    sipp.succeeds().await;
    until("the call is given back", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_ack_answers_our_offer_badly_is_ended() {
    let foreign = ("ack_with_answer", &[("PAYLOADS", "18")][..]);
    for ack in [("ack_without_answer", &[][..]), foreign] {
        let line = line().await;
        let mut calls = line.incoming();
        let steps = [CALL_WITHOUT_OFFER, ("offered", &[]), ack, ("hung_up", &[])];
        let sipp = Sipp::calling(&line, &steps).await;
        let answered = calls.next().await.unwrap().accept().await;
        assert!(answered.is_err(), "{}", ack.0);
        sipp.succeeds().await;
        until("the call is given back", || line.status().calls == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_without_an_offer_is_declined_like_any_other() {
    let line = line().await;
    let mut calls = line.incoming();
    let sipp = Sipp::calling(&line, &[CALL_WITHOUT_OFFER, ("refused", &[("EXPECT", "486")])]).await;
    calls.next().await.unwrap().decline(DeclineReason::Busy);
    sipp.succeeds().await;
    until("the call is given back", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_line_is_busy() {
    let line = open(LineConfig {
        max_calls: 0,
        ..config("127.0.0.1:9".parse().unwrap())
    })
    .await;
    let _calls = line.incoming();
    Sipp::calling(&line, &[CALL, ("refused", &[("EXPECT", "486")])])
        .await
        .succeeds()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_without_a_common_codec_is_not_acceptable() {
    let line = line().await;
    let _calls = line.incoming();
    let foreign = ("call", &[("PAYLOADS", "18")][..]);
    Sipp::calling(&line, &[foreign, ("refused", &[("EXPECT", "488")])])
        .await
        .succeeds()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_gives_up_cancels_the_call() {
    let line = line().await;
    let sipp = {
        let mut calls = line.incoming();
        let sipp = Sipp::calling(&line, &[CALL, ("cancel", &[])]).await;
        let mut incoming = calls.next().await.unwrap();
        incoming.ringing();
        tokio::time::timeout(LONG, incoming.cancelled())
            .await
            .expect("the caller gives up");
        assert!(incoming.accept().await.is_err());
        sipp
    };
    sipp.succeeds().await;
    until("the call is given back", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn options_are_answered() {
    let line = line().await;
    Sipp::calling(&line, &[("options", &[])]).await.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_survives_what_is_not_sip() {
    let line = line().await;
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let invite = "INVITE sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\n\
        From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: broken\r\nCSeq: 1 INVITE\r\n\
        Contact: <sip:a@127.0.0.1:9>\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n";
    for cut in 0..invite.len() {
        stranger
            .send_to(&invite.as_bytes()[..cut], line.local_addr())
            .unwrap();
        let mut bent = invite.as_bytes().to_vec();
        bent[cut] ^= 0x15;
        bent.rotate_left(cut % 7);
        stranger.send_to(&bent, line.local_addr()).unwrap();
    }
    for noise in [
        &b"\0\0\0\0"[..],
        b"\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        &[0xff; 1_400],
    ] {
        stranger.send_to(noise, line.local_addr()).unwrap();
    }
    Sipp::calling(&line, &[("options", &[])]).await.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_over_receiver_gets_the_calls() {
    let line = line().await;
    let mut old = line.incoming();
    let caller = Sipp::calling(&line, &[CALL, ("refused", &[("EXPECT", "603")])]);
    let (sipp, incoming) = tokio::join!(caller, next(&line));
    incoming.decline(DeclineReason::Declined);
    sipp.succeeds().await;
    assert!(old.next().await.is_none());
}
