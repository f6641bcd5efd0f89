//! The payment call through trunks that ask for credentials, are down, or do not answer.

use crate::after::{AMOUNT, After};
use crate::engines::on_both;
use crate::handset::{Handset, question};
use crate::lines::{config, line, line_over_tcp};
use crate::sipp::{Does, Sipp, free_address};
use crate::speech::Said;
use crate::world::{World, until};
use Does::{Answers, Challenges, IsHungUp, Presses, Rings, Waits};
use base::Ambient;
use calls::CallPolicy;
use calls::status::LineState;
use md5::{Digest, Md5};
use phone::{Line, LineConfig, SipTransport, Trunk};
use std::net::{SocketAddr, UdpSocket};

const PASSWORD: &str = "s3cret";

fn with_credentials(registrar: SocketAddr) -> LineConfig {
    let trunk = Trunk::Registered {
        registrar: registrar.to_string(),
        username: "wallet".into(),
        password: PASSWORD.into(),
        realm: None,
        transport: SipTransport::Udp,
        expires_secs: 60,
        rtp_from: vec![],
    };
    LineConfig {
        trunk,
        ..config("127.0.0.1:0".parse().unwrap(), registrar, SipTransport::Udp)
    }
}

/// Computes each answer to a challenge anew (RFC 2617 section 3.2.2); returns how many there were.
fn check_digests(messages: &str, method: &str) -> usize {
    let md5 = |text: String| data_encoding::HEXLOWER.encode(&Md5::digest(text.as_bytes()));
    let mut answers = 0;
    for line in messages
        .lines()
        .filter(|line| line.contains("uthorization: Digest "))
    {
        let part = |name: &str| {
            let (_, rest) = line.split_once(&format!(" {name}=")).expect(name);
            let value = rest.split(',').next().unwrap_or_default();
            value.trim().trim_matches('"').to_owned()
        };
        let ours = md5(format!("{}:{}:{PASSWORD}", part("username"), part("realm")));
        let request = md5(format!("{method}:{}", part("uri")));
        let (nonce, count, cnonce) = (part("nonce"), part("nc"), part("cnonce"));
        let expected = md5(format!("{ours}:{nonce}:{count}:{cnonce}:auth:{request}"));
        assert_eq!(part("response"), expected, "{line}");
        answers += 1;
    }
    answers
}

#[test]
fn a_trunk_that_challenges_registration_and_call_carries_the_call() {
    on_both(
        |policy| {
            policy.answer_ms = 12_000;
            policy.ring_ms = 15_000;
        },
        async |world| {
            let address = free_address();
            let registrar = Sipp::registrar(address).await;
            let line = Line::open(with_credentials(address), Ambient::system())
                .await
                .unwrap();
            assert!(line.registered(20_000).await, "{:?}", line.status());
            assert_eq!(check_digests(&registrar.messages(), "REGISTER"), 1);
            registrar.succeeds().await;

            let _dialer = world.dialer_on(line);
            let payment = world.hold(AMOUNT);
            let digit = world.proof_digit(payment, 1).await;
            let heard = Waits(4_000);
            let does = [
                Challenges,
                Rings,
                Answers,
                heard,
                Presses(digit),
                heard,
                Presses('1'),
                IsHungUp,
            ];
            let sipp = Sipp::start(address, &does).await;
            world.concluded(payment).await;
            assert!(check_digests(&sipp.messages(), "INVITE") >= 1);
            sipp.succeeds().await;
            After::PAID.check(&world, payment);
        },
    );
}

/// Longer than a silent trunk is given for its first reply.
fn patient(policy: &mut CallPolicy) {
    policy.ring_ms = 15_000;
}

/// Down, known to be down, and paid as soon as the trunk is back: no attempt was counted meanwhile.
async fn comes_back(world: World, line: Line, address: SocketAddr, silence: Option<UdpSocket>) {
    let dialer = world.dialer_on(line);
    let payment = world.hold(AMOUNT);
    until("the line is known to be down", || {
        let failed = world.case(payment).is_some_and(|case| case.line_failures > 0);
        failed && dialer.health().line == LineState::Down
    })
    .await;
    assert!(dialer.health().line_error.is_some());
    assert_eq!(world.case(payment).unwrap().attempts, 0);
    crate::after::check_ledger(&world, payment, money::payments::PaymentState::Held);
    drop(silence);
    let mut handset = Handset::at(address).await;
    let (mut talk, digit) = question(&world, &mut handset, payment).await;
    assert_eq!(dialer.health().line, LineState::Up);
    talk.presses(digit).await;
    talk.hears(Said::Choices).await;
    talk.presses('1').await;
    talk.hears_them_hang_up().await;
    let case = world.concluded(payment).await;
    assert_eq!(case.attempts, 1, "only the call that rang counts");
    After::PAID.check(&world, payment);
}

#[test]
fn a_trunk_that_refuses_connections_is_visible_and_the_call_is_placed_when_it_is_back() {
    on_both(patient, async |world| {
        let address = free_address();
        comes_back(world, line_over_tcp(address).await, address, None).await;
    });
}

#[test]
fn a_trunk_that_does_not_answer_is_visible_and_the_call_is_placed_when_it_is_back() {
    on_both(patient, async |world| {
        let address = free_address();
        let silence = UdpSocket::bind(address).unwrap();
        comes_back(world, line(address).await, address, Some(silence)).await;
    });
}
