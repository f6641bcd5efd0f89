//! Opening and closing lines.

use crate::peers::{Sipp, check_digests, config, open};
use base::Ambient;
use phone::{Line, LineConfig, PhoneError, SipTransport, Trunk};
use std::net::{SocketAddr, TcpListener, UdpSocket};

#[tokio::test]
async fn an_occupied_port_is_named_with_what_to_do() {
    let nowhere: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = LineConfig {
        bind: udp.local_addr().unwrap(),
        ..config(nowhere)
    };
    let error = Line::open(taken, Ambient::system()).await.unwrap_err();
    let port = udp.local_addr().unwrap().port();
    assert_eq!(
        error.to_string(),
        format!(
            "UDP port {port} on 127.0.0.1 is already in use (by another program); set phone.bind or stop it"
        )
    );
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = LineConfig {
        bind: tcp.local_addr().unwrap(),
        ..config(nowhere)
    };
    let error = Line::open(taken, Ambient::system()).await.unwrap_err();
    assert!(
        matches!(error, PhoneError::PortInUse { protocol: "TCP", .. }),
        "{error}"
    );
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let nowhere: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let elsewhere = LineConfig {
        bind: "192.0.2.1:5060".parse().unwrap(),
        ..config(nowhere)
    };
    assert!(matches!(
        Line::open(elsewhere, Ambient::system()).await,
        Err(PhoneError::Bind { .. })
    ));
    let portless = LineConfig {
        rtp_ports: 4_001..=4_001,
        ..config(nowhere)
    };
    assert!(matches!(
        Line::open(portless, Ambient::system()).await,
        Err(PhoneError::NoRtpPorts { .. })
    ));
    let nameless = LineConfig {
        caller_number: "bank <evil>".into(),
        ..config(nowhere)
    };
    assert!(matches!(
        Line::open(nameless, Ambient::system()).await,
        Err(PhoneError::CallerNumber(_))
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_line_frees_its_ports() {
    let line = open(config("127.0.0.1:9".parse().unwrap())).await;
    let address = line.local_addr();
    line.close().await;
    let free = || UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok();
    crate::peers::until("the ports are free", free).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trunk_registers_us_and_again_before_it_expires() {
    let registrar = Sipp::listening(&[
        ("register", &[("EXPIRES", "2")]),
        ("register", &[("EXPIRES", "60")]),
        ("register", &[("EXPIRES", "0")]),
    ])
    .await;
    let mut config = config(registrar.address);
    config.trunk = Trunk::Registered {
        registrar: registrar.address.to_string(),
        username: "wallet".into(),
        password: "s3cret".into(),
        realm: None,
        transport: SipTransport::Udp,
        expires_secs: 60,
        rtp_from: vec![],
    };
    let line = open(config).await;
    assert!(line.registered(20_000).await, "{:?}", line.status());
    crate::peers::until("it registers again", || {
        registrar.messages().matches("expires=60").count() == 1
    })
    .await;
    assert_eq!(line.status().last_error, None);
    line.close().await;
    let heard = registrar.messages();
    assert_eq!(check_digests(&heard, "REGISTER"), 3);
    registrar.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trunk_that_does_not_know_us_is_reported() {
    let registrar = Sipp::listening(&[("register", &[("EXPIRES", "60"), ("STATUS", "403 Forbidden")])]).await;
    let mut config = crate::peers::with_credentials("wrong");
    if let Trunk::Registered { registrar: host, .. } = &mut config.trunk {
        *host = registrar.address.to_string();
    }
    let line = open(config).await;
    crate::peers::until("the refusal is known", || line.status().last_error.is_some()).await;
    let status = line.status();
    assert!(!status.registered && status.last_error.unwrap().contains("403"));
}
