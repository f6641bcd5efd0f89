//! The process that calls dies in each state of a case and its attempt, and starts again: nobody is
//! called twice at once, and no case is lost. That no hold outlives its deadline is in `left_behind`.

use crate::after::After;
use crate::engines::on_both;
use crate::handset::Talk;
use crate::lines::Mortal;
use crate::scene::Scene;
use crate::speech::Said;
use crate::world::{World, until};
use calls::attempts::AttemptState;
use calls::cases::CaseState;
use calls::recordings::RecordingState;
use calls::{CallPolicy, Disposition};
use phone::{DeclineReason, IncomingCall};
use std::thread::Builder;

/// Scenes beside each other, each on both engines.
const AT_ONCE: usize = 3;

/// Where the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// The payment is held; its event waits, no case is open.
    Held,
    /// The case waits for its first call.
    Waiting,
    /// The INVITE is sent; nothing rings.
    Dialing,
    Ringing,
    /// Answered; the digit is asked for.
    Answered,
    /// The digit was right; the details are being said.
    Proved,
    /// The details were heard in full; a key would count.
    DetailsPlayed,
    /// The 1 is committed and being confirmed.
    Released,
    /// The 2 is committed: the wallet is frozen, a case for staff is open.
    Stopped,
    /// The first call was declined; the case waits for the second.
    Planned,
    /// All is over, the call has ended.
    Concluded,
}

impl Moment {
    const ALL: [Self; 11] = [
        Self::Held,
        Self::Waiting,
        Self::Dialing,
        Self::Ringing,
        Self::Answered,
        Self::Proved,
        Self::DetailsPlayed,
        Self::Released,
        Self::Stopped,
        Self::Planned,
        Self::Concluded,
    ];

    fn policy(self) -> fn(&mut CallPolicy) {
        match self {
            // The next call comes when the dead are dead.
            Self::Planned => |policy| policy.spacing_ms = 4_000,
            _ => |_| (),
        }
    }

    /// The states in which the dead left case and attempt.
    fn left(self) -> (Option<CaseState>, Option<AttemptState>) {
        let (case, attempt) = match self {
            Self::Held => return (None, None),
            Self::Waiting => (CaseState::Waiting, None),
            Self::Dialing => (CaseState::Calling, Some(AttemptState::Dialing)),
            Self::Ringing => (CaseState::Calling, Some(AttemptState::Ringing)),
            Self::Answered | Self::Proved | Self::DetailsPlayed => {
                (CaseState::Calling, Some(AttemptState::Answered))
            }
            Self::Released | Self::Stopped => (CaseState::Concluded, Some(AttemptState::Answered)),
            Self::Planned => (CaseState::Waiting, Some(AttemptState::Ended)),
            Self::Concluded => (CaseState::Concluded, Some(AttemptState::Ended)),
        };
        (Some(case), attempt)
    }
}

/// What the telephone holds of a call whose caller is dead.
#[expect(dead_code, reason = "held until the scene is over")]
enum Left {
    Nothing,
    Rings(Box<IncomingCall>),
    Talks(Talk),
}

#[test]
fn every_state_of_a_case_and_of_an_attempt_is_one_in_which_the_process_dies() {
    let left = Moment::ALL.map(Moment::left);
    for state in CaseState::ALL {
        // What waits for staff is beside a stopped payment's case.
        let known = left.iter().any(|(case, _)| *case == Some(state));
        assert!(known || state == CaseState::ForStaff, "{state:?}");
    }
    for state in AttemptState::ALL {
        assert!(
            left.iter().any(|(_, attempt)| *attempt == Some(state)),
            "{state:?}"
        );
    }
}

#[test]
fn whatever_the_calling_process_dies_in_the_case_goes_on_or_ends() {
    for moments in Moment::ALL.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            for moment in moments {
                let named = Builder::new().name(format!("{moment:?}"));
                let play = move || on_both(moment.policy(), async |world| dies_at(*moment, world).await);
                named.spawn_scoped(scope, play).unwrap();
            }
        });
    }
}

