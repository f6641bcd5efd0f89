use super::{Event, EventId, SIGNAL, store};
use crate::error::Failure;
use crate::{Db, DbError, Tx};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a handler could not do its part; the event is tried again later.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// How long an event of an unknown topic is left alone.
const UNKNOWN_SECS: i64 = 3_600;

/// How long an event waits for a database that is full or away.
const HINDERED_SECS: i64 = 5;

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

    /// A topic that nobody needs to hear: its events are taken and forgotten.
    pub fn ignore(&mut self, topic: &'static str) {
        self.0.entry(topic).or_default();
    }
}

/// How one event went.
enum Went {
    Handled,
    /// Nobody here knows its topic: a newer program wrote it, and will handle it.
    Unknown(String),
    /// The database could not do it: no fault of the event or its handlers.
    Hindered(String),
}

/// Marks a handler's error that began with trouble of the database.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Hindered(String);

/// Handles what is due, at most `limit` events, and returns how many were handled.
pub fn pump(db: &Db, handlers: &Arc<Handlers>, limit: usize) -> Result<usize, DbError> {
    let now = db.ambient().now();
    let due = db.read(move |tx| store::due(tx, now, limit))?;
    let mut handled = 0;
    for (id, attempts) in due {
        match handle(db, handlers, id) {
            Ok(Went::Handled) => handled += 1,
            Ok(Went::Unknown(topic)) => set_aside(db, id, &topic)?,
            Ok(Went::Hindered(error)) => put_off(db, id, &error)?,
            Err(error) => match error.downcast_ref::<DbError>() {
                Some(trouble) if trouble.failure().is_passing() => put_off(db, id, &crate::causes(trouble))?,
                _ => postpone(db, id, attempts, crate::causes(error.as_ref()))?,
            },
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
                    tracing::warn!(error = crate::causes(&error), "the outbox cannot be read");
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

fn handle(db: &Db, handlers: &Arc<Handlers>, id: EventId) -> Result<Went, HandlerError> {
    let handlers = handlers.clone();
    let done = db.write(move |tx| -> Result<Went, HandlerError> {
        let Some(topic) = store::topic(tx, id)? else {
            return Ok(Went::Handled);
        };
        let Some(heard_by) = handlers.0.get(topic.as_str()) else {
            return Ok(Went::Unknown(topic));
        };
        let Some(event) = store::take(tx, id)? else {
            return Ok(Went::Handled);
        };
        for handler in heard_by {
            if let Err(error) = handler(tx, &event) {
                let hindered = tx.failure().is_some_and(Failure::is_passing);
                return Err(if hindered {
                    Hindered(crate::causes(error.as_ref())).into()
                } else {
                    error
                });
            }
        }
        Ok(Went::Handled)
    });
    done.or_else(|error| match error.downcast::<Hindered>() {
        Ok(hindered) => Ok(Went::Hindered(hindered.0)),
        Err(error) => Err(error),
    })
}

/// The database is full or away: that counts as no attempt, or an hour of it would cost a
/// customer's notice.
fn put_off(db: &Db, id: EventId, error: &str) -> Result<(), DbError> {
    tracing::warn!(event = %id, error, "the database hinders an event; it is tried again");
    let due = db.ambient().now().plus_secs(HINDERED_SECS);
    db.write(move |tx| store::set_aside(tx, id, due))
}

fn postpone(db: &Db, id: EventId, attempts: u32, error: String) -> Result<(), DbError> {
    let attempt = attempts + 1;
    tracing::warn!(event = %id, attempt, error, "an event could not be handled and will be tried again");
    let due = db.ambient().now().plus_secs(pause_secs(attempts));
    db.write(move |tx| store::fail(tx, id, due, &error))
}

/// Two seconds, doubling up to an hour: what is broken for a day is given up, not forgotten.
fn pause_secs(attempts: u32) -> i64 {
    (2_i64 << attempts.min(11)).min(3_600)
}

/// It counts as no attempt, however often it is met.
fn set_aside(db: &Db, id: EventId, topic: &str) -> Result<(), DbError> {
    tracing::warn!(event = %id, topic, "nobody here knows this topic: the event waits for a newer program");
    let due = db.ambient().now().plus_secs(UNKNOWN_SECS);
    db.write(move |tx| store::set_aside(tx, id, due))
}
