use super::{ApiToken, ApiTokenId, MOST_TOKENS};
use crate::logins::{Who, who};
use crate::{SecurityError, Token};
use base::{LoginId, Timestamp};
use store::{DbError, Tx};

store::statements! {
    INSERT = "INSERT INTO api_token (id, token_hash, login, label, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    FIND = "SELECT t.id, t.login, l.customer, l.staff, s.role
        FROM api_token t
        JOIN login l ON l.id = t.login
        LEFT JOIN staff_member s ON s.id = l.staff
        WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
            AND COALESCE(s.active, 1) = 1";
    LIST = "SELECT id, label, created_at, expires_at FROM api_token
        WHERE login = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id LIMIT $3";
    REVOKE = "UPDATE api_token SET revoked_at = $3 WHERE login = $1 AND id = $2 AND revoked_at IS NULL";
    REVOKE_ALL = "UPDATE api_token SET revoked_at = $2 WHERE login = $1 AND revoked_at IS NULL";
}

pub fn insert(tx: &mut Tx, login: LoginId, row: &ApiToken, token: &Token) -> Result<(), DbError> {
    let args = [
        (&row.id.0).into(),
        token.hash().into(),
        (&login.0).into(),
        (&row.label).into(),
        row.created_at.into(),
        row.expires_at.into(),
    ];
    tx.execute(&INSERT, &args).map(drop)
}

pub fn find(
    tx: &mut Tx,
    token: &Token,
    now: Timestamp,
) -> Result<Option<(ApiTokenId, LoginId, Who)>, SecurityError> {
    let found = tx.query_opt(&FIND, &[token.hash().into(), now.into()], |row| {
        let owner = (row.opt_id16(2)?, row.opt_id16(3)?, row.opt_text(4)?);
        Ok((ApiTokenId(row.id16(0)?), LoginId(row.id16(1)?), owner))
    })?;
    found
        .map(|(id, login, (customer, staff, role))| Ok((id, login, who(customer, staff, role)?)))
        .transpose()
}

pub fn list(tx: &mut Tx, login: LoginId, now: Timestamp) -> Result<Vec<ApiToken>, DbError> {
    let args = [(&login.0).into(), now.into(), MOST_TOKENS.into()];
    tx.query(&LIST, &args, |row| {
        Ok(ApiToken {
            id: ApiTokenId(row.id16(0)?),
            label: row.text(1)?,
            created_at: row.time(2)?,
            expires_at: row.time(3)?,
        })
    })
}

pub fn revoke(tx: &mut Tx, login: LoginId, id: ApiTokenId, now: Timestamp) -> Result<bool, DbError> {
    Ok(tx.execute(&REVOKE, &[(&login.0).into(), (&id.0).into(), now.into()])? == 1)
}

pub fn revoke_all(tx: &mut Tx, login: LoginId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&REVOKE_ALL, &[(&login.0).into(), now.into()])
        .map(drop)
}
