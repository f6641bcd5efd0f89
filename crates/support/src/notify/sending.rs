use super::{Channel, Message, MessageId, Preferences, preferences, store};
use crate::SupportError;
use ::store::{Tx, jobs, jobs::NewJob};
use base::{Ambient, CustomerId, Language, PhoneNumber};
use security::sealing::Keyring;
use serde::{Deserialize, Serialize};

/// Attempts until a message outside the app is given up: with growing pauses about nine hours.
const MAX_ATTEMPTS: u32 = 20;

/// Whom a message is for. An applicant has no customer id yet, and so no inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub customer: Option<CustomerId>,
    pub phone: PhoneNumber,
    pub email: Option<String>,
    pub language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Sent(MessageId),
    /// This person had this kind of message about this subject before; nothing was written.
    SentBefore,
}

/// Where a message goes; sealed in its row.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Contact {
    pub phone: String,
    pub email: Option<String>,
}

/// Writes a message for the app and a job for each channel outside it. `subject` is the id of
/// what it is about (a payment, a call, a session): the same person gets one message of a kind
/// about it.
pub fn send(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    to: &Recipient,
    message: &Message,
    subject: &str,
) -> Result<Sent, SupportError> {
    let id = MessageId::new(ambient);
    let now = ambient.now();
    let content = serde_json::to_vec(message).expect("a message is always JSON");
    let contact = Contact {
        phone: to.phone.as_str().to_owned(),
        email: to.email.clone(),
    };
    let contact = serde_json::to_vec(&contact).expect("a contact is always JSON");
    let row = store::NewMessage {
        id,
        once: once(keyring, to, message, subject),
        customer: to.customer,
        kind: message.kind(),
        subject,
        language: to.language,
        content: keyring.seal(&content_context(id), &content),
        contact: keyring.seal(&contact_context(id), &contact),
    };
    if !store::insert(tx, &row, now)? {
        return Ok(Sent::SentBefore);
    }
    let wanted = match to.customer {
        Some(customer) => preferences(tx, customer)?,
        None => Preferences::default(),
    };
    for channel in wanted.channels(message, to.email.is_some()) {
        enqueue(tx, ambient, id, channel)?;
    }
    Ok(Sent::Sent(id))
}

fn enqueue(tx: &mut Tx, ambient: &Ambient, id: MessageId, channel: Channel) -> Result<(), SupportError> {
    let job = NewJob {
        kind: channel.job_kind(),
        unique_key: id.to_string(),
        body: String::new(),
        due: ambient.now(),
        max_attempts: MAX_ATTEMPTS,
    };
    jobs::enqueue(tx, ambient, job)?;
    Ok(())
}

/// One value for recipient, kind and subject; a MAC, since the recipient is a number.
fn once(keyring: &Keyring, to: &Recipient, message: &Message, subject: &str) -> [u8; 32] {
    let whom = to
        .customer
        .map_or_else(|| to.phone.as_str().to_owned(), |id| id.to_string());
    let statement = format!("{whom}\n{}\n{subject}", message.kind());
    keyring.mac("support.message", statement.as_bytes())
}

pub(super) fn content_context(id: MessageId) -> String {
    format!("message.content:{id}")
}

pub(super) fn contact_context(id: MessageId) -> String {
    format!("message.contact:{id}")
}
