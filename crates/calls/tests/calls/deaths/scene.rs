//! Something to be called about, the handset that is called, and the way to each moment.

use super::{About, Moment};
use crate::after::{AMOUNT, After};
use crate::application::{application, applied};
use crate::handset::{Handset, Talk};
use crate::numbers::{ask, not_found};
use crate::speech::Said;
use crate::world::{World, until};
use calls::attempts::{Attempt, AttemptState};
use calls::cases::{self, Case, CaseKind, CaseOutcome};
use calls::notices::NoticeState;
use calls::numbers::{self, Asked, CheckState};
use calls::{Dialer, Disposition};
use people::applications::ApplicationState;
use phone::{DeclineReason, IncomingCall};

/// Dropped in this order: the dialer hangs up while its database is there.
pub struct Scene {
    dialer: Option<Dialer>,
    pub handset: Handset,
    pub world: World,
    pub kind: CaseKind,
}

/// What the telephone holds of a call whose caller is dead.
#[expect(dead_code, reason = "held until the scene is over")]
pub enum Left {
    Nothing,
    Rings(Box<IncomingCall>),
    Talks(Talk),
}

impl Scene {
    /// Nobody calls yet.
    pub async fn asked(about: About, world: World) -> Self {
        let kind = match about {
            About::Payment => CaseKind::PaymentConfirmation(world.hold(AMOUNT)),
            About::Application => CaseKind::ApplicationCallback(applied(&world)),
            About::Number => {
                not_found(&world);
                let Asked::Calling(check) = ask(&world, "13800138000") else {
                    panic!("no call");
                };
                CaseKind::NumberCheck(check)
            }
        };
        Self {
            dialer: None,
            handset: Handset::new().await,
            world,
            kind,
        }
    }

    /// All of the process: who hears of events, and who dials.
    pub async fn starts_again(&mut self) {
        if self.world.listening.is_none() {
            self.world.listen_to_others();
        }
        self.dialer = Some(self.world.dialer(self.handset.address()).await);
    }

    /// The next call is listened to and confirmed, to the end of the case.
    pub async fn confirms(&mut self) {
        let (mut talk, digit) = self.question().await;
        talk.presses(digit).await;
        talk.hears(Said::Choices).await;
        talk.presses('1').await;
        talk.hears_them_hang_up().await;
        self.concluded().await;
    }

    /// The call has come to its question; the digit that it asks for.
    async fn question(&mut self) -> (Talk, char) {
        let mut talk = self.handset.answers().await;
        talk.hears(Said::PressDigit).await;
        let attempt = self.attempts().pop().unwrap();
        (talk, char::from(b'0' + attempt.proof_digit))
    }

    pub fn case(&self) -> Option<Case> {
        let kind = self.kind;
        self.world.read(move |tx| cases::by_kind(tx, kind))
    }

    pub fn attempts(&self) -> Vec<Attempt> {
        self.world.attempts(self.case().unwrap().id)
    }

    /// Waits for the end of the case and of its calls.
    pub async fn concluded(&self) {
        until("the case is concluded", || {
            let over = |case: Case| case.outcome.is_some() && self.attempts().iter().all(is_over);
            self.case().is_some_and(over)
        })
        .await;
    }

    /// How everything stands at the end; how the last call ended.
    pub async fn leaves_confirmed(&self, disposition: Disposition) {
        match self.kind {
            CaseKind::PaymentConfirmation(payment) => {
                let after = After {
                    disposition,
                    ..After::PAID
                };
                after.check(&self.world, payment);
            }
            _ => self.leaves(disposition, CaseOutcome::Confirmed).await,
        }
    }

    pub async fn leaves_stopped(&self, disposition: Disposition) {
        match self.kind {
            CaseKind::PaymentConfirmation(payment) => {
                let after = After {
                    disposition,
                    ..After::STOPPED
                };
                after.check(&self.world, payment);
            }
            _ => self.leaves(disposition, CaseOutcome::Stopped).await,
        }
    }

    /// What is asked about an application or a number is answered once, and others hear of it.
    async fn leaves(&self, disposition: Disposition, outcome: CaseOutcome) {
        let (case, last) = (self.case().unwrap(), self.attempts().pop().unwrap());
        assert_eq!(case.outcome, Some(outcome), "{case:?}");
        assert_eq!(last.disposition, Some(disposition), "{last:?}");
        assert_eq!(self.world.notice(case.id).state, NoticeState::Over);
        assert!(self.attempts().iter().all(|one| one.words.is_none()));
        let confirmed = outcome == CaseOutcome::Confirmed;
        match self.kind {
            CaseKind::ApplicationCallback(id) => {
                let decided = if confirmed {
                    ApplicationState::Activated
                } else {
                    ApplicationState::Withdrawn
                };
                until("the application is decided", || {
                    application(&self.world, id).state == decided
                })
                .await;
            }
            CaseKind::NumberCheck(id) => {
                let decided = if confirmed {
                    CheckState::Verified
                } else {
                    CheckState::Denied
                };
                let check = self.world.read(move |tx| numbers::get(tx, id)).unwrap();
                assert_eq!(check.state, decided);
            }
            CaseKind::PaymentConfirmation(_) | CaseKind::Security(_) => unreachable!("not an answer"),
        }
    }
}

fn is_over(attempt: &Attempt) -> bool {
    attempt.ended_at.is_some()
}

/// Up to the moment, with what the telephone then holds.
pub async fn comes_to(moment: Moment, scene: &mut Scene) -> Left {
    match moment {
        Moment::Asked => return Left::Nothing,
        Moment::Waiting => {
            until("the case is open", || scene.case().is_some()).await;
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
            let planned = || scene.case().is_some_and(|case| case.attempts == 1);
            until("the next call is planned", planned).await;
            return Left::Nothing;
        }
        Moment::Concluded => {
            scene.confirms().await;
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
        Moment::Confirmed => {
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
