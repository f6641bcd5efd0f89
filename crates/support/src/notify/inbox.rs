use super::{Message, MessageId, sending::content_context, store};
use crate::SupportError;
use ::store::Tx;
use base::{CustomerId, Timestamp};
use security::sealing::Keyring;

/// Messages on one page at most.
const PAGE: i64 = 100;

/// A message as the app shows it; [`super::Wording::text`] puts it into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    pub id: MessageId,
    pub message: Message,
    /// The id of what it is about.
    pub subject: String,
    pub at: Timestamp,
    pub read_at: Option<Timestamp>,
}

/// A customer's messages, newest first, older than `before`.
pub fn inbox(
    tx: &mut Tx,
    keyring: &Keyring,
    customer: CustomerId,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<InboxItem>, SupportError> {
    store::inbox(tx, customer, before, limit.clamp(1, PAGE))?
        .into_iter()
        .map(|row| {
            Ok(InboxItem {
                id: row.id,
                message: opened(keyring, row.id, &row.content)?,
                subject: row.subject,
                at: row.at,
                read_at: row.read_at,
            })
        })
        .collect()
}

pub fn unread(tx: &mut Tx, customer: CustomerId) -> Result<i64, SupportError> {
    Ok(store::unread(tx, customer)?)
}

/// Marks everything up to and including a message as read.
pub fn mark_read(
    tx: &mut Tx,
    now: Timestamp,
    customer: CustomerId,
    up_to: MessageId,
) -> Result<(), SupportError> {
    Ok(store::mark_read(tx, customer, up_to, now)?)
}

/// Deletes messages that were sent before, read or not, oldest first; at most `max`.
pub fn forget(tx: &mut Tx, before: Timestamp, max: i64) -> Result<u64, SupportError> {
    // Ids carry their time in their first 48 bits.
    let mut id = [0; 16];
    id[..6].copy_from_slice(&before.as_ms().max(0).to_be_bytes()[2..]);
    Ok(store::forget(tx, MessageId(id), max)?)
}

pub(super) fn opened(keyring: &Keyring, id: MessageId, sealed: &[u8]) -> Result<Message, SupportError> {
    let plain = keyring.unseal(&content_context(id), sealed)?;
    serde_json::from_slice(&plain).map_err(|error| SupportError::Damaged {
        message: id.to_string(),
        reason: error.to_string(),
    })
}
