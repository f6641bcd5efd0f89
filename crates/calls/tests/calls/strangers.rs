//! Telephone-events with the right digits, sent by somebody who is not the telephone that answered.

use crate::after::{AMOUNT, After};
use crate::engines::on_both;
use crate::sipp::{Does, Sipp, free_address};
use Does::{Answers, IsHungUp, Rings, Speaks, Waits};
use calls::transcripts::Heard;
use calls::{CallPolicy, Disposition};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

fn impatient(policy: &mut CallPolicy) {
    policy.max_attempts = 1;
    policy.ring_ms = 15_000;
    policy.answer_ms = 3_000;
}

/// Where we expect sound, as SIPp was told.
fn our_rtp_address(sipp: &Sipp) -> Option<SocketAddr> {
    let messages = sipp.messages();
    let media = messages
        .lines()
        .find_map(|line| line.trim().strip_prefix("m=audio "))?;
    let port = media.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::from(([127, 0, 0, 1], port)))
}

/// One press (RFC 4733 section 2.3): three packets of the tone, three of its end.
fn press(from: &UdpSocket, to: SocketAddr, ssrc: u32, key: char, number: u32) {
    let event = key.to_digit(10).unwrap() as u8;
    for packet in 0..6u32 {
        let sequence = (number * 6 + packet) as u16;
        let mut bytes = vec![0x80, if packet == 0 { 0x80 | 101 } else { 101 }];
        bytes.extend_from_slice(&sequence.to_be_bytes());
        bytes.extend_from_slice(&(number * 8_000).to_be_bytes());
        bytes.extend_from_slice(&ssrc.to_be_bytes());
        let duration = ((packet.min(3) + 1) * 160) as u16;
        bytes.extend_from_slice(&[event, if packet >= 3 { 0x8a } else { 10 }]);
        bytes.extend_from_slice(&duration.to_be_bytes());
        from.send_to(&bytes, to).unwrap();
    }
}

#[test]
fn the_right_digits_from_another_address_or_port_do_nothing() {
    on_both(impatient, async |world| {
        let address = free_address();
        let _dialer = world.dialer(address).await;
        let payment = world.hold(AMOUNT);
        let digit = world.proof_digit(payment, 1).await;
        let sipp = Sipp::start(address, &[Rings, Answers, Speaks(30), IsHungUp]).await;
        crate::world::until("we talk", || world.said(payment, "payment-greeting")).await;
        let ours = our_rtp_address(&sipp).unwrap();
        // The whole of 127.0.0.0/8 is this machine. Another port of the telephone's own address is the
        // harder case: there only the port that spoke first is believed.
        let strangers = ["127.0.0.2:0", "127.0.0.1:0"].map(|from| UdpSocket::bind(from).unwrap());
        let mut number = 0;
        while world.case(payment).unwrap().outcome.is_none() {
            for (stranger, ssrc) in strangers.iter().zip([0xbad_0001, 0xbad_0002]) {
                number += 2;
                press(stranger, ours, ssrc, digit, number);
                press(stranger, ours, ssrc, '1', number + 1);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        world.concluded(payment).await;
        drop(sipp);
        After::waits(Disposition::Silent).check(&world, payment);
        assert_eq!(world.keys(payment), [Heard::Silence; 2]);
        assert!(number > 20, "they tried: {number}");
    });
}

/// The same packets, so that they are known to be good ones, from a telephone whose network has
/// moved its port: it is the first that speaks.
#[test]
fn a_telephone_that_speaks_from_another_port_than_it_said_is_believed() {
    on_both(impatient, async |world| {
        let address = free_address();
        let _dialer = world.dialer(address).await;
        let payment = world.hold(AMOUNT);
        let digit = world.proof_digit(payment, 1).await;
        let sipp = Sipp::start(address, &[Rings, Answers, Waits(1_200), IsHungUp]).await;
        crate::world::until("we ask", || world.said(payment, "press-n")).await;
        let ours = our_rtp_address(&sipp).unwrap();
        let telephone = UdpSocket::bind("127.0.0.1:0").unwrap();
        press(&telephone, ours, 7, digit, 1);
        crate::world::until("we ask again", || world.said(payment, "payment-choices")).await;
        press(&telephone, ours, 7, '1', 2);
        world.concluded(payment).await;
        sipp.succeeds().await;
        After::PAID.check(&world, payment);
        assert_eq!(world.keys(payment), [Heard::Proof, Heard::Choice('1')]);
    });
}
