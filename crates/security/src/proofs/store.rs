use super::ProofId;
use crate::Token;
use crate::sessions::Session;
use base::{PaymentId, Timestamp};
use store::{DbError, Tx};

store::statements! {
    INSERT = "INSERT INTO proof (id, nonce_hash, session, login, payment, binding, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    BY_NONCE = "SELECT id, binding, expires_at,
            CAST(CASE WHEN proved_at IS NULL THEN 0 ELSE 1 END AS BIGINT)
        FROM proof WHERE nonce_hash = $1";
    MARK_PROVED = "UPDATE proof SET proved_at = $2 WHERE id = $1 AND proved_at IS NULL AND expires_at > $2";
    MARK_SPENT = "UPDATE proof SET spent_at = $3
        WHERE id = $1 AND payment = $2 AND proved_at IS NOT NULL AND spent_at IS NULL AND expires_at > $3";
    IS_SPENT = "SELECT COUNT(*) FROM proof WHERE id = $1 AND payment = $2 AND spent_at IS NOT NULL";
    SWEEP = "DELETE FROM proof WHERE id IN (
        SELECT id FROM proof WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
}

pub struct NewProof<'a> {
    pub id: ProofId,
    pub nonce: &'a Token,
    pub session: &'a Session,
    pub payment: PaymentId,
    pub mac: [u8; 32],
    pub expires_at: Timestamp,
}

pub struct Stored {
    pub id: ProofId,
    pub mac: Vec<u8>,
    pub expires_at: Timestamp,
    pub proved: bool,
}

pub fn insert(tx: &mut Tx, new: &NewProof) -> Result<(), DbError> {
    let args = [
        (&new.id.0).into(),
        new.nonce.hash().into(),
        (&new.session.id.0).into(),
        (&new.session.login.0).into(),
        (&new.payment.0).into(),
        (&new.mac).into(),
        new.expires_at.into(),
    ];
    tx.execute(&INSERT, &args).map(drop)
}

pub fn by_nonce(tx: &mut Tx, nonce: &Token) -> Result<Option<Stored>, DbError> {
    tx.query_opt(&BY_NONCE, &[nonce.hash().into()], |row| {
        Ok(Stored {
            id: ProofId(row.id16(0)?),
            mac: row.bytes(1)?,
            expires_at: row.time(2)?,
            proved: row.bool(3)?,
        })
    })
}

pub fn mark_proved(tx: &mut Tx, id: ProofId, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(&MARK_PROVED, &[(&id.0).into(), now.into()])? == 1)
}

pub fn mark_spent(tx: &mut Tx, id: ProofId, payment: PaymentId, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(&MARK_SPENT, &[(&id.0).into(), (&payment.0).into(), now.into()])? == 1)
}

pub fn is_spent(tx: &mut Tx, id: ProofId, payment: PaymentId) -> Result<bool, DbError> {
    Ok(
        tx.query_one(&IS_SPENT, &[(&id.0).into(), (&payment.0).into()], |row| {
            row.int(0)
        })? > 0,
    )
}

pub fn sweep(tx: &mut Tx, before: Timestamp, max: i64) -> Result<u64, DbError> {
    tx.execute(&SWEEP, &[before.into(), max.into()])
}
