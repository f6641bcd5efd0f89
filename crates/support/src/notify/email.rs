use super::delivery::{Attempt, Outgoing};
use super::{MailConfig, MailTls};
use crate::SupportError;
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport};
use std::time::{Duration, SystemTime};

/// After these the server wants another configuration, not another message: wait for the operator.
const CONFIGURATION_CODES: [u16; 4] = [530, 534, 535, 538];
const CONFIGURATION_PAUSE_MS: u64 = 300_000;

/// Hands messages to one mail server; a connection for each.
#[derive(Clone)]
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Mailer {
    pub fn new(config: &MailConfig, timeout_ms: u64) -> Result<Self, SupportError> {
        let from: Mailbox = config.from.parse().map_err(|error| {
            bad(
                "mail.from",
                format!("{:?} is not an address: {error}", config.from),
            )
        })?;
        let tls = match config.tls {
            MailTls::None => Tls::None,
            MailTls::StartTls => Tls::Required(tls_parameters(config)?),
            MailTls::Tls => Tls::Wrapper(tls_parameters(config)?),
        };
        let mut builder = SmtpTransport::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls)
            .timeout(Some(Duration::from_millis(timeout_ms)));
        if !config.username.is_empty() {
            builder = builder.credentials(Credentials::new(config.username.clone(), config.password.clone()));
        }
        Ok(Self {
            transport: builder.build(),
            from,
        })
    }

    /// Every attempt carries the same Message-ID and date, so that a copy sent twice by a crash
    /// is recognised as one.
    pub fn send(&self, outgoing: &Outgoing) -> Attempt {
        let to = outgoing.contact.email.as_deref().unwrap_or_default();
        let Ok(address) = to.parse::<Address>() else {
            return Attempt::Never {
                problem: "the customer's e-mail address is not one".into(),
            };
        };
        let sent_at = SystemTime::UNIX_EPOCH + Duration::from_secs(outgoing.at.as_secs().max(0) as u64);
        let built = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(outgoing.text.title.as_str())
            .message_id(Some(format!("<{}@{}>", outgoing.id, self.from.email.domain())))
            .date(sent_at)
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{}\r\n", outgoing.text.outside));
        let message = match built {
            Ok(message) => message,
            Err(error) => {
                return Attempt::Never {
                    problem: format!("the message cannot be written: {error}"),
                };
            }
        };
        match self.transport.send(&message) {
            Ok(_) => Attempt::Delivered,
            Err(error) => failed(&error),
        }
    }
}

fn failed(error: &lettre::transport::smtp::Error) -> Attempt {
    let status = error.status().map(|code| code.to_string());
    let status: Option<u16> = status.and_then(|code| code.parse().ok());
    let problem = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    match status {
        Some(code) if CONFIGURATION_CODES.contains(&code) => Attempt::Later {
            problem,
            after_ms: Some(CONFIGURATION_PAUSE_MS),
        },
        Some(500..=599) => Attempt::Never { problem },
        _ => Attempt::Later {
            problem,
            after_ms: None,
        },
    }
}

fn tls_parameters(config: &MailConfig) -> Result<TlsParameters, SupportError> {
    let mut parameters = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.extra_root_pem {
        let root = Certificate::from_pem(pem)
            .map_err(|error| bad("the mail server's authority", error.to_string()))?;
        parameters = parameters.add_root_certificate(root);
    }
    parameters
        .build_rustls()
        .map_err(|error| bad("mail.tls", format!("{}: {error}", config.host)))
}

fn bad(setting: &'static str, reason: String) -> SupportError {
    SupportError::Config { setting, reason }
}
