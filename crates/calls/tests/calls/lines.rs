//! Lines to a peer, and dialers that call through them.

use crate::speech;
use crate::wallets::money_policy;
use crate::world::{LONG, World};
use base::{Ambient, OperatorZone};
use calls::{CallPolicy, Dialer, DialerParts};
use phone::{Line, LineConfig, SipTransport, Trunk};
use security::sealing::Keyring;
use std::net::SocketAddr;
use std::sync::Arc;
use store::Db;
use tokio::runtime::{self, Runtime};
use tokio::task::block_in_place;

impl World {
    /// A dialer whose calls go to this address.
    pub async fn dialer(&self, peer: SocketAddr) -> Dialer {
        let line = line(peer).await;
        self.dialer_on(line)
    }

    /// The same, asking for this user there.
    pub async fn dialer_to_user(&self, user: &str, peer: SocketAddr) -> Dialer {
        let uri = format!("sip:{user}@{peer}");
        Dialer::start(DialerParts {
            route: Some(Arc::new(move |_| Some(uri.clone()))),
            ..self.parts(line(peer).await, "test")
        })
    }

    pub fn dialer_on(&self, line: Line) -> Dialer {
        Dialer::start(self.parts(line, "test"))
    }

    /// What a node of this name dials with.
    pub fn parts(&self, line: Line, node: &str) -> DialerParts {
        DialerParts {
            db: self.db.clone(),
            ambient: self.ambient.clone(),
            line,
            voice: self.voice.clone(),
            keyring: self.keyring.clone(),
            policy: self.policy.clone(),
            money: self.money.clone(),
            recordings: self.recordings(),
            node: node.into(),
            route: None,
        }
    }
}

/// A dialer in a runtime of its own.
pub struct Mortal {
    runtime: Runtime,
    dialer: Dialer,
}

impl Mortal {
    pub async fn dials(world: &World, peer: SocketAddr, node: &str) -> Self {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let line = runtime.spawn(line(peer)).await.unwrap();
        let parts = world.parts(line, node);
        let dialer = runtime.spawn(async move { Dialer::start(parts) }).await.unwrap();
        Self { runtime, dialer }
    }

    /// In the middle of whatever it is doing; nothing of it goes on.
    pub fn dies(self) {
        block_in_place(|| self.runtime.shutdown_timeout(LONG));
        // Told to stop, it would say goodbye; the dead do not.
        std::mem::forget(self.dialer);
    }
}

/// What a node dials with that shares nothing but the database. It keeps its recordings to itself.
pub fn node_parts(db: Db, change: impl Fn(&mut CallPolicy), line: Line, node: &str) -> DialerParts {
    let ambient = Ambient::system();
    let mut policy = CallPolicy::short(OperatorZone::named("Asia/Shanghai").unwrap(), "95138");
    change(&mut policy);
    DialerParts {
        db,
        line,
        voice: speech::voice(),
        keyring: Keyring::ephemeral(&ambient),
        policy,
        money: money_policy(),
        recordings: tempfile::tempdir().unwrap().keep(),
        node: node.into(),
        route: None,
        ambient,
    }
}

pub async fn line(peer: SocketAddr) -> Line {
    let nowhere = "127.0.0.1:0".parse().unwrap();
    Line::open(config(nowhere, peer, SipTransport::Udp), Ambient::system())
        .await
        .unwrap()
}

/// A peer that does not listen is noticed at once.
pub async fn line_over_tcp(peer: SocketAddr) -> Line {
    let nowhere = "127.0.0.1:0".parse().unwrap();
    Line::open(config(nowhere, peer, SipTransport::Tcp), Ambient::system())
        .await
        .unwrap()
}

pub fn config(bind: SocketAddr, peer: SocketAddr, transport: SipTransport) -> LineConfig {
    let trunk = Trunk::Address {
        host: peer,
        transport,
        rtp_from: vec![],
    };
    LineConfig {
        caller_number: "95138".into(),
        rtp_ports: 40_000..=59_999,
        ..LineConfig::new(bind, trunk)
    }
}
