use crate::fault::{Fault, Kind};
use crate::guard::{Customer, Place, Visitor};
use crate::pulse;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;
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
    /// As the last look found: see [`pulse::Pulse::awaits`].
    awaits: bool,
    beats: u32,
    _place: (OwnedSemaphorePermit, Place),
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.state.metrics.listening.fetch_sub(1, Ordering::Relaxed);
    }
}

/// `/events`: a digest of all that the customer's pages show, again whenever it changes.
pub async fn customer_events(State(state): State<AppState>, customer: Customer) -> Result<Response, Fault> {
    let address = customer.visitor.address;
    listen(state, Followed::Customer(Box::new(customer)), address)
}

/// `/apply/progress/{token}/events`: the same for an applicant.
pub async fn progress_events(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    if pulse::of_application(&state, &token).await?.is_none() {
        return Err(Fault::not_found());
    }
    listen(state, Followed::Application(token), visitor.address)
}

fn listen(state: AppState, followed: Followed, address: IpAddr) -> Result<Response, Fault> {
    let full = || Fault::new(Kind::Busy { retry_secs: 15 });
    let share = state.listening_from.take(address).ok_or_else(full)?;
    let place = state.listening.clone().try_acquire_owned().map_err(|_| full())?;
    state.metrics.listening.fetch_add(1, Ordering::Relaxed);
    let listening = Listening {
        changes: state.db.signal(calls::events::SIGNAL_CHANGED).listen(),
        state,
        followed,
        awaits: true,
        beats: 0,
        _place: (place, share),
    };
    Ok(Sse::new(stream::unfold(listening, beat)).into_response())
}

/// Waits for a change or the heartbeat, then tells the state. Ends the stream when it cannot.
/// Whoever awaits nothing is not woken by other people's calls, or each ring in the house would
/// make every open page look at the database at once.
async fn beat(mut listening: Listening) -> Option<(Result<Event, Infallible>, Listening)> {
    if listening.beats > 0 && !listening.awaits {
        tokio::time::sleep(Duration::from_millis(HEARTBEAT_MS)).await;
    } else if listening.beats > 0 && listening.changes.changed(HEARTBEAT_MS).await {
        tokio::time::sleep(Duration::from_millis(SETTLE_MS)).await;
    }
    listening.beats += 1;
    if listening.beats > MOST_BEATS {
        return None;
    }
    let pulse = match &listening.followed {
        Followed::Customer(customer) => pulse::of_customer(&listening.state, customer)
            .await
            .ok()
            .flatten(),
        Followed::Application(token) => pulse::of_application(&listening.state, token)
            .await
            .ok()
            .flatten(),
    };
    let pulse = pulse?;
    listening.awaits = pulse.awaits;
    let event = Event::default()
        .event("state")
        .retry(Duration::from_secs(2))
        .data(pulse.digest);
    Some((Ok(event), listening))
}