async fn dies_at(moment: Moment, mut world: World) {
    if moment == Moment::Held {
        world.stop_listening();
    }
    let mut scene = Scene::without_dialer(world).await;
    let caller = match moment {
        Moment::Held | Moment::Waiting => None,
        _ => Some(Mortal::dials(&scene.world, scene.handset.address(), "test").await),
    };
    let _left = comes_to(moment, &mut scene).await;
    if let Some(caller) = caller {
        caller.dies();
    }
    check_left(moment, &scene);

    scene.starts_again().await;
    let after = match moment {
        Moment::Released | Moment::Concluded => After {
            disposition: settled(&scene, Disposition::Confirmed).await,
            ..After::PAID
        },
        Moment::Stopped => After {
            disposition: settled(&scene, Disposition::Stopped).await,
            ..After::STOPPED
        },
        _ => {
            scene.pays().await;
            After::PAID
        }
    };
    scene.leaves(after);
    check_one_at_a_time(moment, &scene);
    until("its recordings are closed", || {
        let recordings = scene
            .attempts()
            .iter()
            .filter_map(|one| scene.world.recording(one))
            .collect::<Vec<_>>();
        recordings.iter().all(|one| one.state != RecordingState::Open)
    })
    .await;
}

/// Up to the moment, with what the telephone then holds.
async fn comes_to(moment: Moment, scene: &mut Scene) -> Left {
    match moment {
        Moment::Held => return Left::Nothing,
        Moment::Waiting => {
            let (world, payment) = (&scene.world, scene.payment);
            until("the case is open", || world.case(payment).is_some()).await;
            return Left::Nothing;
        }
        Moment::Dialing => return Left::Rings(Box::new(scene.handset.is_called().await)),
        Moment::Ringing => {
            let call = scene.handset.rings().await;
            let ringing = || scene.attempts()[0].state == AttemptState::Ringing;
            until("the ringing is written", ringing).await;
            return Left::Rings(Box::new(call));
        }
        Moment::Planned => {
            let call = scene.handset.rings().await;
            call.decline(DeclineReason::Declined);
            let planned = || {
                scene
                    .world
                    .case(scene.payment)
                    .is_some_and(|case| case.attempts == 1)
            };
            until("the next call is planned", planned).await;
            return Left::Nothing;
        }
        Moment::Concluded => {
            scene.pays().await;
            return Left::Nothing;
        }
        _ => {}
    }
    let (mut talk, digit) = scene.question().await;
    if moment == Moment::Answered {
        return Left::Talks(talk);
    }
    talk.presses(digit).await;
    if moment == Moment::Proved {
        talk.begins(Said::Details).await;
        return Left::Talks(talk);
    }
    talk.hears(Said::Choices).await;
    match moment {
        Moment::Released => {
            talk.presses('1').await;
            talk.begins(Said::Paid).await;
        }
        Moment::Stopped => {
            talk.presses('2').await;
            talk.begins(Said::Stopped).await;
        }
        _ => {}
    }
    Left::Talks(talk)
}

fn check_left(moment: Moment, scene: &Scene) {
    let case = scene.world.case(scene.payment);
    let attempt = case.as_ref().and_then(|case| scene.world.attempts(case.id).pop());
    let found = (case.map(|case| case.state), attempt.map(|attempt| attempt.state));
    // What is too quick to be met in the middle may have gone on by itself.
    let further = match moment {
        Moment::Released | Moment::Stopped => (Some(CaseState::Concluded), Some(AttemptState::Ended)),
        _ => moment.left(),
    };
    assert!(
        found == moment.left() || found == further,
        "{moment:?}: {found:?}"
    );
}

/// How the call ended, of which the new start found everything said: it dials nobody.
async fn settled(scene: &Scene, alive: Disposition) -> Disposition {
    scene.concluded().await;
    let attempts = scene.attempts();
    assert_eq!(attempts.len(), 1);
    let ended = attempts[0].disposition.unwrap();
    assert!(ended == Disposition::Interrupted || ended == alive, "{ended:?}");
    ended
}

/// The call of the dead counts, and ended before the next began.
fn check_one_at_a_time(moment: Moment, scene: &Scene) {
    let attempts = scene.attempts();
    for pair in attempts.windows(2) {
        let told = format!("{moment:?}: {attempts:?}");
        assert!(pair[0].ended_at.unwrap() <= pair[1].begun_at, "{told}");
        let first = match moment {
            Moment::Planned => Disposition::Declined,
            _ => Disposition::Interrupted,
        };
        assert_eq!(pair[0].disposition, Some(first), "{told}");
    }
    let calls = match moment {
        Moment::Held | Moment::Waiting | Moment::Released | Moment::Stopped | Moment::Concluded => 1,
        _ => 2,
    };
    let counted = scene.world.case(scene.payment).unwrap().attempts;
    assert_eq!(
        (attempts.len(), counted),
        (calls, calls as u32),
        "{moment:?}: {attempts:?}"
    );
}
