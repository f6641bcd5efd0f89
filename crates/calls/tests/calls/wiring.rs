//! What hears of what, as `wiring` has it in the program.

use crate::world::World;
use base::{ApplicationId, PaymentId};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::outbox;

impl World {
    /// From now on.
    pub fn listen_to_others(&mut self) {
        let mut handlers = outbox::Handlers::default();
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        handlers.on(money::events::PAYMENT_HELD, move |tx, event| {
            calls::handlers::payment_held(tx, &ambient, &policy, PaymentId(event.subject))?;
            Ok(())
        });
        for topic in [
            money::events::PAYMENT_POSTED_AFTER_HOLD,
            money::events::PAYMENT_VOIDED,
        ] {
            let ambient = self.ambient.clone();
            handlers.on(topic, move |tx, event| {
                calls::handlers::payment_decided(tx, &ambient, PaymentId(event.subject))?;
                Ok(())
            });
        }
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        handlers.on(people::events::APPLICATION_CALLBACK_DUE, move |tx, event| {
            let due = people::events::CallbackDue::from_body(&event.body).ok_or("no such body")?;
            let (application, round) = (ApplicationId(event.subject), due.call_round as u32);
            calls::handlers::callback_due(tx, &ambient, &policy, application, round)?;
            Ok(())
        });
        let ambient = self.ambient.clone();
        handlers.on(calls::events::APPLICATION_CALLBACK_CONFIRMED, move |tx, event| {
            people::applications::callback_confirmed(tx, &ambient, ApplicationId(event.subject))?;
            Ok(())
        });
        let ambient = self.ambient.clone();
        handlers.on(calls::events::APPLICATION_CALLBACK_DENIED, move |tx, event| {
            people::applications::callback_denied(tx, &ambient, ApplicationId(event.subject))?;
            Ok(())
        });
        let ambient = self.ambient.clone();
        handlers.on(
            calls::events::APPLICATION_CALLBACK_UNREACHABLE,
            move |tx, event| {
                people::applications::callback_unreachable(tx, &ambient, ApplicationId(event.subject))?;
                Ok(())
            },
        );
        for topic in [
            people::events::APPLICATION_WITHDRAWN,
            people::events::APPLICATION_ACTIVATED,
        ] {
            let ambient = self.ambient.clone();
            handlers.on(topic, move |tx, event| {
                calls::handlers::application_decided(tx, &ambient, ApplicationId(event.subject))?;
                Ok(())
            });
        }
        self.stop = Arc::default();
        self.listening = Some(outbox::start(
            self.db.clone(),
            Arc::new(handlers),
            self.stop.clone(),
        ));
    }

    /// What others say waits; nothing of it is heard when this returns.
    pub fn stop_listening(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(listening) = self.listening.take() {
            listening.join().unwrap();
        }
    }
}
