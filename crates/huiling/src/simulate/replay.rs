//! Events that are delivered twice: what was handled once is published again.

use super::memory::Delivered;
use super::world::{Broken, World};
use std::sync::{Arc, Mutex, PoisonError};
use store::outbox::{self, Handlers};

/// Whose handlers must do nothing the second time.
const TOPICS: [&str; 11] = [
    money::events::PAYMENT_HELD,
    money::events::PAYMENT_EXTENDED,
    money::events::PAYMENT_POSTED_AFTER_HOLD,
    money::events::PAYMENT_VOIDED,
    money::events::WALLET_OPENED,
    people::events::APPLICATION_SUBMITTED,
    people::events::APPLICATION_CALLBACK_DUE,
    people::events::APPLICATION_ACTIVATED,
    people::events::APPLICATION_WITHDRAWN,
    calls::events::APPLICATION_CALLBACK_CONFIRMED,
    calls::events::CALL_ANNOUNCED,
];
/// Deliveries that are remembered at once.
const REMEMBERED: usize = 64;

/// Remembers what is handled, so that it can be delivered again.
pub fn listen(handlers: &mut Handlers, events: &Arc<Mutex<Vec<Delivered>>>) {
    for topic in TOPICS {
        let events = events.clone();
        handlers.on(topic, move |_, event| {
            let mut events = events.lock().unwrap_or_else(PoisonError::into_inner);
            if events.len() < REMEMBERED {
                events.push(Delivered {
                    topic,
                    subject: event.subject,
                    body: event.body.clone(),
                });
            }
            Ok(())
        });
    }
}

impl World {
    /// Delivers one of the remembered events again, and forgets the others.
    pub fn deliver_again(&mut self, draw: usize) -> Result<(), Broken> {
        let event = {
            let mut events = self.memory.events.lock().unwrap_or_else(PoisonError::into_inner);
            let picked = (!events.is_empty()).then(|| events[draw % events.len()].clone());
            events.clear();
            picked
        };
        let Some(event) = event else { return Ok(()) };
        let ambient = self.ambient.clone();
        let done = self.write("delivering an event again", move |tx| {
            Ok(outbox::publish(
                tx,
                &ambient,
                event.topic,
                &event.subject,
                &event.body,
            )?)
        })?;
        self.month.events_repeated += u64::from(done.is_some());
        self.wake();
        Ok(())
    }
}
