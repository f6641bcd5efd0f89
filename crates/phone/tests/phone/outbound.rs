//! Calls that do not come about, and how those that do end.

use crate::peers::{
    LONG, Sipp, Step, check_digests, config, connected, dial, free_ports, number, open, tone, until,
    with_credentials,
};
use phone::{DialFailure, DialOptions, DialProgress, Hangup, Heard, PlayEnd, SipTransport, Trunk};
use std::net::UdpSocket;

const ANSWERED: [Step<'_>; 3] = [("invite", &[]), ("ok", &[]), ("ack", &[])];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_has_its_meaning() {
    for (status, failure) in [
        ("486 Busy Here", DialFailure::Busy),
        ("600 Busy Everywhere", DialFailure::Busy),
        ("603 Decline", DialFailure::Declined),
        ("404 Not Found", DialFailure::WrongNumber),
        (
            "480 Temporarily Unavailable",
            DialFailure::Unreachable { status: 480 },
        ),
        ("503 Service Unavailable", DialFailure::Refused { status: 503 }),
        ("500 Server Internal Error", DialFailure::Refused { status: 500 }),
        ("403 Forbidden", DialFailure::Refused { status: 403 }),
        ("488 Not Acceptable Here", DialFailure::Refused { status: 488 }),
    ] {
        let sipp = Sipp::listening(&[("invite", &[]), ("refuse", &[("STATUS", status)])]).await;
        let line = open(config(sipp.address)).await;
        assert_eq!(dial(&line).await.unwrap_err(), failure, "{status}");
        assert_eq!(line.status().calls, 0);
        sipp.succeeds().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_after_it_rang_is_the_telephones_and_not_the_trunks() {
    let refusal = ("refuse", &[("STATUS", "503 Service Unavailable")][..]);
    let sipp = Sipp::listening(&[("invite", &[]), ("ringing", &[]), refusal]).await;
    let line = open(config(sipp.address)).await;
    let failure = dial(&line).await.unwrap_err();
    assert_eq!(failure, DialFailure::Unreachable { status: 503 });
    assert_eq!(line.status().last_error, None);
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_nobody_answers_is_cancelled() {
    let sipp = Sipp::listening(&[("invite", &[]), ("ringing", &[]), ("cancelled", &[])]).await;
    let line = open(phone::LineConfig {
        ring_timeout_ms: 1_200,
        ..config(sipp.address)
    })
    .await;
    assert_eq!(dial(&line).await.unwrap_err(), DialFailure::NoAnswer);
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_dropped_while_it_rings_is_cancelled() {
    let sipp = Sipp::listening(&[("invite", &[]), ("ringing", &[]), ("cancelled", &[])]).await;
    let line = open(config(sipp.address)).await;
    let mut dialing = line.dial(&number(), DialOptions::default()).await;
    assert_eq!(
        dialing.next_progress().await,
        Some(DialProgress::Ringing { early_media: false })
    );
    assert_eq!(line.status().calls, 1);
    drop(dialing);
    sipp.succeeds().await;
    until("the call is given back", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_call_says_so() {
    for (step, steps) in [("forwarded", 2), ("diverted", 1)] {
        let answer = [
            ("invite", &[][..]),
            (step, &[]),
            ("ok", &[]),
            ("ack", &[]),
            ("hung_up", &[]),
        ];
        let sipp = Sipp::listening(&answer).await;
        let line = open(config(sipp.address)).await;
        let mut dialing = line.dial(&number(), DialOptions::default()).await;
        let mut forwarded = false;
        for _ in 0..steps {
            forwarded |= dialing.next_progress().await == Some(DialProgress::Forwarded);
        }
        let call = dialing.answered().await.unwrap();
        assert!(forwarded && call.forwarded(), "{step}");
        call.hang_up().await;
        sipp.succeeds().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordinary_call_is_not_forwarded_and_has_our_call_id() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[("hung_up", &[])]].concat()).await;
    let line = open(config(sipp.address)).await;
    let hint = Some("attempt 7".to_owned());
    let dialing = line
        .dial(
            &number(),
            DialOptions {
                call_id_hint: hint,
                ..Default::default()
            },
        )
        .await;
    let call = dialing.answered().await.unwrap();
    assert!(!call.forwarded());
    assert_eq!(call.sip_call_id(), "huiling-attempt7");
    call.hang_up().await;
    let heard = sipp.messages();
    assert!(
        heard.contains("\"Huiling\" <sip:02012345678@127.0.0.1"),
        "{heard}"
    );
    assert!(heard.contains("INVITE sip:8613800138000@127.0.0.1"), "{heard}");
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_hangs_up_ends_the_prompt() {
    let rest = [("pause", &[("MS", "400")][..]), ("hang_up", &[("CSEQ", "2")])];
    let sipp = Sipp::listening(&[&ANSWERED[..], &rest].concat()).await;
    let (line, mut call) = connected(&sipp).await;
    assert!(!call.hung_up_by_peer());
    assert_eq!(call.play(tone(30_000)).await, PlayEnd::HungUp);
    assert!(call.hung_up_by_peer());
    assert_eq!(call.digit(5_000).await, Heard::HungUp);
    let end = call.hang_up().await;
    assert_eq!(end.by, Hangup::Peer);
    assert!(end.stats.sent > 0 && end.duration_ms < 30_000);
    sipp.succeeds().await;
    until("the call is given back", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_without_sound_from_the_peer_is_ended() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[("hung_up", &[])]].concat()).await;
    let line = open(phone::LineConfig {
        media_timeout_ms: 700,
        ..config(sipp.address)
    })
    .await;
    let mut call = dial(&line).await.unwrap();
    assert_eq!(call.play(tone(30_000)).await, PlayEnd::HungUp);
    assert_eq!(call.hang_up().await.by, Hangup::MediaTimeout);
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_owner_forgets_it_is_hung_up() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[("hung_up", &[])]].concat()).await;
    let (line, call) = connected(&sipp).await;
    drop(call);
    sipp.succeeds().await;
    until("the call is given back", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_the_line_hangs_up() {
    let sipp = Sipp::listening(&[&ANSWERED[..], &[("hung_up", &[])]].concat()).await;
    let (line, mut call) = connected(&sipp).await;
    line.close().await;
    assert_eq!(call.ended().await, Hangup::LineFailed);
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_with_an_unusable_answer_is_hung_up() {
    let body = ("BODY", "v=0\n    c=IN IP4 127.0.0.1\n    m=audio 9 RTP/AVP 18");
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        ("ok_with_body", &[body]),
        ("ack", &[]),
        ("hung_up", &[]),
    ])
    .await;
    let line = open(config(sipp.address)).await;
    assert_eq!(
        dial(&line).await.unwrap_err(),
        DialFailure::Unreachable { status: 488 }
    );
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_challenges_of_a_trunk_are_answered() {
    for (status, header) in [
        ("407 Proxy Authentication Required", "Proxy-Authenticate"),
        ("401 Unauthorized", "WWW-Authenticate"),
    ] {
        let challenge = [("STATUS", status), ("CHALLENGE", header)];
        let rest = [
            ("challenge", &challenge[..]),
            ("ok", &[]),
            ("ack", &[]),
            ("hung_up", &[]),
        ];
        let sipp = Sipp::listening(&[&[("invite", &[][..])], &rest[..]].concat()).await;
        let line = open(with_credentials("s3cret")).await;
        let uri = Some(format!("sip:138@{}", sipp.address));
        let dialing = line
            .dial(
                &number(),
                DialOptions {
                    destination_uri: uri,
                    ..Default::default()
                },
            )
            .await;
        dialing.answered().await.unwrap().hang_up().await;
        assert!(check_digests(&sipp.messages(), "INVITE") >= 1);
        sipp.succeeds().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_are_the_trunks_trouble() {
    let challenge = [
        ("STATUS", "407 Proxy Authentication Required"),
        ("CHALLENGE", "Proxy-Authenticate"),
    ];
    let again = ("refuse", &[("STATUS", "407 Proxy Authentication Required")][..]);
    let sipp = Sipp::listening(&[("invite", &[]), ("challenge", &challenge), again]).await;
    let line = open(with_credentials("guess")).await;
    let uri = Some(format!("sip:138@{}", sipp.address));
    let dialing = line
        .dial(
            &number(),
            DialOptions {
                destination_uri: uri,
                ..Default::default()
            },
        )
        .await;
    let failure = dialing.answered().await.unwrap_err();
    assert!(matches!(failure, DialFailure::TrunkDown(reason) if reason.contains("credentials")));
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_over_tcp_works_like_one_over_udp() {
    let rest = [
        ("pause", &[("MS", "700")][..]),
        ("play", &[("PCAP", "dtmf_2833_3.pcap")]),
        ("hung_up", &[]),
    ];
    let sipp = Sipp::listening_on_tcp(&[&ANSWERED[..], &rest].concat()).await;
    let mut config = config(sipp.address);
    config.trunk = Trunk::Address {
        host: sipp.address,
        transport: SipTransport::Tcp,
        rtp_from: vec![],
    };
    let line = open(config).await;
    let mut call = dial(&line).await.unwrap();
    assert_eq!(call.digit(15_000).await, Heard::Digit('3'));
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trunk_that_is_down_is_told_apart_from_a_telephone() {
    let nobody = std::net::SocketAddr::from(([127, 0, 0, 1], free_ports()));
    let mut refused = config(nobody);
    refused.trunk = Trunk::Address {
        host: nobody,
        transport: SipTransport::Tcp,
        rtp_from: vec![],
    };
    let line = open(refused).await;
    assert!(matches!(
        dial(&line).await.unwrap_err(),
        DialFailure::TrunkDown(_)
    ));
    assert!(line.status().last_error.is_some());

    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let line = open(config(silent.local_addr().unwrap())).await;
    assert!(matches!(
        dial(&line).await.unwrap_err(),
        DialFailure::TrunkDown(_)
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_takes_no_more_calls_than_it_may() {
    let sipp = Sipp::listening(&[("invite", &[]), ("ringing", &[]), ("cancelled", &[])]).await;
    let line = open(phone::LineConfig {
        max_calls: 1,
        ..config(sipp.address)
    })
    .await;
    let mut first = line.dial(&number(), DialOptions::default()).await;
    assert!(
        tokio::time::timeout(LONG, first.next_progress())
            .await
            .unwrap()
            .is_some()
    );
    let second = dial(&line).await.unwrap_err();
    assert_eq!(second, DialFailure::LineFull(1));
    drop(first);
    sipp.succeeds().await;
}

/// The answer and our CANCEL cross: the call stands, and is ended (RFC 3261 section 9.1).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telephone_that_is_picked_up_as_we_cancel_is_hung_up() {
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        ("ringing", &[]),
        ("cancelled_too_late", &[]),
        ("hung_up", &[]),
    ])
    .await;
    let line = open(phone::LineConfig {
        ring_timeout_ms: 1_200,
        ..config(sipp.address)
    })
    .await;
    assert_eq!(dial(&line).await.unwrap_err(), DialFailure::NoAnswer);
    assert_eq!(line.status().calls, 0);
    sipp.succeeds().await;
}
