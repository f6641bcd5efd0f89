//! Numbers and addresses that parse and still make no sense are refused by their key, before
//! anything starts.

use crate::config::{Config, Phone};
use crate::error::HuilingError;
use axum::http::Uri;
use std::ops::RangeInclusive;

const MOST: i128 = i64::MAX as i128;

pub fn check(config: &Config) -> Result<(), HuilingError> {
    numbers(config)?;
    super::policies::countries(config)?;
    ports_for_calls(&config.phone)?;
    public_url(&config.server.public_url)?;
    service_url("checks.identity_url", &config.checks.identity_url)?;
    service_url("checks.credit_url", &config.checks.credit_url)?;
    if config.sms.url.is_empty() {
        Ok(())
    } else {
        service_url("sms.url", &config.sms.url)
    }
}

/// Each call takes a pair of ports. A range that is none at all is refused elsewhere, by its own key.
fn ports_for_calls(phone: &Phone) -> Result<(), HuilingError> {
    let (first, last, calls) = (phone.rtp_first_port, phone.rtp_last_port, phone.max_calls);
    let room = usize::from(last.saturating_sub(first)).div_ceil(2);
    if !phone.enabled || room == 0 || room >= calls {
        return Ok(());
    }
    let enough = usize::from(first) + 2 * calls - 1;
    let widen = if enough > usize::from(u16::MAX) {
        "give a range of ports that begins lower".to_owned()
    } else {
        format!("set phone.rtp_last_port to {enough} or more")
    };
    Err(HuilingError::Unusable(format!(
        "phone.max_calls is {calls}, but phone.rtp_first_port = {first} and phone.rtp_last_port = {last} leave room \
         for {room} calls, because each takes two ports: {widen}, or set phone.max_calls to {room} or less"
    )))
}

/// A number of the configuration, by its key.
macro_rules! within {
    ($config:ident.$section:ident.$key:ident, $range:expr) => {
        within(
            concat!(stringify!($section), ".", stringify!($key)),
            $config.$section.$key as i128,
            $range,
        )
    };
}

fn numbers(config: &Config) -> Result<(), HuilingError> {
    within!(config.store.cache_mib, 2..=1_048_576)?;
    within!(config.store.log_mib, 1..=65_536)?;
    // A week.
    within!(config.money.hold_minutes, 1..=10_080)?;
    within!(config.money.hold_extension_minutes, 0..=120)?;
    within!(config.money.keypad_cap_minor, 0..=MOST)?;
    within!(config.money.keypad_unchanged_days, 0..=3_650)?;
    within!(config.risk.cold_start_minor, 0..=MOST)?;
    within!(config.risk.second_factor_above_minor, 0..=MOST)?;
    within!(config.phone.expires_secs, 30..=86_400)?;
    within!(config.phone.ring_timeout_secs, 5..=180)?;
    within!(config.phone.media_timeout_secs, 2..=600)?;
    within!(config.phone.media_threads, 1..=32)?;
    within!(config.phone.max_calls, 1..=10_000)?;
    within!(config.calls.attempts, 1..=10)?;
    // At once, to a day.
    within!(config.calls.spacing_minutes, 0..=1_440)?;
    within!(config.calls.per_number_hour, 1..=10_000)?;
    within!(config.calls.per_number_day, 1..=10_000)?;
    within!(config.checks.timeout_ms, 100..=60_000)
}

fn within(key: &'static str, value: i128, range: RangeInclusive<i128>) -> Result<(), HuilingError> {
    if range.contains(&value) {
        return Ok(());
    }
    let wanted = match range.into_inner() {
        (least, MOST) => format!("{least} or more"),
        (least, most) => format!("{least} to {most}"),
    };
    Err(HuilingError::setting(key, value.to_string(), wanted))
}

/// Links begin with it, and its scheme decides whether cookies travel in the clear.
fn public_url(text: &str) -> Result<(), HuilingError> {
    let wanted = "an address such as https://wallet.example, without a path";
    let address = parsed(text).filter(|address| address.path() == "/" && address.query().is_none());
    match address {
        Some(_) => Ok(()),
        None => Err(HuilingError::setting("server.public_url", text, wanted)),
    }
}

fn service_url(key: &'static str, text: &str) -> Result<(), HuilingError> {
    match parsed(text) {
        Some(_) => Ok(()),
        None => Err(HuilingError::setting(
            key,
            text,
            "an address that begins with http:// or https://",
        )),
    }
}

fn parsed(text: &str) -> Option<Uri> {
    let address: Uri = text.parse().ok()?;
    let scheme = address.scheme_str()?;
    let known =
        (scheme == "http" || scheme == "https") && address.host().is_some_and(|host| !host.is_empty());
    known.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused_by_its_key() {
        type Change = fn(&mut Config);
        let changes: [(&str, Change); 16] = [
            ("money.hold_minutes", |config| config.money.hold_minutes = 0),
            ("money.keypad_cap_minor", |config| {
                config.money.keypad_cap_minor = -5
            }),
            ("risk.cold_start_minor", |config| {
                config.risk.cold_start_minor = -1
            }),
            ("calls.attempts", |config| config.calls.attempts = 0),
            ("calls.spacing_minutes", |config| {
                config.calls.spacing_minutes = 1_441
            }),
            ("phone.max_calls", |config| config.phone.max_calls = 0),
            ("phone.max_calls", |config| config.phone.max_calls = 501),
            ("calls.per_number_hour", |config| config.calls.per_number_hour = 0),
            ("phone.countries", |config| config.phone.countries.clear()),
            ("phone.countries", |config| {
                config.phone.countries = vec!["86".into(), "Germany".into()]
            }),
            ("checks.timeout_ms", |config| config.checks.timeout_ms = 0),
            ("server.public_url", |config| {
                config.server.public_url = "not a url".into()
            }),
            ("server.public_url", |config| {
                config.server.public_url = "https://a.example/b".into()
            }),
            ("server.public_url", |config| {
                config.server.public_url = "ftp://a.example".into()
            }),
            ("checks.credit_url", |config| {
                config.checks.credit_url = "127.0.0.1:7070".into()
            }),
            ("sms.url", |config| config.sms.url = "gateway".into()),
        ];
        assert!(check(&Config::default()).is_ok());
        for (key, change) in changes {
            let mut config = Config::default();
            change(&mut config);
            let error = check(&config).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{key} is")), "{error}");
        }
        let mut config = Config::default();
        config.phone.max_calls = 501;
        let error = check(&config).unwrap_err().to_string();
        for said in [
            "20000",
            "20999",
            "room for 500 calls",
            "phone.rtp_last_port to 21001",
        ] {
            assert!(error.contains(said), "{error}");
        }
        config.phone.rtp_last_port = 21_001;
        assert!(check(&config).is_ok(), "what the message says to set is enough");
        let mut config = Config::default();
        config.server.public_url = "https://wallet.example/".into();
        assert!(check(&config).is_ok());
    }
}
