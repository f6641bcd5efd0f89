use super::Wording;
use std::fmt;

/// Where messages go out. A channel without an address is switched off.
#[derive(Clone, Debug)]
pub struct NotifyConfig {
    pub wording: Wording,
    pub mail: Option<MailConfig>,
    pub sms: Option<SmsConfig>,
    /// For one attempt, from connecting to the last answer.
    pub timeout_ms: u64,
}

/// A mail server that takes our messages.
#[derive(Clone)]
pub struct MailConfig {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    /// Empty: without authentication.
    pub username: String,
    pub password: String,
    /// `Huiling <no-reply@example.com>`.
    pub from: String,
    /// A certificate authority of one's own, in PEM, besides the public ones.
    pub extra_root_pem: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// In the clear: for a server on this machine.
    None,
    /// STARTTLS, and nothing without it.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

impl MailTls {
    /// Reads `none`, `starttls` or `tls`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "starttls" => Some(Self::StartTls),
            "tls" => Some(Self::Tls),
            _ => None,
        }
    }
}

/// A gateway that takes `POST {"id", "to", "text"}`.
#[derive(Clone)]
pub struct SmsConfig {
    pub url: String,
    /// Sent as a bearer token; empty: none.
    pub key: String,
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailConfig({}:{}, {:?})", self.host, self.port, self.tls)
    }
}

impl fmt::Debug for SmsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmsConfig({})", self.url)
    }
}
