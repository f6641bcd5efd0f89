//! The digest of what an open page shows. When it changes, the page fetches its own truth again.

use crate::fault::Fault;
use crate::guard::Customer;
use crate::hex;
use crate::state::AppState;
use calls::cases::{self, CaseKind};
use calls::notices::{self, NoticeState};
use calls::status::{self, CallStatus};
use people::applications;
use security::sessions;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What an open page shows, in short.
pub struct Pulse {
    pub digest: String,
    /// Whether a call, a held payment or a check is under way for whoever looks: only then is
    /// every change in the house worth a look.
    pub awaits: bool,
}

/// `None` when the session has ended: the stream ends, and the page finds the sign-in.
pub async fn of_customer(state: &AppState, customer: &Customer) -> Result<Option<Pulse>, Fault> {
    let (policy, now, id) = (state.call_policy.clone(), state.ambient.now(), customer.id);
    let session = customer.session.clone();
    let seen = state
        .db
        .read_async(move |tx| {
            let open = sessions::list(tx, session.login, now)?;
            if open.iter().all(|one| one.id != session.id) {
                return Ok(None);
            }
            let mut seen = String::with_capacity(512);
            let status = status::for_customer(tx, &policy, now, id, session.device_enrolled_at)?;
            let mut awaits = matches!(status, CallStatus::Calling { .. } | CallStatus::OnCall { .. });
            let _ = write!(seen, "{status:?}{:?}", status::line(tx, now)?);
            for notice in notices::for_customer(tx, id)?.iter().take(5) {
                awaits |= notice.state != NoticeState::Over;
                let case = cases::get_readable(tx, notice.case)?;
                let _ = write!(
                    seen,
                    "{:?}{:?}",
                    notice.state,
                    case.map(|case| (case.state, case.due, case.attempts))
                );
            }
            if let Some(wallet) = money::wallets::by_customer(tx, id)? {
                let _ = write!(
                    seen,
                    "{}/{}/{:?}",
                    wallet.posted_minor, wallet.held_minor, wallet.frozen
                );
                for held in money::payments::held_of(tx, wallet.account)? {
                    awaits = true;
                    let _ = write!(seen, "{}{:?}", held.id, held.hold);
                }
            }
            let _ = write!(seen, "{}", support::notify::unread(tx, id)?);
            Ok::<_, Fault>(Some((seen, awaits)))
        })
        .await?;
    Ok(seen.map(|(seen, awaits)| Pulse {
        digest: digest(&seen),
        awaits,
    }))
}

/// `None` when there is no such application.
pub async fn of_application(state: &AppState, token: &str) -> Result<Option<Pulse>, Fault> {
    let (policy, now, token) = (state.call_policy.clone(), state.ambient.now(), token.to_owned());
    let seen = state
        .db
        .read_async(move |tx| {
            let Some(application) = applications::by_progress_token(tx, &token)? else {
                return Ok(None);
            };
            let mut seen = format!("{:?}{:?}", application.state, application.changed_at);
            if let Some(case) = cases::by_kind(tx, CaseKind::ApplicationCallback(application.id))? {
                let status = status::for_case(tx, &policy, now, case.id)?;
                let _ = write!(seen, "{status:?}{:?}{:?}", case.state, case.due);
            }
            Ok::<_, Fault>(Some(seen))
        })
        .await?;
    Ok(seen.map(|seen| Pulse {
        digest: digest(&seen),
        awaits: true,
    }))
}

fn digest(seen: &str) -> String {
    hex::encode(&Sha256::digest(seen.as_bytes())[..8])
}
