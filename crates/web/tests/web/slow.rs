//! Bodies that come too slowly or are too large, over a real connection.

use crate::api::{Api, PLENTY};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use web::RequestLimits;

/// Serves the API on a port of its own.
fn served() -> (Api, SocketAddr) {
    let api = Api::limited(RequestLimits {
        body_ms: 300,
        ..PLENTY
    });
    let listener = api
        .runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    api.runtime.spawn(web::serve(
        listener,
        api.router.clone(),
        false,
        std::future::pending(),
    ));
    (api, address)
}

/// Sends the head, then a byte whenever the other side is silent for a moment, until it closes.
fn trickled(address: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(40))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4_096];
    for _ in 0..1_500 {
        match stream.read(&mut piece) {
            Ok(0) => return String::from_utf8(answer).unwrap(),
            Ok(length) => answer.extend_from_slice(&piece[..length]),
            Err(problem) if matches!(problem.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                // Once it has answered it may close at any time.
                let _ = stream.write_all(b" ");
            }
            Err(_) => return String::from_utf8(answer).unwrap(),
        }
    }
    panic!("nobody cut it off: {}", String::from_utf8_lossy(&answer));
}

#[test]
fn a_body_that_trickles_in_is_cut() {
    let (_api, address) = served();
    let head = "POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\naccept-language: en\r\n\
        content-type: application/json\r\ncontent-length: 9000\r\n\r\n{";
    let answer = trickled(address, head);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(
        answer.contains("The request was not complete in time"),
        "{answer}"
    );
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let (_api, address) = served();
    let head = "POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\naccept-language: zh-CN\r\n\
        content-type: application/json\r\ncontent-length: 9000000\r\n\r\n{";
    let answer = trickled(address, head);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("64 KB"), "{answer}");
    // Nor is one that does not say how large it is.
    let piece = "x".repeat(0x8000);
    let head = format!(
        "POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\n\r\n8000\r\n{piece}\r\n8000\r\n{piece}\r\n8000\r\n{piece}\r\n"
    );
    let answer = trickled(address, &head);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}
