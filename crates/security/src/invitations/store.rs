use super::{Invitation, InvitationId};
use crate::Token;
use base::{CustomerId, Timestamp};
use store::{DbError, Tx};

store::statements! {
    INSERT = "INSERT INTO invitation (id, token_hash, customer, phone, language, issued_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND = "SELECT id, customer, phone, language, expires_at FROM invitation
        WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2";
    END = "UPDATE invitation SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    END_ALL = "UPDATE invitation SET ended_at = $2 WHERE customer = $1 AND ended_at IS NULL";
}

pub struct Stored {
    pub id: InvitationId,
    pub customer: CustomerId,
    /// Sealed.
    pub phone: Vec<u8>,
    pub language: String,
    pub expires_at: Timestamp,
}

pub fn insert(
    tx: &mut Tx,
    new: &Invitation,
    token: &Token,
    sealed_phone: &[u8],
    now: Timestamp,
) -> Result<(), DbError> {
    let args = [
        (&new.id.0).into(),
        token.hash().into(),
        (&new.customer.0).into(),
        sealed_phone.into(),
        new.language.tag().into(),
        now.into(),
        new.expires_at.into(),
    ];
    tx.execute(&INSERT, &args).map(drop)
}

pub fn find(tx: &mut Tx, token: &Token, now: Timestamp) -> Result<Option<Stored>, DbError> {
    tx.query_opt(&FIND, &[token.hash().into(), now.into()], |row| {
        Ok(Stored {
            id: InvitationId(row.id16(0)?),
            customer: CustomerId(row.id16(1)?),
            phone: row.bytes(2)?,
            language: row.text(3)?,
            expires_at: row.time(4)?,
        })
    })
}

pub fn end(tx: &mut Tx, id: InvitationId, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(&END, &[(&id.0).into(), now.into()])? == 1)
}

pub fn end_all(tx: &mut Tx, customer: CustomerId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&END_ALL, &[(&customer.0).into(), now.into()])
        .map(drop)
}
