//! The process that calls dies in each state of a case and its attempt, whatever it calls about, and
//! starts again: nobody is called twice at once, and no case is lost. That no hold outlives its
//! deadline is in `left_behind`.

mod scene;

use crate::engines::on_both;
use crate::lines::Mortal;
use crate::world::{World, until};
use calls::attempts::AttemptState;
use calls::cases::{CaseKind, CaseState};
use calls::recordings::RecordingState;
use calls::{CallPolicy, Disposition};
use scene::{Scene, comes_to};
use std::sync::Mutex;
use std::thread::Builder;

/// Scenes beside each other, each on both engines.
const AT_ONCE: usize = 6;

/// What the process calls about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Payment,
    Application,
    Number,
}

impl About {
    const ALL: [Self; 3] = [Self::Payment, Self::Application, Self::Number];

    /// `None` where no machine calls.
    fn of(kind: CaseKind) -> Option<Self> {
        match kind {
            CaseKind::PaymentConfirmation(_) => Some(Self::Payment),
            CaseKind::ApplicationCallback(_) => Some(Self::Application),
            CaseKind::NumberCheck(_) => Some(Self::Number),
            CaseKind::Security(_) => None,
        }
    }

    fn moments(self) -> impl Iterator<Item = Moment> {
        // Whoever asks for a number check opens its case in the same transaction.
        let opens_at_once = self == Self::Number;
        Moment::ALL
            .into_iter()
            .filter(move |moment| *moment != Moment::Asked || !opens_at_once)
    }
}

/// Where the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// The payment is held, the application granted; its event waits, no case is open.
    Asked,
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
    Confirmed,
    /// The 2 is committed: a payer's wallet is frozen, a case for staff is open.
    Stopped,
    /// The first call was declined; the case waits for the second.
    Planned,
    /// All is over, the call has ended.
    Concluded,
}

impl Moment {
    const ALL: [Self; 11] = [
        Self::Asked,
        Self::Waiting,
        Self::Dialing,
        Self::Ringing,
        Self::Answered,
        Self::Proved,
        Self::DetailsPlayed,
        Self::Confirmed,
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
            Self::Asked => return (None, None),
            Self::Waiting => (CaseState::Waiting, None),
            Self::Dialing => (CaseState::Calling, Some(AttemptState::Dialing)),
            Self::Ringing => (CaseState::Calling, Some(AttemptState::Ringing)),
            Self::Answered | Self::Proved | Self::DetailsPlayed => {
                (CaseState::Calling, Some(AttemptState::Answered))
            }
            Self::Confirmed | Self::Stopped => (CaseState::Concluded, Some(AttemptState::Answered)),
            Self::Planned => (CaseState::Waiting, Some(AttemptState::Ended)),
            Self::Concluded => (CaseState::Concluded, Some(AttemptState::Ended)),
        };
        (Some(case), attempt)
    }
}

#[test]
fn every_state_of_a_case_and_of_an_attempt_is_one_in_which_the_process_dies() {
    for about in About::ALL {
        let left: Vec<_> = about.moments().map(Moment::left).collect();
        for state in CaseState::ALL {
            // What waits for staff is beside a stopped payment's case.
            let known = left.iter().any(|(case, _)| *case == Some(state));
            assert!(known || state == CaseState::ForStaff, "{about:?}: {state:?}");
        }
        for state in AttemptState::ALL {
            assert!(
                left.iter().any(|(_, attempt)| *attempt == Some(state)),
                "{about:?}: {state:?}"
            );
        }
    }
}

#[test]
fn whatever_the_calling_process_dies_in_the_case_goes_on_or_ends() {
    let all = About::ALL
        .into_iter()
        .flat_map(|about| about.moments().map(move |moment| (about, moment)));
    let waiting = Mutex::new(all.collect::<Vec<_>>());
    let next = || waiting.lock().unwrap().pop();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((about, moment)) = next() {
                    play(about, moment);
                }
            });
        }
    });
}

/// In a thread whose name tells a failure's row.
fn play(about: About, moment: Moment) {
    std::thread::scope(|scope| {
        let named = Builder::new().name(format!("{about:?} {moment:?}"));
        let play = || on_both(moment.policy(), async |world| dies_at(about, moment, world).await);
        named.spawn_scoped(scope, play).unwrap();
    });
}

async fn dies_at(about: About, moment: Moment, mut world: World) {
    if moment == Moment::Asked {
        world.stop_listening();
    }
    let mut scene = Scene::asked(about, world).await;
    assert_eq!(About::of(scene.kind), Some(about));
    let caller = match moment {
        Moment::Asked | Moment::Waiting => None,
        _ => Some(Mortal::dials(&scene.world, scene.handset.address(), "test").await),
    };
    let _left = comes_to(moment, &mut scene).await;
    if let Some(caller) = caller {
        caller.dies();
    }
    let told = format!("{about:?}, {moment:?}");
    check_left(moment, &scene, &told);

    scene.starts_again().await;
    match moment {
        Moment::Confirmed | Moment::Concluded => {
            let ended = settled(&scene, Disposition::Confirmed, &told).await;
            scene.leaves_confirmed(ended).await;
        }
        Moment::Stopped => {
            let ended = settled(&scene, Disposition::Stopped, &told).await;
            scene.leaves_stopped(ended).await;
        }
        _ => {
            scene.confirms().await;
            scene.leaves_confirmed(Disposition::Confirmed).await;
        }
    }
    check_one_at_a_time(moment, &scene, &told);
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

fn check_left(moment: Moment, scene: &Scene, told: &str) {
    let case = scene.case();
    let attempt = case.as_ref().and_then(|case| scene.world.attempts(case.id).pop());
    let found = (case.map(|case| case.state), attempt.map(|attempt| attempt.state));
    // What is too quick to be met in the middle may have gone on by itself.
    let further = match moment {
        Moment::Confirmed | Moment::Stopped => (Some(CaseState::Concluded), Some(AttemptState::Ended)),
        _ => moment.left(),
    };
    assert!(found == moment.left() || found == further, "{told}: {found:?}");
}

/// How the call ended, of which the new start found everything said: it dials nobody.
async fn settled(scene: &Scene, alive: Disposition, told: &str) -> Disposition {
    scene.concluded().await;
    let attempts = scene.attempts();
    assert_eq!(attempts.len(), 1, "{told}");
    let ended = attempts[0].disposition.unwrap();
    assert!(
        ended == Disposition::Interrupted || ended == alive,
        "{told}: {ended:?}"
    );
    ended
}

/// The call of the dead counts, and ended before the next began.
fn check_one_at_a_time(moment: Moment, scene: &Scene, told: &str) {
    let attempts = scene.attempts();
    for pair in attempts.windows(2) {
        let told = format!("{told}: {attempts:?}");
        assert!(pair[0].ended_at.unwrap() <= pair[1].begun_at, "{told}");
        let first = match moment {
            Moment::Planned => Disposition::Declined,
            _ => Disposition::Interrupted,
        };
        assert_eq!(pair[0].disposition, Some(first), "{told}");
    }
    let calls = match moment {
        Moment::Asked | Moment::Waiting | Moment::Confirmed | Moment::Stopped | Moment::Concluded => 1,
        _ => 2,
    };
    let counted = scene.case().unwrap().attempts;
    assert_eq!(
        (attempts.len(), counted),
        (calls, calls as u32),
        "{told}: {attempts:?}"
    );
}
