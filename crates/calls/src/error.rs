use money::MoneyError;
use people::PeopleError;
use store::DbError;

/// Why a verb of this room has no known outcome; to try again is always safe.
#[derive(Debug, thiserror::Error)]
pub enum CallsError {
    #[error("calls: the database")]
    Db(#[source] DbError),
    #[error("calls: {verb} in money")]
    Money {
        verb: &'static str,
        #[source]
        source: MoneyError,
    },
    #[error("calls: {verb} in people")]
    People {
        verb: &'static str,
        #[source]
        source: PeopleError,
    },
    #[error("calls: {verb} in security")]
    Security {
        verb: &'static str,
        #[source]
        source: security::SecurityError,
    },
    #[error("calls: a stored {what} reads {found:?}")]
    Corrupt { what: &'static str, found: String },
    #[error("calls: the case's {what} does not exist")]
    Missing { what: &'static str },
    #[error("calls: the recording {file}: {what}")]
    Recording {
        file: String,
        what: &'static str,
        #[source]
        source: std::io::Error,
    },
    /// Its file could not be made, or is gone.
    #[error("calls: there is no recording {file}")]
    NoRecording { file: String },
    #[error("calls: the recording {file} cannot be opened")]
    Sealed {
        file: String,
        #[source]
        source: security::SecurityError,
    },
}

impl CallsError {
    /// Whether a stored value is at fault, because a newer version wrote it or it is damaged, and
    /// not the database: another look reads the same.
    pub fn is_unreadable(&self) -> bool {
        match self {
            Self::Corrupt { .. } | Self::Missing { .. } => true,
            Self::Db(source) => is_corrupt(source),
            Self::Money { source, .. } => match source {
                MoneyError::Db(source) => is_corrupt(source),
                MoneyError::Damaged { .. }
                | MoneyError::DamagedProfile { .. }
                | MoneyError::DamagedAssessment { .. } => true,
                _ => false,
            },
            Self::People { source, .. } => match source {
                PeopleError::Db(source) => is_corrupt(source),
                _ => true,
            },
            Self::Security { .. }
            | Self::Recording { .. }
            | Self::NoRecording { .. }
            | Self::Sealed { .. } => false,
        }
    }
}

fn is_corrupt(error: &DbError) -> bool {
    matches!(error, DbError::Corrupt { .. })
}

impl From<DbError> for CallsError {
    fn from(source: DbError) -> Self {
        Self::Db(source)
    }
}
