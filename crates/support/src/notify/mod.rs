//! Messages to customers. One transaction writes the message for the app and a job for each
//! channel outside it; a job is keyed by message and channel, so a crash neither loses nor
//! doubles it. The two who could still see one twice, mail server and SMS gateway, get the same
//! Message-ID and Idempotency-Key with every attempt.

mod channel;
mod config;
mod delivery;
mod email;
mod inbox;
mod message;
mod sending;
mod sms;
mod store;
mod texts_en;
mod texts_zh;
mod wording;

pub use self::store::ALL as STATEMENTS;
pub use channel::{Channel, Preferences, preferences, set_preferences};
pub use config::{MailConfig, MailTls, NotifyConfig, SmsConfig};
pub use delivery::{Deliveries, Delivery, deliveries};
pub use inbox::{InboxItem, forget, inbox, mark_read, unread};
pub use message::{Message, VoidedBy};
pub use sending::{Recipient, Sent, send};
pub use wording::{Text, Wording};

base::id_type!(
    /// One message to one person.
    MessageId
);

/// The kinds of jobs that [`Deliveries::run_job`] does.
pub const JOB_KINDS: [&str; 2] = [Channel::Sms.job_kind(), Channel::Email.job_kind()];

#[cfg(test)]
mod tests;
