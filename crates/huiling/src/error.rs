use std::path::PathBuf;

/// Why a command could not do its work. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum HuilingError {
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error("the database does not do its part")]
    Database(#[from] store::DbError),
    #[error("the ledger does not do its part")]
    Money(#[from] money::MoneyError),
    #[error("the customers cannot be read or kept")]
    People(#[from] people::PeopleError),
    #[error("calls cannot be read")]
    Calls(#[from] calls::CallsError),
    #[error("the telephone line does not open")]
    Phone(#[from] phone::PhoneError),
    #[error("the voice does not open")]
    Voice(#[from] phone::prompts::VoiceError),
    #[error("secrets cannot be read or kept")]
    Security(#[from] security::SecurityError),
    #[error("{what} {}", path.display())]
    File {
        what: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{what}")]
    Io { what: String, source: std::io::Error },
    #[error("{0}")]
    Unusable(String),
    #[error("{key} is {value:?}, but {wanted} is wanted")]
    Setting {
        key: &'static str,
        value: String,
        wanted: String,
    },
}

impl HuilingError {
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    pub fn setting(key: &'static str, value: impl Into<String>, wanted: impl Into<String>) -> Self {
        Self::Setting {
            key,
            value: value.into(),
            wanted: wanted.into(),
        }
    }
}
