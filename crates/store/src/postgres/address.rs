//! Where a PostgreSQL server is and how its connection is protected: what the client library reads
//! itself, and `sslmode` and `sslrootcert`, which are read here.

use super::tls::{Check, Roots, Tls};
use crate::DbError;
use ::postgres::Config;
use ::postgres::config::{Host, SslMode};
use percent_encoding::percent_decode_str;
use std::path::PathBuf;

const SSL_MODES: &str = "disable, prefer, require, verify-ca or verify-full";

/// A connection string, understood.
pub(crate) struct Address {
    pub config: Config,
    check: Option<(Check, Roots)>,
}

/// What a connection string says of TLS, and the rest of it.
#[derive(Default)]
struct Parts {
    rest: String,
    mode: Option<String>,
    root: Option<String>,
}

impl Address {
    pub fn parse(url: &str) -> Result<Self, DbError> {
        let parts = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            of_url(url)
        } else {
            of_pairs(url)
        };
        let mut config: Config = parts
            .rest
            .parse()
            .map_err(|error| DbError::from_postgres("reading store.postgres_url", error))?;
        let (mode, check) = protection(parts.mode.as_deref(), parts.root)?;
        // As libpq has it: a socket in the file system is not encrypted, and needs not be.
        let sockets_only = config
            .get_hosts()
            .iter()
            .all(|host| !matches!(host, Host::Tcp(_)));
        let sockets_only = sockets_only && config.get_hostaddrs().is_empty();
        config.ssl_mode(if sockets_only { SslMode::Disable } else { mode });
        let check = check.filter(|_| !sockets_only);
        Ok(Self { config, check })
    }

    /// A connector; the roots are read anew for each connection, so that a renewed file counts.
    pub fn tls(&self) -> Result<Tls, DbError> {
        let (check, roots) = match &self.check {
            Some((check, roots)) => (*check, roots),
            None => (Check::Nothing, &Roots::Public),
        };
        Tls::new(check, roots).map_err(|source| failed(source.to_string()))
    }

    /// What an operator should know about a connection that crosses a network.
    pub fn weakness(&self) -> Option<&'static str> {
        let local = |host: &Host| match host {
            Host::Tcp(name) => name == "localhost" || name == "127.0.0.1" || name == "::1",
            Host::Unix(_) => true,
        };
        let beyond = self.config.get_hosts().iter().any(|host| !local(host))
            || self
                .config
                .get_hostaddrs()
                .iter()
                .any(|address| !address.is_loopback());
        match (self.config.get_ssl_mode(), &self.check) {
            _ if !beyond => None,
            (SslMode::Disable, _) => Some("the connection to PostgreSQL is not encrypted"),
            (SslMode::Prefer, _) => Some(
                "the connection to PostgreSQL is encrypted only if the server offers it, and nobody checks who answers",
            ),
            (_, Some((Check::Nothing, _))) => {
                Some("the connection to PostgreSQL is encrypted, but nobody checks who answers")
            }
            _ => None,
        }
    }
}

fn failed(text: String) -> DbError {
    DbError::Backend {
        at: "connecting",
        source: text.into(),
    }
}

type Protection = (SslMode, Option<(Check, Roots)>);

/// libpq's modes, stricter in one thing: a root certificate always means that the host is checked
/// too, unless `verify-ca` is asked for.
fn protection(mode: Option<&str>, root: Option<String>) -> Result<Protection, DbError> {
    let given = root.is_some();
    let roots = match root.as_deref() {
        None => Roots::Public,
        Some("system") => Roots::System,
        Some(path) => Roots::File(PathBuf::from(path)),
    };
    let checked = |check| Ok((SslMode::Require, Some((check, roots.clone()))));
    match mode {
        None if given => checked(Check::ChainAndHost),
        Some("verify-full") => checked(Check::ChainAndHost),
        Some("verify-ca") if !given => Err(failed(
            "sslmode=verify-ca needs sslrootcert: any host has a certificate of a public root".into(),
        )),
        Some("verify-ca") => checked(Check::Chain),
        Some("require") if given => checked(Check::ChainAndHost),
        Some("require") => checked(Check::Nothing),
        Some("prefer") if given => Err(failed(
            "sslmode=prefer checks nothing, so sslrootcert has no meaning: say sslmode=verify-full".into(),
        )),
        None | Some("prefer") => Ok((SslMode::Prefer, None)),
        Some("disable") => Ok((SslMode::Disable, None)),
        Some(_) => Err(failed(format!("sslmode must be {SSL_MODES}"))),
    }
}

impl Parts {
    /// Whether a setting is one of ours.
    fn takes(&mut self, key: &str, value: &str) -> bool {
        let place = match key {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.root,
            _ => return false,
        };
        *place = Some(value.to_owned());
        true
    }
}

/// `postgres://user:password@host/database?sslmode=…`
fn of_url(url: &str) -> Parts {
    let mut parts = Parts::default();
    // The password may hold a question mark; the client library, too, ends it at the first @.
    let host_from = url.find('@').unwrap_or(0);
    let Some(query_from) = url[host_from..].find('?').map(|at| host_from + at) else {
        parts.rest = url.to_owned();
        return parts;
    };
    let mut kept = Vec::new();
    for pair in url[query_from + 1..].split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode_str(value).decode_utf8_lossy();
        if !pair.is_empty() && !parts.takes(key, &value) {
            kept.push(pair);
        }
    }
    parts.rest = url[..query_from].to_owned();
    if !kept.is_empty() {
        parts.rest = format!("{}?{}", parts.rest, kept.join("&"));
    }
    parts
}

/// `host=… user=… sslmode=…`: a value may stand in single quotes, and a backslash takes the next
/// character as it is.
fn of_pairs(text: &str) -> Parts {
    let mut parts = Parts::default();
    let mut left = text.trim_start();
    while let Some((key, after)) = left.split_once('=') {
        let after = after.trim_start();
        let (value, end) = value(after);
        let raw = &after[..end];
        if !parts.takes(key.trim(), &value) {
            parts.rest.push_str(&format!("{}={raw} ", key.trim()));
        }
        left = after[end..].trim_start();
    }
    // What is no pair is left to the client library to complain about.
    parts.rest.push_str(left);
    parts
}

/// The value at the beginning of a text, and where it ends.
fn value(text: &str) -> (String, usize) {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(usize::from(quoted)) {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '\'' if quoted => return (value, at + 1),
            c if c.is_whitespace() && !quoted => return (value, at),
            c => value.push(c),
        }
    }
    (value, text.len())
}
