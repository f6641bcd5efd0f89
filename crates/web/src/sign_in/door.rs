//! What all ways in share: hashing within bounds, and the cookies of a session.

use crate::fault::{Fault, Kind};
use crate::guard::{self, Cookie, device_label};
use crate::state::AppState;
use crate::words::Calendar;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base::Ambient;
use people::customers;
use security::audit::{self, Actor};
use security::lockouts::Verdict;
use security::logins::{Login, Who};
use security::passwords;
use security::sealing::Keyring;
use security::sessions::{self, Opened, Session};
use security::{SecurityError, Token};
use std::time::Duration;
use store::Tx;
use support::notify::{self, Message};

/// How long a sign-in waits for its turn at the hash.
const TURN: Duration = Duration::from_secs(5);

/// Runs a password hash off the asynchronous threads, a few at a time.
pub(super) async fn hashing<T: Send + 'static>(
    state: &AppState,
    run: impl FnOnce(&AppState) -> T + Send + 'static,
) -> Result<T, Fault> {
    let busy = || Fault::new(Kind::Busy { retry_secs: 5 });
    let _turn = tokio::time::timeout(TURN, state.hashing.acquire())
        .await
        .map_err(|_| busy())?
        .map_err(|_| busy())?;
    let state = state.clone();
    tokio::task::spawn_blocking(move || run(&state))
        .await
        .map_err(|_| Fault::new(Kind::Internal))
}

pub(crate) async fn hash(state: &AppState, password: String) -> Result<String, Fault> {
    hashing(state, move |state| {
        passwords::hash(&state.ambient, state.password_cost, &password)
    })
    .await
}

/// Checks a password; for a name that nobody has it takes as long.
pub(crate) async fn password_matches(
    state: &AppState,
    login: Option<Login>,
    password: String,
) -> Result<bool, Fault> {
    hashing(state, move |state| match login {
        Some(login) => passwords::verify(&login.password_hash, &password),
        None => passwords::verify_nobody(state.password_cost, &password),
    })
    .await
}

/// Opens a session whose second factor is still to be proven.
pub(super) async fn open_session(
    state: &AppState,
    headers: &HeaderMap,
    login: Login,
) -> Result<Opened, Fault> {
    let device = Cookie::Device.read(headers, state.secure).and_then(Token::parse);
    let label = device_label(headers);
    let (ambient, policy) = (state.ambient.clone(), state.session_policy);
    state
        .db
        .write_async(move |tx| sessions::open(tx, &ambient, &login, policy, device.as_ref(), &label))
        .await
        .map_err(|problem: SecurityError| problem.into())
}

/// A sign-in on a device that was not known is told to the customer, wherever they are reached.
pub(crate) fn tell_new_device(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    session: &Session,
    label: &str,
) -> Result<(), Fault> {
    let message = Message::NewSignIn {
        device: label.to_owned(),
        at: ambient.now(),
    };
    tell(tx, ambient, keyring, session.who, &message)
}

/// Tells a customer what happened to their access; staff have no messages. Each happening is a
/// message of its own.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    who: Who,
    message: &Message,
) -> Result<(), Fault> {
    let Some(customer) = who.customer() else {
        return Ok(());
    };
    let Some(customer) = customers::by_id(tx, customer)? else {
        return Ok(());
    };
    let to = notify::Recipient {
        customer: Some(customer.id),
        phone: customer.phone,
        email: customer.email,
        language: customer.language,
    };
    let subject = format!("access-{}", ambient.now().as_us());
    notify::send(tx, ambient, keyring, &to, message, &subject)?;
    Ok(())
}

/// What a member of staff did at the door, written where all they do is written.
pub(super) fn note_staff(tx: &mut Tx<'_>, ambient: &Ambient, who: Who, action: &str) -> Result<(), Fault> {
    if let Who::Staff(member, _) = who {
        let subject = member.to_string();
        audit::record(tx, ambient, &Actor::Staff(member), action, &subject, "")?;
    }
    Ok(())
}

/// The door closed before somebody who gave a member's name: whoever reads the log must see it.
pub(crate) async fn note_lock_out(state: &AppState, who: Option<Who>, verdict: Verdict) -> Result<(), Fault> {
    match (who, verdict) {
        (Some(Who::Staff(member, _)), Verdict::Locked { .. }) => {
            guard::note(state, Actor::System, "staff.locked_out", member.to_string()).await
        }
        _ => Ok(()),
    }
}

/// Gives the browser what [`open_session`] made.
pub(super) fn keep_session(state: &AppState, response: &mut Response, opened: &Opened, cookie: Cookie) {
    set(state, response, cookie, opened.token.as_str());
    if let Some(device) = &opened.device_token {
        set(state, response, Cookie::Device, device.as_str());
    }
}

pub(super) fn set(state: &AppState, response: &mut Response, cookie: Cookie, value: &str) {
    let value = cookie.write(value, state.secure);
    response.headers_mut().append(header::SET_COOKIE, value);
}

/// The key of what to say about a failed attempt, and until when the door is closed.
pub(crate) fn refusal(verdict: Verdict, calendar: &Calendar, wrong: &'static str) -> (&'static str, String) {
    match verdict {
        Verdict::Locked { until } => ("signin-locked", calendar.soon(until)),
        Verdict::Passed | Verdict::Failed { .. } => (wrong, String::new()),
    }
}
