//! The payment call against SIPp: every way a telephone can behave. SIPp cannot hear a question,
//! so it waits longer than any question takes, and the caller is patient.

use crate::after::After;
use crate::engines::on_both;
use crate::sipp::{Does, Sipp, free_address};
use crate::world::World;
use Does::{
    AgreesOn30Ms, Answers, HangsUp, IsCancelled, IsForwarded, IsHungUp, PlaysEarlyMedia, Presses,
    PressesByInfo, Refuses, Rings, Waits,
};
use base::PaymentId;
use calls::cases::{Case, CaseOutcome, Happening};
use calls::transcripts::{Heard, Line, What};
use calls::{CallPolicy, Disposition};

/// Longer than a question takes on a busy machine.
const HEARD: Does = Waits(4_000);

fn patient(policy: &mut CallPolicy) {
    policy.answer_ms = 12_000;
    policy.app_answer_ms = 12_000;
    policy.max_attempts = 1;
    policy.ring_ms = 15_000;
}

/// Holds a payment, and lets SIPp be the telephone that is called about it. The digit of the
/// question is known once the attempt is committed; SIPp begins to listen then, and the INVITE
/// that found nobody is repeated.
async fn called(world: &World, after: After, does: impl Fn(char) -> Vec<Does>) -> (PaymentId, Case) {
    let address = free_address();
    let dialer = world.dialer(address).await;
    let payment = world.hold(crate::after::AMOUNT);
    let digit = world.proof_digit(payment, 1).await;
    let sipp = Sipp::start(address, &does(digit)).await;
    let case = world.concluded(payment).await;
    sipp.succeeds().await;
    after.check(world, payment);
    dialer.stop().await;
    (payment, case)
}

#[test]
fn keys_as_rtp_events_pay_after_early_media_that_counts_for_nothing() {
    on_both(patient, async |world| {
        let (payment, _) = called(&world, After::PAID, |digit| {
            vec![
                PlaysEarlyMedia,
                Presses('1'),
                Waits(500),
                Answers,
                HEARD,
                Presses(digit),
                HEARD,
                Presses('1'),
                IsHungUp,
            ]
        })
        .await;
        assert_eq!(world.keys(payment), [Heard::Proof, Heard::Choice('1')]);
    });
}

#[test]
fn keys_by_info_pay() {
    on_both(patient, async |world| {
        let (_, case) = called(&world, After::PAID, |digit| {
            vec![
                Rings,
                Answers,
                HEARD,
                PressesByInfo(digit, 1),
                HEARD,
                PressesByInfo('1', 2),
                IsHungUp,
            ]
        })
        .await;
        assert!(world.happened(case.id, Happening::Ringing));
    });
}

#[test]
fn repeat_and_then_one_pay_in_packets_of_30_ms() {
    on_both(patient, async |world| {
        let (payment, _) = called(&world, After::PAID, |digit| {
            vec![
                Rings,
                AgreesOn30Ms,
                HEARD,
                Presses(digit),
                HEARD,
                Presses('9'),
                HEARD,
                Presses('1'),
                IsHungUp,
            ]
        })
        .await;
        let expected = [Heard::Proof, Heard::Choice('9'), Heard::Choice('1')];
        assert_eq!(world.keys(payment), expected);
    });
}

#[test]
fn a_one_that_comes_before_its_question_pays_nothing() {
    on_both(patient, async |world| {
        let (payment, case) = called(&world, After::waits(Disposition::HungUp), |digit| {
            vec![
                Rings,
                Answers,
                Presses('1'),
                HEARD,
                Presses(digit),
                Waits(100),
                Presses('1'),
                HEARD,
                HangsUp,
            ]
        })
        .await;
        assert!(world.happened(case.id, Happening::DetailsPlayed));
        let heard = world.keys(payment);
        assert!(!heard.contains(&Heard::Choice('1')), "{heard:?}");
        assert!(heard.contains(&Heard::TooEarly), "{heard:?}");
    });
}

#[test]
fn wrong_keys_end_the_call() {
    on_both(patient, async |world| {
        let (payment, _) = called(&world, After::waits(Disposition::WrongKeys), |digit| {
            let wrong = if digit == '3' { '4' } else { '3' };
            vec![
                Rings,
                Answers,
                HEARD,
                Presses(wrong),
                HEARD,
                Presses('1'),
                HEARD,
                Presses(wrong),
                IsHungUp,
            ]
        })
        .await;
        assert_eq!(world.keys(payment), [Heard::WrongKey; 3]);
    });
}

#[test]
fn two_stops_the_payment() {
    on_both(patient, async |world| {
        called(&world, After::STOPPED, |digit| {
            vec![
                Rings,
                Answers,
                HEARD,
                Presses(digit),
                HEARD,
                Presses('2'),
                IsHungUp,
            ]
        })
        .await;
    });
}

#[test]
fn nothing_pressed_pays_nothing() {
    on_both(
        |policy| {
            patient(policy);
            policy.answer_ms = 1_500;
        },
        async |world| {
            let (payment, _) = called(&world, After::waits(Disposition::Silent), |_| {
                vec![Rings, Answers, IsHungUp]
            })
            .await;
            assert_eq!(world.keys(payment), [Heard::Silence; 2]);
        },
    );
}

