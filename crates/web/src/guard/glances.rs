use super::visitor::Visitor;
use crate::fault::Fault;
use crate::hex;
use crate::state::AppState;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base::Timestamp;
use security::audit::{self, Actor};
use security::logins::Who;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The same is written once in so many seconds.
const AGAIN_SECS: i64 = 3_600;
const MOST_GLANCES: usize = 20_000;

/// What was written to the audit log lately, so that reading a page again fills no log.
#[derive(Default)]
pub struct Glances(Mutex<HashMap<(String, &'static str, String), Timestamp>>);

impl Glances {
    /// Whether this is to be written now.
    fn is_new(&self, actor: &Actor, action: &'static str, subject: &str, now: Timestamp) -> bool {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.plus_secs(-AGAIN_SECS);
        let key = (actor.to_string(), action, subject.to_owned());
        if lately.get(&key).is_some_and(|at| *at > since) {
            return false;
        }
        if lately.len() >= MOST_GLANCES {
            lately.retain(|_, at| *at > since);
        }
        if lately.len() >= MOST_GLANCES {
            lately.clear();
        }
        lately.insert(key, now);
        true
    }

    fn forget(&self, actor: &Actor, action: &'static str, subject: &str) {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lately.remove(&(actor.to_string(), action, subject.to_owned()));
    }
}

/// Writes to the audit log, at most once an hour for the same actor, action and subject.
pub async fn note(
    state: &AppState,
    actor: Actor,
    action: &'static str,
    subject: String,
) -> Result<(), Fault> {
    let now = state.ambient.now();
    if !state.glances.is_new(&actor, action, &subject, now) {
        return Ok(());
    }
    let (ambient, about) = (state.ambient.clone(), subject.clone());
    let written = state
        .db
        .write_async(move |tx| audit::record(tx, &ambient, &actor, action, &about, ""))
        .await;
    if written.is_err() {
        state.glances.forget(&actor, action, &subject);
    }
    written.map(drop).map_err(Fault::from)
}

/// A page about one person's case, payment, application or wallet is shown to a member of staff
/// only once it is written down who looked.
pub(super) async fn noted(
    state: &AppState,
    visitor: &Visitor,
    method: &Method,
    response: Response,
) -> Response {
    let staff = visitor.session.as_ref().map(|session| session.who);
    let (Some(Who::Staff(member, _)), Some((action, subject))) = (staff, looked_at(&visitor.path)) else {
        return response;
    };
    if method != Method::GET || response.status() != StatusCode::OK {
        return response;
    }
    match note(state, Actor::Staff(member), action, subject.to_owned()).await {
        Ok(()) => response,
        Err(fault) => fault.into_response(),
    }
}

fn looked_at(path: &str) -> Option<(&'static str, &str)> {
    let (room, id) = path.strip_prefix("/staff/")?.split_once('/')?;
    let action = match room {
        "cases" => "case.view",
        "payments" => "payment.view",
        "applications" => "application.view",
        "wallets" => "wallet.view",
        _ => return None,
    };
    hex::id(id).map(|_| (action, id))
}
