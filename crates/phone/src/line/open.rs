//! Opening a line: its sockets first, so that an occupied port is known at once.

use crate::config::{LineConfig, Trunk};
use crate::error::PhoneError;
use crate::line::{Line, LineCore, Standing};
use crate::line::{registration, router};
use crate::media::{MediaEngine, RtpPorts};
use base::Ambient;
use rsipstack::EndpointBuilder;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::transport::tcp::TcpConnection;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportLayer};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// How often a free port is looked for that is free for both protocols.
const PORT_ATTEMPTS: usize = 50;

impl Line {
    /// Binds the ports, starts the stack and the media threads, and begins to register.
    ///
    /// # Errors
    /// Names an occupied port and what to do about it.
    pub async fn open(config: LineConfig, ambient: Ambient) -> Result<Self, PhoneError> {
        check_caller(&config.caller_number)?;
        let (first, last) = (*config.rtp_ports.start(), *config.rtp_ports.end());
        let ports = RtpPorts::new(config.bind.ip(), &config.rtp_ports, ambient.rng.next_u64())
            .ok_or(PhoneError::NoRtpPorts { first, last })?;
        let (udp, tcp) = bind_both(config.bind).await?;
        let bound = udp
            .local_addr()
            .map_err(|source| bind_error("UDP", config.bind, source))?;
        let media = MediaEngine::start(config.media_threads, config.realtime).map_err(PhoneError::Media)?;

        let stopped = CancellationToken::new();
        let layer = TransportLayer::new(stopped.child_token());
        let told = config.advertised_ip.map(|ip| SocketAddr::new(ip, bound.port()));
        let connection = UdpConnection::from_socket(Arc::new(udp), told, Some(stopped.child_token()));
        let connection = connection.await.map_err(signalling)?;
        let advertised = connection.get_addr().get_socketaddr().unwrap_or(bound);
        layer.add_transport(connection.into());
        let endpoint = EndpointBuilder::new()
            .with_cancel_token(stopped.child_token())
            .with_transport_layer(layer)
            .with_user_agent(concat!("Huiling/", env!("CARGO_PKG_VERSION")))
            .build();
        let requests = endpoint.incoming_transactions().map_err(signalling)?;
        let inner = endpoint.inner.clone();

        let known = matches!(config.trunk, Trunk::Address { .. });
        let core = Arc::new(LineCore {
            layer: Arc::new(DialogLayer::new(inner.clone())),
            media,
            ports,
            bound,
            advertised,
            slots: Arc::new(Semaphore::new(config.max_calls)),
            standing: watch::Sender::new(Standing {
                registered: known,
                last_error: None,
            }),
            incoming: Mutex::default(),
            peers: Mutex::default(),
            closing: CancellationToken::new(),
            registration_over: CancellationToken::new(),
            stopped: stopped.clone(),
            released: CancellationToken::new(),
            config,
            ambient,
        });
        tokio::spawn(async move {
            // The endpoint lives as long as it serves.
            let _endpoint = endpoint;
            if let Err(error) = inner.serve().await {
                tracing::error!(%error, "the SIP stack stopped");
            }
        });
        tokio::spawn(accept_streams(core.clone(), tcp));
        tokio::spawn(router::route(core.clone(), requests));
        tokio::spawn(registration::keep(core.clone()));
        Ok(Self {
            core,
            _open: Arc::new(stopped.drop_guard()),
        })
    }
}

/// The stack's own listener only logs a failure to bind; this one is bound before it starts.
async fn accept_streams(core: Arc<LineCore>, listener: TcpListener) {
    let local = SipAddr {
        r#type: Some(rsipstack::sip::Transport::Tcp),
        addr: core.advertised.into(),
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = core.stopped.cancelled() => break,
        };
        let token = Some(core.stopped.child_token());
        let connection = accepted
            .map_err(|error| error.to_string())
            .and_then(|(stream, _)| {
                TcpConnection::from_stream(stream, local.clone(), token).map_err(|error| error.to_string())
            });
        match connection {
            Ok(connection) => core
                .layer
                .endpoint
                .transport_layer
                .add_connection(SipConnection::Tcp(connection)),
            Err(error) => {
                tracing::warn!(%error, "a TCP connection was not accepted");
                // Out of descriptors: let others finish first.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    core.released.cancel();
}

async fn bind_both(wanted: SocketAddr) -> Result<(UdpSocket, TcpListener), PhoneError> {
    let mut attempts = 0;
    loop {
        let udp = UdpSocket::bind(wanted)
            .await
            .map_err(|source| bind_error("UDP", wanted, source))?;
        let bound = udp
            .local_addr()
            .map_err(|source| bind_error("UDP", wanted, source))?;
        match TcpListener::bind(bound).await {
            Ok(tcp) => return Ok((udp, tcp)),
            // Any port was asked for, and this one is free for UDP only.
            Err(_) if wanted.port() == 0 && attempts < PORT_ATTEMPTS => attempts += 1,
            Err(source) => return Err(bind_error("TCP", bound, source)),
        }
    }
}

fn bind_error(protocol: &'static str, address: SocketAddr, source: io::Error) -> PhoneError {
    match source.kind() {
        ErrorKind::AddrInUse => PhoneError::PortInUse { protocol, address },
        _ => PhoneError::Bind {
            protocol,
            address,
            source,
        },
    }
}

fn signalling(error: rsipstack::Error) -> PhoneError {
    PhoneError::Signalling(error.to_string())
}

fn check_caller(number: &str) -> Result<(), PhoneError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_' | '*' | '#');
    if number.is_empty() || number.len() > 64 || !number.chars().all(allowed) {
        return Err(PhoneError::CallerNumber(number.into()));
    }
    Ok(())
}

/// Whether requests from this address can be for us at all.
pub(super) fn is_same_family(a: IpAddr, b: IpAddr) -> bool {
    a.is_ipv4() == b.is_ipv4()
}
