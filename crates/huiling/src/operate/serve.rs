//! `huiling serve`: the wallet of an institution.

use crate::config::Config;
use crate::error::HuilingError;
use crate::wiring::House;
use crate::wiring::house::Adjustments;
use base::Ambient;
use std::io::IsTerminal;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

pub fn run(config: &Config) -> Result<ExitCode, HuilingError> {
    start_logging(config)?;
    runtime()?.block_on(async {
        let until = interrupted()?;
        let listener = listen(&config.server.bind).await?;
        let house = House::start(config, Ambient::system(), Adjustments::default()).await?;
        if let Some(doubt) = doubt(config) {
            tracing::warn!("{doubt}");
        }
        tracing::info!(address = %config.server.bind, url = %config.server.public_url, "serving");
        let router = web::router(house.state.clone());
        house.serve(listener, router, until).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What is allowed and still hardly meant. This program speaks no TLS, so that https means a proxy,
/// and a proxy that is not believed looks like one single caller with all customers' limits.
fn doubt(config: &Config) -> Option<&'static str> {
    let server = &config.server;
    (server.public_url.starts_with("https://") && !server.behind_proxy).then_some(
        "server.public_url is https, so a proxy stands in front; without server.behind_proxy = true all \
         customers count as one caller, and sign-ins are refused after 20 a minute",
    )
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

/// Ends with the first interrupt or termination signal. They are heard from this call on, so that a stop
/// in the middle of the start is an orderly one too.
pub fn interrupted() -> Result<impl Future<Output = ()>, HuilingError> {
    let hear = |kind| signal(kind).map_err(HuilingError::io("signals to stop cannot be heard"));
    let (mut interrupt, mut terminate) = (hear(SignalKind::interrupt())?, hear(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

pub fn start_logging(config: &Config) -> Result<(), HuilingError> {
    let wanted = "modules with levels, for example info,phone=debug";
    let filter = EnvFilter::try_new(&config.server.log);
    let filter = filter.map_err(|_| HuilingError::setting("server.log", &config.server.log, wanted))?;
    let logging = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Told on standard error, where it would fail too, and end the program: a full disk must not.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = if config.server.log_json {
        logging.json().try_init()
    } else {
        logging.try_init()
    };
    started.map_err(|error| HuilingError::Unusable(format!("logging does not start: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_is_not_believed_is_doubted() {
        let mut config = Config::default();
        assert_eq!(doubt(&config), None);
        config.server.public_url = "https://wallet.example".into();
        assert!(doubt(&config).is_some_and(|doubt| doubt.contains("server.behind_proxy")));
        config.server.behind_proxy = true;
        assert_eq!(doubt(&config), None);
    }
}