#[test]
fn later_is_called_later() {
    on_both(
        |policy| {
            patient(policy);
            policy.max_attempts = 2;
            policy.later_ms = 1_000;
        },
        async |world| {
            let address = free_address();
            let _dialer = world.dialer(address).await;
            let payment = world.hold(crate::after::AMOUNT);
            for (number, key) in [(1, '8'), (2, '1')] {
                let digit = world.proof_digit(payment, number).await;
                let does = [
                    Rings,
                    Answers,
                    HEARD,
                    Presses(digit),
                    HEARD,
                    Presses(key),
                    IsHungUp,
                ];
                let sipp = Sipp::start(address, &does).await;
                sipp.succeeds().await;
            }
            let case = world.concluded(payment).await;
            After::PAID.check(&world, payment);
            let first = &world.attempts(case.id)[0];
            assert_eq!(first.disposition, Some(Disposition::Later));
            assert!(world.happened(case.id, Happening::Booked));
        },
    );
}

#[test]
fn a_forwarded_call_never_pays_by_key() {
    on_both(patient, async |world| {
        let (payment, case) = called(&world, After::waits(Disposition::HungUp), |digit| {
            vec![
                IsForwarded,
                Rings,
                Answers,
                HEARD,
                Presses(digit),
                HEARD,
                Presses('1'),
                Waits(1_500),
                HangsUp,
            ]
        })
        .await;
        assert!(world.happened(case.id, Happening::Forwarded));
        assert!(world.happened(case.id, Happening::DetailsPlayed));
        let arrived = world.keys(payment).contains(&Heard::Choice('1'));
        assert!(arrived, "the key arrived and counted for nothing");
    });
}

#[test]
fn a_redirection_is_not_followed() {
    on_both(patient, async |world| {
        // Where the customer's number is said to have moved: nobody may be called there.
        let elsewhere = Sipp::start(free_address(), &[Rings, Answers, IsHungUp]).await;
        let moved = format!("302 Moved Temporarily\nContact: <sip:138@{}>", elsewhere.address);
        let moved: &'static str = moved.leak();
        called(&world, After::waits(Disposition::Unreachable), |_| {
            vec![Refuses(moved)]
        })
        .await;
        assert!(
            !elsewhere.messages().contains("INVITE"),
            "{}",
            elsewhere.messages()
        );
    });
}

#[test]
fn a_busy_line_is_a_warning_sign() {
    on_both(patient, async |world| {
        let (payment, _) = called(&world, After::waits(Disposition::Busy), |_| {
            vec![Refuses("486 Busy Here")]
        })
        .await;
        let evidence = money::payments::KeypadEvidence {
            phone_since: base::Timestamp(0),
            device_since: Some(base::Timestamp(0)),
            forwarded: false,
        };
        let (ambient, policy) = (world.ambient.clone(), world.money.clone());
        let rule = world.read(move |tx| {
            Ok(money::payments::keypad_allowed(tx, &ambient, &policy, payment, &evidence).unwrap())
        });
        let sign = money::payments::KeypadObstacle::WarningSign;
        assert_eq!(rule, money::payments::KeypadRule::SignInApp(vec![sign]));
    });
}

#[test]
fn a_declined_call_and_a_wrong_number_are_told_apart() {
    on_both(patient, async |world| {
        let declined = After::waits(Disposition::Declined);
        called(&world, declined, |_| vec![Refuses("603 Decline")]).await;
    });
    on_both(patient, async |world| {
        let wrong = After {
            outcome: CaseOutcome::WrongNumber,
            ..After::waits(Disposition::WrongNumber)
        };
        called(&world, wrong, |_| vec![Refuses("404 Not Found")]).await;
    });
}

#[test]
fn a_telephone_that_nobody_answers_is_cancelled() {
    on_both(
        |policy| {
            patient(policy);
            policy.ring_ms = 3_000;
        },
        async |world| {
            called(&world, After::waits(Disposition::NoAnswer), |_| {
                vec![Rings, IsCancelled]
            })
            .await;
        },
    );
}

#[test]
fn hanging_up_in_the_middle_of_the_details_moves_nothing() {
    on_both(patient, async |mut world| {
        world.voice = crate::speech::slow_voice();
        // The question ends after 9.5 s; then come the words and the details.
        let (payment, case) = called(&world, After::waits(Disposition::HungUp), |digit| {
            vec![
                Rings,
                Answers,
                Waits(10_500),
                Presses(digit),
                Waits(4_500),
                HangsUp,
            ]
        })
        .await;
        let transcript = world.transcript(payment);
        let last = transcript.iter().rev().find_map(|entry| match &entry.what {
            What::Said { line, whole, .. } => Some((matches!(line, Line::Payment { .. }), *whole)),
            What::Heard(_) => None,
        });
        assert_eq!(last, Some((true, false)), "{transcript:?}");
        assert!(!world.happened(case.id, Happening::DetailsPlayed));
    });
}

#[test]
fn hanging_up_in_the_middle_of_the_greeting_leaves_a_recording_without_consent() {
    on_both(patient, async |mut world| {
        world.voice = crate::speech::slow_voice();
        let (_, case) = called(&world, After::waits(Disposition::HungUp), |_| {
            vec![Rings, Answers, Waits(1_500), HangsUp]
        })
        .await;
        let recording = world.recording(&world.attempts(case.id)[0]).unwrap();
        assert_eq!(recording.consent_at, None);
    });
}
