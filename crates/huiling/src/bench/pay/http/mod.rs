//! Payments over HTTP: `huiling serve` in a process of its own, customers with tokens, one
//! connection for each caller. Afterwards some keys are sent again and must give the same bytes.

mod connection;
mod holders;
mod server;

use super::in_process::take_one;
use super::machine::{folder_bytes, resident_mib};
use super::orders::{Orders, Wish};
use super::row::{Found, Measured, Row};
use super::world::World;
use super::{Case, Options};
use crate::error::HuilingError;
use base::{Rng, Stopwatch};
use connection::Connection;
use holders::Holders;
use server::Server;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use store::Db;

/// Then a row ends: whoever pays more often within ten minutes is asked for a second factor, and what is
/// asked back is no payment.
const PAYMENTS_A_PAYER: u64 = 30;
/// Requests that are sent again.
const REPLAYS: usize = 1_000;
/// One of so many payments is kept, request and answer, to be sent again.
const KEPT_EVERY: u64 = 50;

/// A request and what it was answered.
struct Kept {
    request: Vec<u8>,
    status: u16,
    body: Vec<u8>,
}

/// Serves the world in another process, lets the callers pay, replays, stops it, and verifies.
pub fn measure(world: World, options: &Options) -> Result<Row, HuilingError> {
    let holders = Arc::new(Holders::add(&world)?);
    let world = world.closed();
    let server = Server::start(&world)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(HuilingError::io("starting the callers"))?;
    let before_bytes = folder_bytes(world.folder());
    let started = Stopwatch::start();
    let (found, kept) = runtime.block_on(call_all(world.case, &holders, &server, options, started))?;
    let secs = started.elapsed().as_secs_f64();
    let bytes = folder_bytes(world.folder()).saturating_sub(before_bytes);
    let resident_mib = resident_mib(&server.id().to_string());
    let replayed = runtime.block_on(replay(&server, kept))?;
    server.stop()?;
    let db = Db::open(&world.config, base::Ambient::system())?;
    let verifying = Stopwatch::start();
    let verify = money::verify(&db)?;
    let measured = Measured {
        mean_slice: None,
        bytes,
        resident_mib,
        verify,
        verify_secs: verifying.elapsed().as_secs_f64(),
        replayed: Some(replayed),
    };
    Ok(Row::new(world.case, &found, secs, measured))
}

async fn call_all(
    case: Case,
    holders: &Arc<Holders>,
    server: &Server,
    options: &Options,
    started: Stopwatch,
) -> Result<(Vec<Found>, Vec<Kept>), HuilingError> {
    let payments = options.payments.min(PAYMENTS_A_PAYER * holders.payers());
    let left = Arc::new(AtomicU64::new(payments));
    let time = Duration::from_secs(options.secs);
    let mut callers = Vec::with_capacity(case.callers);
    for number in 0..case.callers {
        let connection = Connection::open(server.address()).await?;
        let orders = Orders::of(number, case.accounts, case.payees);
        callers.push(tokio::spawn(call(
            connection,
            orders,
            holders.clone(),
            left.clone(),
            started,
            time,
        )));
    }
    let (mut found, mut kept) = (Vec::with_capacity(case.callers), Vec::new());
    for caller in callers {
        let ended = caller
            .await
            .map_err(|error| HuilingError::Unusable(format!("a caller failed: {error}")))?;
        let (one, some) = ended?;
        found.push(one);
        kept.extend(some);
    }
    Ok((found, kept))
}

async fn call(
    mut connection: Connection,
    mut orders: Orders,
    holders: Arc<Holders>,
    left: Arc<AtomicU64>,
    started: Stopwatch,
    time: Duration,
) -> Result<(Found, Vec<Kept>), HuilingError> {
    let (mut found, mut kept) = (Found::default(), Vec::new());
    let mut sent = 0;
    while started.elapsed() < time && take_one(&left) {
        let request = request(&orders.wish(holders.payers()), &holders);
        let asked = Stopwatch::start();
        let status = connection.exchange(&request).await?;
        found.latencies_us.push(asked.elapsed().as_micros() as u32);
        match status {
            201 => {}
            202 => found.held += 1,
            403 | 422 => found.refused += 1,
            _ => {
                let text = String::from_utf8_lossy(connection.body()).into_owned();
                return Err(HuilingError::Unusable(format!("a payment got {status}: {text}")));
            }
        }
        sent += 1;
        if sent % KEPT_EVERY == 0 {
            kept.push(Kept {
                request,
                status,
                body: connection.body().to_vec(),
            });
        }
    }
    Ok((found, kept))
}

/// Sends some of the requests again; each must get its first answer, byte for byte.
async fn replay(server: &Server, mut kept: Vec<Kept>) -> Result<u64, HuilingError> {
    let rng = Rng::from_system();
    let mut connection = Connection::open(server.address()).await?;
    let mut alike = 0;
    while alike < REPLAYS as u64 && !kept.is_empty() {
        let first = kept.swap_remove(rng.below(kept.len() as u64) as usize);
        let status = connection.exchange(&first.request).await?;
        if (status, connection.body()) != (first.status, first.body.as_slice()) {
            let text = format!(
                "a repeat got {status} {}, the first was {} {}",
                String::from_utf8_lossy(connection.body()),
                first.status,
                String::from_utf8_lossy(&first.body)
            );
            return Err(HuilingError::Unusable(text));
        }
        alike += 1;
    }
    Ok(alike)
}

fn request(wish: &Wish, holders: &Holders) -> Vec<u8> {
    let Wish {
        payer,
        payee,
        amount_minor,
        key,
    } = wish;
    let body = format!(
        r#"{{"to":"{}","amount":"{}.{:02}","currency":"CNY"}}"#,
        money::bench_wallet_number(*payee as usize).as_str(),
        amount_minor / 100,
        amount_minor % 100
    );
    format!(
        "POST /api/v1/payments HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\nidempotency-key: {key}\r\n\
         content-type: application/json\r\naccept-language: en\r\ncontent-length: {}\r\n\r\n{body}",
        holders.token(*payer),
        body.len()
    )
    .into_bytes()
}
