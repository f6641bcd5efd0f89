//! `huiling serve`: the wallet of an institution.

use crate::config::Config;
use crate::error::HuilingError;
use crate::wiring::House;
use crate::wiring::house::Adjustments;
use base::Ambient;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

pub fn run(config: &Config) -> Result<ExitCode, HuilingError> {
    start_logging(config)?;
    runtime()?.block_on(async {
        let listener = listen(&config.server.bind).await?;
        let house = House::start(config, Ambient::system(), Adjustments::default()).await?;
        tracing::info!(address = %config.server.bind, url = %config.server.public_url, "serving");
        let router = web::router(house.state.clone());
        house.serve(listener, router, interrupted()).await
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn runtime() -> Result<tokio::runtime::Runtime, HuilingError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(HuilingError::io("the runtime does not start"))
}

pub async fn listen(address: &str) -> Result<TcpListener, HuilingError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(HuilingError::io(format!(
        "cannot listen for HTTP on {address}; set server.bind to a free address, or stop the other program"
    )))
}

/// Ends with the first interrupt or termination signal.
pub async fn interrupted() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(error) => {
            tracing::warn!(%error, "termination signals are not heard");
            let _ = tokio::signal::ctrl_c().await;
            return;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

pub fn start_logging(config: &Config) -> Result<(), HuilingError> {
    let wanted = "modules with levels, for example info,phone=debug";
    let filter = EnvFilter::try_new(&config.server.log);
    let filter = filter.map_err(|_| HuilingError::setting("server.log", &config.server.log, wanted))?;
    let logging = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if config.server.log_json {
        logging.json().try_init()
    } else {
        logging.try_init()
    };
    started.map_err(|error| HuilingError::Unusable(format!("logging does not start: {error}")))
}
