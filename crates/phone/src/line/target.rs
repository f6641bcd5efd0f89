//! Where a call goes: its request URI, and the address the request is sent to.

use crate::config::{SipTransport, Trunk};
use crate::error::DialFailure;
use crate::line::LineCore;
use crate::line::open::is_same_family;
use base::PhoneNumber;
use rsipstack::dialog::authenticate::Credential;
use rsipstack::sip::uri::ParamsExt;
use rsipstack::sip::{Auth, HostWithPort, Param, Scheme, Transport, Uri};
use rsipstack::transport::SipAddr;
use std::net::SocketAddr;

pub(super) struct Target {
    pub uri: Uri,
    pub address: SocketAddr,
    pub transport: SipTransport,
}

impl Target {
    pub(super) fn destination(&self) -> SipAddr {
        SipAddr {
            r#type: Some(stack_transport(self.transport)),
            addr: self.address.into(),
        }
    }
}

/// The destination of a call, by the trunk or by a URI that overrides it.
pub(super) async fn find(
    core: &LineCore,
    to: &PhoneNumber,
    uri: Option<&str>,
) -> Result<Target, DialFailure> {
    let transport = core.config.trunk.transport();
    let uri = match (uri, &core.config.trunk) {
        (Some(text), _) => Uri::try_from(text).map_err(|_| DialFailure::WrongNumber)?,
        (None, Trunk::Address { host, .. }) => user_at(to.digits(), (*host).into(), transport),
        (None, Trunk::Registered { registrar, .. }) => {
            let host = HostWithPort::try_from(registrar.as_str())
                .map_err(|_| DialFailure::TrunkDown(format!("{registrar:?} is no host")))?;
            user_at(to.digits(), host, transport)
        }
    };
    let transport = match uri.transport() {
        Some(Transport::Tcp) => SipTransport::Tcp,
        Some(Transport::Udp) => SipTransport::Udp,
        _ => transport,
    };
    let address = resolve(core, &uri.host_with_port).await?;
    Ok(Target {
        uri,
        address,
        transport,
    })
}

pub(super) async fn resolve(core: &LineCore, host: &HostWithPort) -> Result<SocketAddr, DialFailure> {
    let port = host.port.map_or(5060, |port| port.value());
    let name = host.host.to_string();
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let found = tokio::net::lookup_host((name, port)).await;
    let mut found = found.map_err(|error| DialFailure::TrunkDown(format!("{name}: {error}")))?;
    let ours = core.bound.ip();
    found
        .find(|address| is_same_family(address.ip(), ours))
        .ok_or_else(|| DialFailure::TrunkDown(format!("{name} has no address that we can send to")))
}

/// Our own address, with the number that calls.
pub(super) fn contact(core: &LineCore, transport: SipTransport) -> Uri {
    let mut uri = user_at(&core.config.caller_number, core.advertised.into(), transport);
    // A contact that names its transport is left as it is by the stack.
    uri.params = vec![Param::Transport(stack_transport(transport))];
    uri
}

/// Who calls: our number at the registrar we belong to, or at our own address.
pub(super) fn caller(core: &LineCore) -> Uri {
    let host = match &core.config.trunk {
        Trunk::Registered { registrar, .. } => HostWithPort::try_from(registrar.as_str()).ok(),
        Trunk::Address { .. } => None,
    };
    let mut uri = user_at(
        &core.config.caller_number,
        core.advertised.into(),
        SipTransport::Udp,
    );
    if let Some(host) = host {
        uri.host_with_port = host;
    }
    uri
}

pub(super) fn credential(trunk: &Trunk) -> Option<Credential> {
    match trunk {
        Trunk::Address { .. } => None,
        Trunk::Registered {
            username,
            password,
            realm,
            ..
        } => Some(Credential {
            username: username.clone(),
            password: password.clone(),
            realm: realm.clone(),
            auth_username: None,
        }),
    }
}

pub(super) fn stack_transport(transport: SipTransport) -> Transport {
    match transport {
        SipTransport::Udp => Transport::Udp,
        SipTransport::Tcp => Transport::Tcp,
    }
}

fn user_at(user: &str, host: HostWithPort, transport: SipTransport) -> Uri {
    let params = match transport {
        SipTransport::Udp => vec![],
        SipTransport::Tcp => vec![Param::Transport(Transport::Tcp)],
    };
    Uri {
        scheme: Some(Scheme::Sip),
        auth: Some(Auth {
            user: user.into(),
            password: None,
        }),
        host_with_port: host,
        params,
        headers: vec![],
    }
}
