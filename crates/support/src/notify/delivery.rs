use super::email::Mailer;
use super::sending::{Contact, contact_context};
use super::sms::Gateway;
use super::{Channel, MessageId, NotifyConfig, Text, inbox, store};
use crate::SupportError;
use ::store::jobs::{Job, JobEnd};
use ::store::{Db, Tx};
use base::Timestamp;
use security::sealing::Keyring;

/// How one message fared on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `sms` or `email`.
    pub channel: String,
    pub delivered_at: Option<Timestamp>,
    /// Why not, in the server's words.
    pub problem: Option<String>,
}

/// What staff see of a message's way out.
pub fn deliveries(tx: &mut Tx, message: MessageId) -> Result<Vec<Delivery>, SupportError> {
    Ok(store::deliveries(tx, message)?)
}

/// Carries messages out of the app, one job at a time.
#[derive(Clone)]
pub struct Deliveries {
    db: Db,
    keyring: Keyring,
    config: NotifyConfig,
    mailer: Option<Mailer>,
    gateway: Option<Gateway>,
}

/// How one attempt on a channel ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Delivered,
    /// Worth another attempt, after this many milliseconds or a growing pause.
    Later {
        problem: String,
        after_ms: Option<u64>,
    },
    /// No attempt will change it.
    Never {
        problem: String,
    },
}

/// What a channel carries.
pub(super) struct Outgoing {
    pub id: MessageId,
    pub contact: Contact,
    pub text: Text,
    /// Who writes, in the reader's language.
    pub brand: String,
    pub at: Timestamp,
}

impl Deliveries {
    /// # Errors
    /// `Config` when an address or a certificate of the configuration cannot be used.
    pub fn new(db: Db, keyring: Keyring, config: NotifyConfig) -> Result<Self, SupportError> {
        let timeout_ms = config.timeout_ms;
        let mailer = config
            .mail
            .as_ref()
            .map(|mail| Mailer::new(mail, timeout_ms))
            .transpose()?;
        let gateway = config.sms.as_ref().map(|sms| Gateway::new(sms, timeout_ms));
        Ok(Self {
            db,
            keyring,
            config,
            mailer,
            gateway,
        })
    }

    /// Does one job of [`super::JOB_KINDS`].
    pub fn run_job(&self, job: &Job) -> JobEnd {
        let (Some(channel), Ok(id)) = (Channel::of_job(&job.kind), job.unique_key.parse()) else {
            return JobEnd::Abandon {
                error: format!("no message: {} {}", job.kind, job.unique_key),
            };
        };
        self.deliver(id, channel).unwrap_or_else(|error| match error {
            SupportError::Damaged { .. } => JobEnd::Abandon {
                error: error.to_string(),
            },
            SupportError::Db(_) | SupportError::Sealed(_) | SupportError::Config { .. } => JobEnd::Retry {
                error: error.to_string(),
                after_ms: None,
            },
        })
    }

    fn deliver(&self, id: MessageId, channel: Channel) -> Result<JobEnd, SupportError> {
        let Some((row, delivered)) = self.db.read(move |tx| {
            let row = store::outgoing(tx, id)?;
            let delivered = store::is_delivered(tx, id, channel)?;
            Ok::<_, SupportError>(row.map(|row| (row, delivered)))
        })?
        else {
            return Ok(JobEnd::Abandon {
                error: format!("message {id} does not exist"),
            });
        };
        // An earlier attempt was interrupted between the server's answer and the end of its job.
        if delivered {
            return Ok(JobEnd::Done);
        }
        let message = inbox::opened(&self.keyring, id, &row.content)?;
        let contact = self.keyring.unseal(&contact_context(id), &row.contact)?;
        let outgoing = Outgoing {
            id,
            contact: serde_json::from_slice(&contact).map_err(|error| SupportError::Damaged {
                message: id.to_string(),
                reason: error.to_string(),
            })?,
            text: self.config.wording.text(&message, row.language),
            brand: self.config.wording.brand(row.language).to_owned(),
            at: row.at,
        };
        let attempt = match (channel, &self.mailer, &self.gateway) {
            (Channel::Email, Some(mailer), _) => mailer.send(&outgoing),
            (Channel::Sms, _, Some(gateway)) => gateway.send(&outgoing),
            (Channel::Email, None, _) | (Channel::Sms, _, None) => {
                self.record(id, channel, None, Some("switched off"))?;
                return Ok(JobEnd::Done);
            }
        };
        self.conclude(id, channel, attempt)
    }

    fn conclude(&self, id: MessageId, channel: Channel, attempt: Attempt) -> Result<JobEnd, SupportError> {
        let now = self.db.ambient().now();
        Ok(match attempt {
            Attempt::Delivered => {
                self.record(id, channel, Some(now), None)?;
                JobEnd::Done
            }
            Attempt::Later { problem, after_ms } => {
                self.record(id, channel, None, Some(&problem))?;
                JobEnd::Retry {
                    error: problem,
                    after_ms,
                }
            }
            Attempt::Never { problem } => {
                self.record(id, channel, None, Some(&problem))?;
                JobEnd::Abandon { error: problem }
            }
        })
    }

    fn record(
        &self,
        id: MessageId,
        channel: Channel,
        delivered_at: Option<Timestamp>,
        problem: Option<&str>,
    ) -> Result<(), SupportError> {
        let problem: Option<String> = problem.map(|text| text.chars().take(500).collect());
        self.db
            .write(move |tx| Ok(store::record(tx, id, channel, delivered_at, problem.as_deref())?))
    }
}

impl std::fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Deliveries({:?})", self.config)
    }
}
