use super::{Channel, Delivery, MessageId, Preferences};
use base::{CustomerId, Language, Timestamp};
use store::{DbError, Tx};

store::statements! {
    INSERT = "INSERT INTO message (id, once, customer, kind, subject, language, content, contact, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (once) DO NOTHING";
    INBOX = "SELECT id, subject, content, created_at, read_at FROM message
        WHERE customer = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    UNREAD = "SELECT COUNT(*) FROM message WHERE customer = $1 AND read_at IS NULL";
    MARK_READ = "UPDATE message SET read_at = $3 WHERE customer = $1 AND id <= $2 AND read_at IS NULL";
    OUTGOING = "SELECT language, content, contact, created_at FROM message WHERE id = $1";
    DELIVERY = "SELECT channel, delivered_at, problem FROM message_delivery WHERE message = $1 AND channel = $2";
    DELIVERIES = "SELECT channel, delivered_at, problem FROM message_delivery WHERE message = $1 ORDER BY channel";
    RECORD = "INSERT INTO message_delivery (message, channel, delivered_at, problem) VALUES ($1, $2, $3, $4)
        ON CONFLICT (message, channel) DO UPDATE SET
            delivered_at = COALESCE(message_delivery.delivered_at, excluded.delivered_at),
            problem = excluded.problem";
    FORGET_DELIVERIES = "DELETE FROM message_delivery WHERE message IN
        (SELECT id FROM message WHERE id < $1 ORDER BY id LIMIT $2)";
    FORGET = "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE id < $1 ORDER BY id LIMIT $2)";
    PREFERENCES = "SELECT sms, email FROM message_preference WHERE customer = $1";
    SET_PREFERENCES = "INSERT INTO message_preference (customer, sms, email) VALUES ($1, $2, $3)
        ON CONFLICT (customer) DO UPDATE SET sms = excluded.sms, email = excluded.email";
}

pub struct NewMessage<'a> {
    pub id: MessageId,
    pub once: [u8; 32],
    pub customer: Option<CustomerId>,
    pub kind: &'static str,
    pub subject: &'a str,
    pub language: Language,
    pub content: Vec<u8>,
    pub contact: Vec<u8>,
}

pub struct InboxRow {
    pub id: MessageId,
    pub subject: String,
    pub content: Vec<u8>,
    pub at: Timestamp,
    pub read_at: Option<Timestamp>,
}

pub struct Outgoing {
    pub language: Language,
    pub content: Vec<u8>,
    pub contact: Vec<u8>,
    pub at: Timestamp,
}

pub fn insert(tx: &mut Tx, new: &NewMessage, now: Timestamp) -> Result<bool, DbError> {
    let args = [
        (&new.id.0).into(),
        (&new.once).into(),
        new.customer.as_ref().map(|id| &id.0).into(),
        new.kind.into(),
        new.subject.into(),
        new.language.tag().into(),
        (&new.content).into(),
        (&new.contact).into(),
        now.into(),
    ];
    Ok(tx.execute(&INSERT, &args)? == 1)
}

pub fn inbox(
    tx: &mut Tx,
    customer: CustomerId,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<InboxRow>, DbError> {
    let before = before.map_or([0xff; 16], |id| id.0);
    tx.query(
        &INBOX,
        &[(&customer.0).into(), (&before).into(), limit.into()],
        |row| {
            Ok(InboxRow {
                id: MessageId(row.id16(0)?),
                subject: row.text(1)?,
                content: row.bytes(2)?,
                at: row.time(3)?,
                read_at: row.opt_time(4)?,
            })
        },
    )
}

pub fn unread(tx: &mut Tx, customer: CustomerId) -> Result<i64, DbError> {
    tx.query_one(&UNREAD, &[(&customer.0).into()], |row| row.int(0))
}

pub fn mark_read(tx: &mut Tx, customer: CustomerId, up_to: MessageId, now: Timestamp) -> Result<(), DbError> {
    let args = [(&customer.0).into(), (&up_to.0).into(), now.into()];
    tx.execute(&MARK_READ, &args).map(drop)
}

pub fn outgoing(tx: &mut Tx, id: MessageId) -> Result<Option<Outgoing>, DbError> {
    tx.query_opt(&OUTGOING, &[(&id.0).into()], |row| {
        Ok(Outgoing {
            language: Language::from_tag(&row.text(0)?).unwrap_or(Language::ZhHans),
            content: row.bytes(1)?,
            contact: row.bytes(2)?,
            at: row.time(3)?,
        })
    })
}

pub fn is_delivered(tx: &mut Tx, id: MessageId, channel: Channel) -> Result<bool, DbError> {
    let args = [(&id.0).into(), channel.code().into()];
    let delivered = tx.query_opt(&DELIVERY, &args, |row| row.opt_time(1))?;
    Ok(delivered.flatten().is_some())
}

pub fn deliveries(tx: &mut Tx, id: MessageId) -> Result<Vec<Delivery>, DbError> {
    tx.query(&DELIVERIES, &[(&id.0).into()], |row| {
        Ok(Delivery {
            channel: row.text(0)?,
            delivered_at: row.opt_time(1)?,
            problem: row.opt_text(2)?,
        })
    })
}

pub fn record(
    tx: &mut Tx,
    id: MessageId,
    channel: Channel,
    delivered_at: Option<Timestamp>,
    problem: Option<&str>,
) -> Result<(), DbError> {
    let args = [
        (&id.0).into(),
        channel.code().into(),
        delivered_at.into(),
        problem.into(),
    ];
    tx.execute(&RECORD, &args).map(drop)
}

/// Deletes the oldest messages with an id below `before`, at most `max`.
pub fn forget(tx: &mut Tx, before: MessageId, max: i64) -> Result<u64, DbError> {
    let args = [(&before.0).into(), max.into()];
    tx.execute(&FORGET_DELIVERIES, &args)?;
    tx.execute(&FORGET, &args)
}

pub fn preferences(tx: &mut Tx, customer: CustomerId) -> Result<Option<Preferences>, DbError> {
    tx.query_opt(&PREFERENCES, &[(&customer.0).into()], |row| {
        Ok(Preferences {
            sms: row.bool(0)?,
            email: row.bool(1)?,
        })
    })
}

pub fn set_preferences(tx: &mut Tx, customer: CustomerId, wanted: Preferences) -> Result<(), DbError> {
    let args = [(&customer.0).into(), wanted.sms.into(), wanted.email.into()];
    tx.execute(&SET_PREFERENCES, &args).map(drop)
}
