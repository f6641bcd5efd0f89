//! What is not SIP, or not a call of ours: named, and nobody else is disturbed.

use crate::peers::{LONG, Sipp, Step, config, connected, open, our_rtp_address, until};
use phone::{Heard, Line};
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

const ANSWERED: [Step<'_>; 4] = [
    ("invite", &[]),
    ("ok", &[("PAYLOADS", "0")]),
    ("ack", &[]),
    ("hung_up", &[]),
];
const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n";

/// A telephone made of one socket.
fn telephone(address: &str) -> UdpSocket {
    let socket = UdpSocket::bind((address, 0)).unwrap();
    socket.set_read_timeout(Some(LONG)).unwrap();
    socket
}

/// The status of the final answer to a request.
fn answer(socket: &UdpSocket, to: SocketAddr, request: &str) -> u16 {
    socket.send_to(request.as_bytes(), to).unwrap();
    let mut packet = [0; 4_096];
    loop {
        let (length, _) = socket.recv_from(&mut packet).expect("an answer");
        let text = String::from_utf8_lossy(&packet[..length]);
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status: u16 = status.unwrap_or_else(|| panic!("no answer: {text}"));
        if status >= 200 {
            return status;
        }
    }
}

fn invite(from: &UdpSocket, number: usize, body: &str) -> String {
    let ours = from.local_addr().unwrap();
    format!(
        "INVITE sip:4001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {ours};branch=z9hG4bK-bad-{number}\r\n\
         From: <sip:138@{ours}>;tag=t{number}\r\nTo: <sip:4001@127.0.0.1>\r\nCall-ID: bad-{number}\r\nCSeq: 1 INVITE\r\n\
         Max-Forwards: 70\r\nContact: <sip:138@{ours}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn still_answers(line: &Line) {
    Sipp::calling(line, &[("options", &[])]).await.succeeds().await;
    until("no call is left", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_description_is_nonsense_is_refused() {
    let line = open(config("127.0.0.1:9".parse().unwrap())).await;
    let mut calls = line.incoming();
    let caller = telephone("127.0.0.1");
    let long = format!("{SDP}a={}\r\n", "x".repeat(1_000));
    let bodies = [
        "v=0\r\n".to_owned(),
        "\0\0\0\0".into(),
        SDP.replace("m=audio 9000", "m=audio 99999"),
        SDP.replace("m=audio 9000", "m=audio -1"),
        SDP.replace("m=audio", "m=video"),
        SDP.replace("RTP/AVP 0", "RTP/AVP"),
        SDP.replace("RTP/AVP 0", "RTP/SAVP 0"),
        SDP.replace("IN IP4 127.0.0.1\r\nt", "IN IP4 999.0.0.1\r\nt"),
        SDP.replace("c=IN IP4 127.0.0.1\r\n", ""),
        SDP.replace("RTP/AVP 0", &format!("RTP/AVP {}", "18 ".repeat(200))),
        long.replace("m=audio 9000", "m=audio x"),
    ];
    for (number, body) in bodies.iter().enumerate() {
        let status = tokio::task::block_in_place(|| {
            answer(&caller, line.local_addr(), &invite(&caller, number, body))
        });
        assert!((400..500).contains(&status), "{status} for {body:?}");
    }
    let nobody = tokio::time::timeout(Duration::from_millis(100), calls.next()).await;
    assert!(nobody.is_err(), "none of them rang");
    still_answers(&line).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_carries_no_sip_disturbs_nobody() {
    let line = open(config("127.0.0.1:9".parse().unwrap())).await;
    let noise = [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"INVITE sip:x SIP/2.0\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"INVITE sip:x SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        &[0xff; 70_000],
    ];
    let open: Vec<TcpStream> = noise
        .iter()
        .map(|noise| {
            let mut stream = TcpStream::connect(line.local_addr()).unwrap();
            // It may be cut off in the middle of it.
            let _ = stream.write_all(noise);
            stream
        })
        .collect();
    still_answers(&line).await;
    drop(open);
    still_answers(&line).await;
}

/// The first line of a message that begins so.
fn header<'m>(messages: &'m str, name: &str, has: &str) -> &'m str {
    let lines = messages.lines().map(str::trim);
    let mut found = lines
        .filter_map(|line| line.strip_prefix(name))
        .filter(|rest| rest.contains(has));
    found
        .next()
        .unwrap_or_else(|| panic!("no {name} {has} in {messages}"))
        .trim()
}

/// A request of the peer's in this very call, as whoever has read its packets can write it.
fn request(method: &str, number: u32, messages: &str, from: &UdpSocket, body: &str) -> String {
    let (ours, peers) = (header(messages, "From:", "tag="), header(messages, "To:", "tag="));
    let call_id = header(messages, "Call-ID:", "");
    let via = from.local_addr().unwrap();
    format!(
        "{method} sip:wallet@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bK-{method}-{number}-{}\r\n\
         From: {peers}\r\nTo: {ours}\r\nCall-ID: {call_id}\r\nCSeq: {number} {method}\r\nMax-Forwards: 70\r\n\
         Contact: <sip:{via}>\r\nContent-Type: application/dtmf-relay\r\nContent-Length: {}\r\n\r\n{body}",
        via.port(),
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_knows_the_call_presses_no_key_and_does_not_end_it() {
    let sipp = Sipp::listening(&ANSWERED).await;
    let (line, mut call) = connected(&sipp).await;
    // SIPp tells of its answer after it has sent it.
    let has_answered = |line: &str| line.starts_with("To:") && line.contains("tag=");
    until("SIPp has told of its answer", || {
        sipp.messages().lines().any(has_answered)
    })
    .await;
    let heard = sipp.messages();
    assert!(our_rtp_address(&heard).port() > 0);
    let (stranger, friend) = (telephone("127.0.0.2"), telephone("127.0.0.1"));
    let key = "Signal=5\r\nDuration=160\r\n";
    let ask = |who: &UdpSocket, method: &str, number, body: &str| {
        let request = request(method, number, &heard, who, body);
        tokio::task::block_in_place(|| answer(who, line.local_addr(), &request))
    };
    assert_eq!(ask(&stranger, "INFO", 2, key), 403);
    assert_eq!(ask(&stranger, "BYE", 3, ""), 403);
    assert_eq!(call.digit(300).await, Heard::TimedOut);
    assert!(!call.hung_up_by_peer());
    // The same words from where the telephone is are good ones.
    assert_eq!(ask(&friend, "INFO", 4, key), 200);
    assert_eq!(call.digit(15_000).await, Heard::Digit('5'));
    call.hang_up().await;
    sipp.succeeds().await;
}
