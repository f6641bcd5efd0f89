use store::{DbError, Tx};

/// Versions that are read; an operator changes rules some times a year.
const VERSIONS_MAX: i64 = 10_000;

store::statements! {
    VERSION_OF = "SELECT MAX(version) FROM risk_rules WHERE rules = $1";
    INSERT = "INSERT INTO risk_rules (version, rules, from_number)
        VALUES ((SELECT COALESCE(MAX(version), 1) + 1 FROM risk_rules), $1, $2) RETURNING version";
    EVERY = "SELECT version, rules, from_number FROM risk_rules ORDER BY version LIMIT $1";
}

pub(super) struct KeptRow {
    pub version: i64,
    pub rules: String,
    pub from_number: i64,
}

pub(super) fn version_of(tx: &mut Tx<'_>, rules: &str) -> Result<Option<i64>, DbError> {
    tx.query_one(&VERSION_OF, &[rules.into()], |row| row.opt_int(0))
}

/// The caller holds the head of the ledger.
pub(super) fn insert(tx: &mut Tx<'_>, rules: &str, from_number: i64) -> Result<i64, DbError> {
    tx.query_one(&INSERT, &[rules.into(), from_number.into()], |row| row.int(0))
}

pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<KeptRow>, DbError> {
    tx.query(&EVERY, &[VERSIONS_MAX.into()], |row| {
        Ok(KeptRow {
            version: row.int(0)?,
            rules: row.text(1)?,
            from_number: row.int(2)?,
        })
    })
}
