use super::{Event, EventId, SIGNAL, store};
use crate::{Db, DbError, Tx};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a handler could not do its part; the event is tried again later.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

type Handler = Arc<dyn Fn(&mut Tx<'_>, &Event) -> Result<(), HandlerError> + Send + Sync>;

/// Who handles which topic. All handlers of an event run in one transaction.
#[derive(Clone, Default)]
pub struct Handlers(HashMap<&'static str, Vec<Handler>>);

impl Handlers {
    pub fn on(
        &mut self,
        topic: &'static str,
        handler: impl Fn(&mut Tx<'_>, &Event) -> Result<(), HandlerError> + Send + Sync + 'static,
    ) {
        self.0.entry(topic).or_default().push(Arc::new(handler));
    }
}

/// Handles what is due, at most `limit` events, and returns how many were handled.
pub fn pump(db: &Db, handlers: &Arc<Handlers>, limit: usize) -> Result<usize, DbError> {
    let now = db.ambient().now();
    let due = db.read(move |tx| store::due(tx, now, limit))?;
    let mut handled = 0;
    for id in due {
        match handle(db, handlers, id) {
            Ok(()) => handled += 1,
            Err(error) => postpone(db, id, error.to_string())?,
        }
    }
    Ok(handled)
}

/// A thread that pumps whenever an event is committed, and every second as the guarantee.
pub fn start(db: Db, handlers: Arc<Handlers>, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let mut wake = db.signal(SIGNAL).listen();
    let run = move || {
        while !stop.load(Ordering::SeqCst) {
            match pump(&db, &handlers, 256) {
                Ok(0) => drop(wake.wait(1_000)),
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the outbox cannot be read");
                    wake.wait(1_000);
                }
            }
        }
    };
    std::thread::Builder::new()
        .name("outbox".into())
        .spawn(run)
        .expect("a thread can be started")
}

fn handle(db: &Db, handlers: &Arc<Handlers>, id: EventId) -> Result<(), HandlerError> {
    let handlers = handlers.clone();
    db.write(move |tx| -> Result<(), HandlerError> {
        let Some(event) = store::take(tx, id)? else {
            return Ok(());
        };
        for handler in handlers.0.get(event.topic.as_str()).into_iter().flatten() {
            handler(tx, &event)?;
        }
        Ok(())
    })
}

fn postpone(db: &Db, id: EventId, error: String) -> Result<(), DbError> {
    tracing::warn!(event = %id, error, "an event could not be handled and will be tried again");
    // Doubling pauses would need the count here; ten seconds are short for people, long for machines.
    let due = db.ambient().now().plus_secs(10);
    db.write(move |tx| store::fail(tx, id, due, &error))
}
