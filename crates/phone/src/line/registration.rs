//! Keeping a registration alive (RFC 3261 section 10).

use crate::config::{SipTransport, Trunk};
use crate::line::LineCore;
use crate::line::target::{contact, credential, resolve};
use rsipstack::dialog::registration::Registration;
use rsipstack::sip::{HostWithPort, Param, Transport, Uri};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// An answer that takes longer than this is none.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_RETRY_SECS: u64 = 2;
const LAST_RETRY_SECS: u64 = 60;

/// Registers, and again before it expires, until the line closes; then unregisters.
pub(super) async fn keep(core: Arc<LineCore>) {
    if let Trunk::Registered {
        registrar,
        transport,
        expires_secs,
        ..
    } = &core.config.trunk
    {
        let mut registration = Registration::new(core.layer.endpoint.clone(), credential(&core.config.trunk));
        registration.call_id = core.new_call_id(None).into();
        registration.contact = Some(rsipstack::sip::typed::Contact {
            display_name: None,
            uri: contact(&core, *transport),
            params: vec![],
        });
        let mut retry = FIRST_RETRY_SECS;
        loop {
            let outcome = register(&core, &mut registration, registrar, *transport, *expires_secs).await;
            let rest = match outcome {
                Ok(()) => {
                    retry = FIRST_RETRY_SECS;
                    let granted = u64::from(registration.expires().max(1));
                    Duration::from_millis(granted * 800)
                }
                Err(reason) => {
                    tracing::warn!(%reason, "the trunk does not register us");
                    core.standing.send_modify(|standing| {
                        standing.registered = false;
                        standing.last_error = Some(reason);
                    });
                    retry = (retry * 2).min(LAST_RETRY_SECS);
                    Duration::from_secs(retry / 2)
                }
            };
            tokio::select! {
                () = sleep(rest) => {}
                () = core.closing.cancelled() => break,
            }
        }
        if core.standing().registered {
            let _ = timeout(
                Duration::from_secs(1),
                register(&core, &mut registration, registrar, *transport, 0),
            )
            .await;
        }
    }
    core.registration_over.cancel();
}

async fn register(
    core: &LineCore,
    registration: &mut Registration,
    registrar: &str,
    transport: SipTransport,
    expires_secs: u32,
) -> Result<(), String> {
    let host = HostWithPort::try_from(registrar).map_err(|_| format!("{registrar:?} is no host"))?;
    let address = resolve(core, &host)
        .await
        .map_err(|failure| failure.to_string())?;
    registration.outbound_proxy = Some(address);
    let params = match transport {
        SipTransport::Udp => vec![],
        SipTransport::Tcp => vec![Param::Transport(Transport::Tcp)],
    };
    let server = Uri {
        scheme: Some(rsipstack::sip::Scheme::Sip),
        auth: None,
        host_with_port: host,
        params,
        headers: vec![],
    };
    let answer = timeout(PATIENCE, registration.register(server, Some(expires_secs))).await;
    match answer {
        Ok(Ok(response)) if response.status_code.code() == 200 => {
            let registered = expires_secs > 0;
            core.standing.send_modify(|standing| {
                standing.registered = registered;
                if registered {
                    standing.last_error = None;
                }
            });
            Ok(())
        }
        Ok(Ok(response)) => Err(format!(
            "{registrar} answers REGISTER with {}",
            response.status_code
        )),
        Ok(Err(error)) => Err(format!("{registrar}: {error}")),
        Err(_) => Err(format!("{registrar} does not answer REGISTER")),
    }
}
