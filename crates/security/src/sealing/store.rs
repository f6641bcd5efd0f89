use base::Timestamp;
use store::{DbError, Tx};

store::statements! {
    INSERT_KEY = "INSERT INTO data_key (id, sealed, created_at) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO NOTHING";
    ALL_KEYS = "SELECT id, sealed FROM data_key ORDER BY id LIMIT 10000";
}

pub fn insert(tx: &mut Tx, id: i64, sealed: &[u8], now: Timestamp) -> Result<(), DbError> {
    tx.execute(&INSERT_KEY, &[id.into(), sealed.into(), now.0.into()])
        .map(drop)
}

pub fn all(tx: &mut Tx) -> Result<Vec<(i64, Vec<u8>)>, DbError> {
    tx.query(&ALL_KEYS, &[], |row| Ok((row.int(0)?, row.bytes(1)?.to_vec())))
}
