use std::error::Error as StdError;

/// An error and what caused it, in one line: for logs and for rows that a person reads.
pub fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Transparent errors repeat their cause's words.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

type Source = Box<dyn StdError + Send + Sync>;

/// Why a transaction has no known outcome. The remedy is in the text; to try again with the same
/// key is always safe.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("the constraint {name} was violated")]
    Constraint {
        /// The constraint's name (PostgreSQL, and CHECK on SQLite) or `table.column` (SQLite's UNIQUE).
        name: String,
        #[source]
        source: Source,
    },
    #[error("too many requests wait for the database; try again shortly")]
    Busy,
    #[error("the disk is full: free space, nothing was changed")]
    Full(#[source] Source),
    #[error("the database cannot be reached")]
    Unavailable(#[source] Source),
    #[error("two transactions met in a deadlock or could not be put in order, {attempts} times in a row")]
    Conflict { attempts: u32 },
    #[error("the database failed at {at}")]
    Backend {
        at: &'static str,
        #[source]
        source: Source,
    },
    #[error("a stored value of column {column} cannot be read: {reason}")]
    Corrupt { column: usize, reason: String },
    #[error("no row, where the query must give one: {sql}")]
    NoRow { sql: &'static str },
    #[error("a transaction panicked and was rolled back")]
    Panicked,
    #[error("the database is closed")]
    Closed,
    #[error("{setting} is off in PostgreSQL: committed payments could be lost; switch it on")]
    NotDurable { setting: &'static str },
    #[error("migration {room} {number} was changed after it ran; add a new one instead")]
    MigrationChanged { room: &'static str, number: u32 },
}

/// What the executor does about a failed statement, whatever error the closure made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Retry,
    ConnectionLost,
    /// The database cannot do it now, whatever is asked of it.
    Full,
    Other,
}

impl Failure {
    /// Whether the same statement may succeed once the database is well again.
    pub fn is_passing(self) -> bool {
        match self {
            Self::Retry | Self::ConnectionLost | Self::Full => true,
            Self::Other => false,
        }
    }
}

impl DbError {
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Conflict { .. } => Failure::Retry,
            Self::Unavailable(_) => Failure::ConnectionLost,
            Self::Full(_) | Self::Busy | Self::Closed => Failure::Full,
            _ => Failure::Other,
        }
    }

    /// A second of the same kind, for each caller of a group that failed together.
    pub fn again(&self) -> Self {
        match self {
            Self::Full(source) => Self::Full(source.to_string().into()),
            Self::Unavailable(source) => Self::Unavailable(source.to_string().into()),
            Self::Panicked => Self::Panicked,
            Self::Closed => Self::Closed,
            Self::Busy => Self::Busy,
            other => Self::Backend {
                at: "a transaction shared with others",
                source: other.to_string().into(),
            },
        }
    }

    pub(crate) fn from_sqlite(at: &'static str, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => {
                let text = error.to_string();
                let name = text.rsplit(": ").next().unwrap_or_default().to_owned();
                Self::Constraint {
                    name,
                    source: error.into(),
                }
            }
            Some(ErrorCode::DiskFull) => Self::Full(error.into()),
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Self::Unavailable(error.into()),
            _ => Self::Backend {
                at,
                source: error.into(),
            },
        }
    }

    pub(crate) fn from_postgres(at: &'static str, error: ::postgres::Error) -> Self {
        let code = error
            .code()
            .map(|code| code.code().to_owned())
            .unwrap_or_default();
        match code.as_str() {
            "40001" | "40P01" => Self::Conflict { attempts: 1 },
            "53100" => Self::Full(error.into()),
            "57P01" | "57P02" | "57P03" => Self::Unavailable(error.into()),
            "" if error.is_closed() || error.as_db_error().is_none() => Self::Unavailable(error.into()),
            _ if code.starts_with("08") => Self::Unavailable(error.into()),
            _ if code.starts_with("23") => {
                let name = error
                    .as_db_error()
                    .and_then(|e| e.constraint())
                    .unwrap_or_default()
                    .to_owned();
                Self::Constraint {
                    name,
                    source: error.into(),
                }
            }
            _ => Self::Backend {
                at,
                source: error.into(),
            },
        }
    }
}
