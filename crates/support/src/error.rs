use security::SecurityError;
use store::DbError;

/// The outcome is unknown, stored data is damaged, or the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SupportError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("a message could not be opened")]
    Sealed(#[from] SecurityError),
    #[error("{setting}: {reason}")]
    Config { setting: &'static str, reason: String },
    #[error("message {message} cannot be read: {reason}")]
    Damaged { message: String, reason: String },
}
