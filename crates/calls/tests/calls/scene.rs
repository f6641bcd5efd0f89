//! A held payment, its dialer, and the handset that it calls.

use crate::after::{AMOUNT, After};
use crate::handset::{Handset, Talk, question};
use crate::lines::line;
use crate::speech::Said;
use crate::world::World;
use base::PaymentId;
use calls::attempts::Attempt;
use calls::cases::Case;
use calls::{Dialer, DialerParts};
use money::payments::{Hold, PaymentState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Dropped in this order: the dialer hangs up while its database is there.
pub struct Scene {
    dialer: Option<Dialer>,
    pub handset: Handset,
    pub world: World,
    pub payment: PaymentId,
}

impl Scene {
    pub async fn new() -> Self {
        Self::within(World::new()).await
    }

    pub async fn within(world: World) -> Self {
        let mut scene = Self::without_dialer(world).await;
        scene.dials().await;
        scene
    }

    /// Nobody calls yet.
    pub async fn without_dialer(world: World) -> Self {
        Self {
            dialer: None,
            handset: Handset::new().await,
            payment: world.hold(AMOUNT),
            world,
        }
    }

    pub async fn dials(&mut self) {
        self.dialer = Some(self.world.dialer(self.handset.address()).await);
    }

    /// The first call meets a fault of ours.
    pub async fn dials_and_breaks_once(&mut self) {
        let broke = AtomicBool::new(false);
        let line = line(self.handset.address()).await;
        self.dialer = Some(Dialer::start(DialerParts {
            route: Some(Arc::new(move |_| {
                assert!(broke.swap(true, Ordering::SeqCst), "a fault of ours");
                None
            })),
            ..self.world.parts(line, "test")
        }));
    }

    pub async fn stops(&mut self) {
        self.dialer.take().expect("it dials").stop().await;
    }

    /// The call has come to its question; the digit that it asks for.
    pub async fn question(&mut self) -> (Talk, char) {
        question(&self.world, &mut self.handset, self.payment).await
    }

    /// A person is proved, the details are heard, and the choices.
    pub async fn choices(&mut self) -> Talk {
        let (mut talk, digit) = self.question().await;
        talk.presses(digit).await;
        talk.hears(Said::Choices).await;
        talk
    }

    /// The next call is listened to and confirmed, to the end of the case.
    pub async fn pays(&mut self) {
        let mut talk = self.choices().await;
        talk.presses('1').await;
        talk.hears_them_hang_up().await;
        self.concluded().await;
    }

    pub fn state(&self) -> PaymentState {
        self.world.payment(self.payment).state
    }

    pub fn hold(&self) -> Hold {
        self.world.payment(self.payment).hold.unwrap()
    }

    /// Waits for the end of the case and of its calls.
    pub async fn concluded(&self) -> Case {
        self.world.concluded(self.payment).await
    }

    pub fn attempts(&self) -> Vec<Attempt> {
        let case = self.world.case(self.payment).unwrap();
        self.world.attempts(case.id)
    }

    /// How everything stands at the end.
    pub fn leaves(&self, after: After) {
        after.check(&self.world, self.payment);
    }
}
