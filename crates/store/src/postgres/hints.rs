//! Tells listeners on other nodes what was committed here, by NOTIFY and LISTEN. It is a hint and no
//! more: it comes after the commit, may be lost with a connection, and some databases and poolers
//! lack it; whoever listens also looks by its own clock. The outbox and the jobs are not told of:
//! the node that wrote them takes them at once, and others would only stand in its way.

use super::session;
use crate::signal::Known;
use crate::{DbError, causes, jobs, outbox};
use ::postgres::Client;
use ::postgres::error::SqlState;
use ::postgres::fallible_iterator::FallibleIterator;
use base::Ticker;
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is raised meanwhile is told together.
const GATHER: Duration = Duration::from_millis(20);
/// How long a closed database may keep its listening connection.
const LOOK: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The connections of a database to its other nodes, made when there is something to tell or
/// somebody to be told; they end with it.
pub(crate) struct Hints(Arc<Wire>);

pub(crate) struct Wire {
    url: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    pending: BTreeSet<&'static str>,
    tells: bool,
    hears: bool,
    /// The server's process that speaks for us: its hints were raised here before.
    own_process: Option<i32>,
    closed: bool,
}

impl Hints {
    pub fn new(url: &str) -> Self {
        Self(Arc::new(Wire {
            url: url.to_owned(),
            state: Mutex::default(),
            changed: Condvar::new(),
        }))
    }

    pub fn wire(&self) -> Arc<Wire> {
        self.0.clone()
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl Wire {
    /// Tells the other nodes, soon.
    pub fn tell(self: &Arc<Self>, names: &[&'static str]) {
        let mut state = self.lock();
        state.pending.extend(names.iter().filter(|name| is_told(name)));
        if !state.pending.is_empty() && !state.tells {
            let wire = self.clone();
            state.tells = spawn("postgres-tell", move || wire.tell_all());
        }
        self.changed.notify_all();
    }

    /// From now on raises what other nodes tell of this name.
    pub fn hear(self: &Arc<Self>, name: &str, known: &Known) {
        let mut state = self.lock();
        if is_told(name) && !state.hears {
            let (wire, known) = (self.clone(), known.clone());
            state.hears = spawn("postgres-hear", move || wire.hear_all(&known));
        }
    }

    fn tell_all(&self) {
        let mut client = None;
        let mut outage = Outage::default();
        while let Some(names) = self.next_names() {
            let told = match &mut client {
                Some(open) => tell(open, &names),
                None => self.connect().and_then(|mut fresh| {
                    let own = fresh.query_one("SELECT pg_backend_pid()", &[]);
                    let own = own.map_err(|error| DbError::from_postgres("asking who we are", error))?;
                    self.lock().own_process = Some(own.get(0));
                    tell(client.insert(fresh), &names)
                }),
            };
            match told {
                Ok(()) => {
                    outage = Outage::default();
                    Ticker::new(GATHER).wait();
                }
                Err(error) => {
                    client = None;
                    self.rest(outage.next_pause("told", &error));
                }
            }
        }
    }

    fn hear_all(&self, known: &Known) {
        let mut outage = Outage::default();
        while !self.lock().closed {
            match self
                .connect()
                .and_then(|client| self.hear_until_lost(client, known, &mut outage))
            {
                Ok(Heard::Ended) => return,
                Ok(Heard::NotSupported) => {
                    tracing::info!(
                        "this database has no LISTEN: nodes see each other's changes when they look"
                    );
                    return;
                }
                Ok(Heard::Lost) => self.rest(FIRST_PAUSE),
                Err(error) => self.rest(outage.next_pause("heard", &error)),
            }
        }
    }

    fn hear_until_lost(
        &self,
        mut client: Client,
        known: &Known,
        outage: &mut Outage,
    ) -> Result<Heard, DbError> {
        match client.batch_execute("LISTEN huiling") {
            Err(error) if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED) => {
                return Ok(Heard::NotSupported);
            }
            listening => listening.map_err(|error| DbError::from_postgres("LISTEN", error))?,
        }
        *outage = Outage::default();
        loop {
            let next = client.notifications().timeout_iter(LOOK).next();
            let next = next.map_err(|error| DbError::from_postgres("waiting for a hint", error))?;
            let own = {
                let state = self.lock();
                if state.closed {
                    return Ok(Heard::Ended);
                }
                state.own_process
            };
            match next {
                Some(hint) if Some(hint.process_id()) != own => known.raise(hint.payload()),
                Some(_) => {}
                None if client.is_closed() => return Ok(Heard::Lost),
                None => {}
            }
        }
    }

    /// Waits for something to tell; `None` when the database is closed.
    fn next_names(&self) -> Option<BTreeSet<&'static str>> {
        let state = self.lock();
        let waited = self
            .changed
            .wait_while(state, |state| state.pending.is_empty() && !state.closed);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        (!state.closed).then(|| std::mem::take(&mut state.pending))
    }

    fn rest(&self, pause: Duration) {
        let state = self.lock();
        let _ = self
            .changed
            .wait_timeout_while(state, pause, |state| !state.closed);
    }

    fn connect(&self) -> Result<Client, DbError> {
        session::connect(&self.url)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Heard {
    /// The database was closed.
    Ended,
    Lost,
    NotSupported,
}

/// How long nobody can be reached; the log says so once.
#[derive(Default)]
struct Outage(Option<Duration>);

impl Outage {
    fn next_pause(&mut self, what: &str, error: &DbError) -> Duration {
        if self.0.is_none() {
            let error = causes(error);
            tracing::warn!(
                error,
                "other nodes' changes are not {what} at once; they are seen when looked for"
            );
        }
        let pause = self.0.map_or(FIRST_PAUSE, |last| (last * 2).min(LONGEST_PAUSE));
        self.0 = Some(pause);
        pause
    }
}

fn is_told(name: &str) -> bool {
    name != outbox::SIGNAL && name != jobs::SIGNAL
}

fn tell(client: &mut Client, names: &BTreeSet<&'static str>) -> Result<(), DbError> {
    for name in names {
        client
            .execute("SELECT pg_notify('huiling', $1)", &[name])
            .map_err(|error| DbError::from_postgres("NOTIFY", error))?;
    }
    Ok(())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> bool {
    let thread = std::thread::Builder::new().name(name.into());
    thread.spawn(run).is_ok()
}
