use crate::fault::{Fault, Kind};
use crate::guard::{Customer, Visitor};
use crate::pulse;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::convert::Infallible;
use std::sync::atomic::Ordering;
use tokio::sync::OwnedSemaphorePermit;

/// A state is sent at least this often: the page believes its status for 12 s.
const HEARTBEAT_MS: u64 = 4_000;
/// After a signal the database is looked at once per this span, however many signals come.
const SETTLE_MS: u64 = 150;
/// A stream ends after so many beats and the browser begins a new one, so that a session that
/// has ended is noticed.
const MOST_BEATS: u32 = 150;

/// What a stream follows.
enum Followed {
    Customer(Box<Customer>),
    Application(String),
}

struct Listening {
    state: AppState,
    followed: Followed,
    changes: store::Listener,
    beats: u32,
    _place: OwnedSemaphorePermit,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.state.metrics.listening.fetch_sub(1, Ordering::Relaxed);
    }
}

/// `/events`: a digest of all that the customer's pages show, again whenever it changes.
pub async fn customer_events(State(state): State<AppState>, customer: Customer) -> Result<Response, Fault> {
    listen(state, Followed::Customer(Box::new(customer)))
}

/// `/apply/progress/{token}/events`: the same for an applicant.
pub async fn progress_events(
    State(state): State<AppState>,
    _: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    if pulse::of_application(&state, &token).await?.is_none() {
        return Err(Fault::not_found());
    }
    listen(state, Followed::Application(token))
}

fn listen(state: AppState, followed: Followed) -> Result<Response, Fault> {
    let place = state
        .listening
        .clone()
        .try_acquire_owned()
        .map_err(|_| Fault::new(Kind::Busy { retry_secs: 15 }))?;
    state.metrics.listening.fetch_add(1, Ordering::Relaxed);
    let listening = Listening {
        changes: state.db.signal(calls::events::SIGNAL_CHANGED).listen(),
        state,
        followed,
        beats: 0,
        _place: place,
    };
    Ok(Sse::new(stream::unfold(listening, beat)).into_response())
}

/// Waits for a change or the heartbeat, then tells the state. Ends the stream when it cannot.
async fn beat(mut listening: Listening) -> Option<(Result<Event, Infallible>, Listening)> {
    if listening.beats > 0 && listening.changes.changed(HEARTBEAT_MS).await {
        tokio::time::sleep(std::time::Duration::from_millis(SETTLE_MS)).await;
    }
    listening.beats += 1;
    if listening.beats > MOST_BEATS {
        return None;
    }
    let digest = match &listening.followed {
        Followed::Customer(customer) => pulse::of_customer(&listening.state, customer)
            .await
            .ok()
            .flatten(),
        Followed::Application(token) => pulse::of_application(&listening.state, token)
            .await
            .ok()
            .flatten(),
    };
    let event = Event::default()
        .event("state")
        .retry(std::time::Duration::from_secs(2))
        .data(digest?);
    Some((Ok(event), listening))
}
