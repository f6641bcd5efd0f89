use security::SecurityError;
use store::DbError;

/// The outcome is unknown, or stored data is damaged.
#[derive(Debug, thiserror::Error)]
pub enum SupportError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("a message could not be opened")]
    Sealed(#[from] SecurityError),
    #[error("message {message} cannot be read: {reason}")]
    Damaged { message: String, reason: String },
}
