/// What can go wrong below a decision: the answer is unknown, or the data is damaged.
/// Refusals (a wrong code, a lock-out) are outcomes, not errors.
#[derive(Debug, thiserror::Error)]
pub enum SecurityError {
    #[error(transparent)]
    Db(#[from] store::DbError),
    #[error("the ciphertext of {context} names data key {key_id}, which this keyring does not hold")]
    UnknownKey { context: String, key_id: u32 },
    #[error("the ciphertext of {context} does not open: it was changed, or belongs elsewhere")]
    NotAuthentic { context: String },
    #[error("data key {key_id} does not open with this master key")]
    WrongMasterKey { key_id: i64 },
    #[error("{table} holds a value that cannot be read: {value:?}")]
    Damaged { table: &'static str, value: String },
}

impl SecurityError {
    pub(crate) fn damaged(table: &'static str, value: impl Into<String>) -> Self {
        Self::Damaged {
            table,
            value: value.into(),
        }
    }
}
