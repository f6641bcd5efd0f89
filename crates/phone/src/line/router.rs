//! Requests that reach the line.

use crate::call::session_timer;
use crate::line::incoming::{self, DeclineReason};
use crate::line::{LineCore, allow, supported};
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, StatusCode};
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::transaction::Transaction;
use std::net::IpAddr;
use std::sync::Arc;

/// Gives every request to its dialog, or answers it, until the line stops.
pub(super) async fn route(core: Arc<LineCore>, mut requests: TransactionReceiver) {
    loop {
        let request = tokio::select! {
            request = requests.recv() => request,
            () = core.stopped.cancelled() => break,
        };
        let Some(transaction) = request else { break };
        tokio::spawn(handle(core.clone(), transaction));
    }
}

async fn handle(core: Arc<LineCore>, mut transaction: Transaction) {
    let tagged = transaction
        .original
        .to_header()
        .ok()
        .is_some_and(|to| matches!(to.tag(), Ok(Some(_))));
    let outcome = if let Some(unknown) = unknown_extensions(&transaction.original) {
        let headers = vec![Header::Unsupported(unknown.into())];
        answer(&mut transaction, StatusCode::BadExtension, headers).await
    } else if tagged {
        handle_within_dialog(&core, &mut transaction).await
    } else {
        match transaction.original.method {
            Method::Invite => incoming::handle(core, &mut transaction).await,
            Method::Options => answer(&mut transaction, StatusCode::OK, capabilities()).await,
            Method::Ack => Ok(()),
            Method::Bye | Method::Info | Method::Update | Method::PRack | Method::Cancel => {
                answer(&mut transaction, StatusCode::CallTransactionDoesNotExist, vec![]).await
            }
            _ => answer(&mut transaction, StatusCode::MethodNotAllowed, vec![allow()]).await,
        }
    };
    if let Err(error) = outcome {
        tracing::info!(%error, "a request was not handled to its end");
    }
}

/// What a request requires of us and we do not know (RFC 3261 section 8.2.2.3).
fn unknown_extensions(request: &Request) -> Option<String> {
    if matches!(request.method, Method::Ack | Method::Cancel) {
        return None;
    }
    let required = request.headers.iter().filter_map(|header| match header {
        Header::Require(tags) => Some(tags.value()),
        _ => None,
    });
    let unknown: Vec<&str> = required
        .flat_map(|tags| tags.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty() && !tag.eq_ignore_ascii_case(session_timer::TAG))
        .collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
}

async fn handle_within_dialog(core: &LineCore, transaction: &mut Transaction) -> rsipstack::Result<()> {
    let Some(mut dialog) = core.layer.match_dialog(transaction) else {
        if transaction.original.method == Method::Ack {
            return Ok(());
        }
        return answer(transaction, StatusCode::CallTransactionDoesNotExist, vec![]).await;
    };
    let from = source_ip(transaction);
    if !from.is_some_and(|ip| core.is_trusted(&dialog.id().call_id, ip)) {
        tracing::warn!(method = %transaction.original.method, "a stranger sent a request into a call");
        return answer(transaction, StatusCode::Forbidden, vec![]).await;
    }
    dialog.handle(transaction).await
}

pub(super) fn source_ip(transaction: &Transaction) -> Option<IpAddr> {
    let address = transaction.connection.as_ref()?.get_remote_addr()?;
    address.get_socketaddr().ok().map(|address| address.ip())
}

pub(super) async fn answer(
    transaction: &mut Transaction,
    status: StatusCode,
    headers: Vec<Header>,
) -> rsipstack::Result<()> {
    transaction.reply_with(status, headers, None).await
}

pub(super) async fn refuse(transaction: &mut Transaction, reason: DeclineReason) -> rsipstack::Result<()> {
    answer(transaction, reason.status(), vec![]).await
}

fn capabilities() -> Vec<Header> {
    vec![
        allow(),
        supported(),
        Header::Accept("application/sdp, application/dtmf-relay, application/dtmf".into()),
    ]
}
