use super::Config;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Why the configuration cannot be used; each names the key or file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {} cannot be read", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: {message}", path.display())]
    Wrong { path: PathBuf, message: String },
    #[error(
        "the environment variable {name} names no key; sections are {sections}, keys are in huiling.example.toml"
    )]
    UnknownVariable { name: String, sections: String },
    #[error("the environment variable {name} is {value:?}, but {wanted} is wanted")]
    WrongVariable {
        name: String,
        value: String,
        wanted: &'static str,
    },
}

const PREFIX: &str = "HUILING_";

/// Reads the file, if one is given, and lays the environment over it:
/// `HUILING_PHONE_BIND` sets `bind` of `[phone]`. Variables under other prefixes are not looked at.
pub fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut table = match file {
        Some(path) => read(path)?,
        None => Table::new(),
    };
    let known = Table::try_from(Config::default()).expect("the defaults can be written as TOML");
    for (name, value) in environment {
        if let Some(key) = name.strip_prefix(PREFIX).filter(|key| !key.starts_with("TEST_")) {
            lay_over(&mut table, &known, &name, key, &value)?;
        }
    }
    let path = file.map_or_else(|| PathBuf::from("configuration"), Path::to_path_buf);
    table
        .try_into()
        .map_err(|error: toml::de::Error| ConfigError::Wrong {
            path,
            message: without_values(error.message()),
        })
}

fn read(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.into(),
        source,
    })?;
    // Parsed as what it is first: that error knows the line and the key.
    toml::from_str::<Config>(&text).map_err(|error| ConfigError::Wrong {
        path: path.into(),
        message: place_and_reason(&text, &error),
    })?;
    toml::from_str(&text).map_err(|error| ConfigError::Wrong {
        path: path.into(),
        message: place_and_reason(&text, &error),
    })
}

fn lay_over(table: &mut Table, known: &Table, name: &str, key: &str, value: &str) -> Result<(), ConfigError> {
    let lower = key.to_ascii_lowercase();
    let found = lower.split_once('_').and_then(|(section, key)| {
        let default = known.get(section)?.as_table()?.get(key)?;
        Some((section.to_owned(), key.to_owned(), default))
    });
    let Some((section, key, default)) = found else {
        let sections = known.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(ConfigError::UnknownVariable {
            name: name.into(),
            sections,
        });
    };
    let wrong = |wanted| ConfigError::WrongVariable {
        name: name.into(),
        value: value.into(),
        wanted,
    };
    let parsed = match default {
        Value::Integer(_) => Value::Integer(value.parse().map_err(|_| wanted_number(&wrong))?),
        Value::Boolean(_) => Value::Boolean(value.parse().map_err(|_| wrong("true or false"))?),
        Value::Array(_) => Value::Array(
            value
                .split(',')
                .map(|item| Value::String(item.trim().into()))
                .collect(),
        ),
        _ => Value::String(value.into()),
    };
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Some(section) = section.as_table_mut() {
        section.insert(key, parsed);
    }
    Ok(())
}

fn wanted_number(wrong: &impl Fn(&'static str) -> ConfigError) -> ConfigError {
    wrong("a whole number")
}

/// Line, column, key and reason; never the line itself, which may hold a password.
fn place_and_reason(text: &str, error: &toml::de::Error) -> String {
    let reason = without_values(error.message());
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return reason;
    };
    let line = before.matches('\n').count() + 1;
    let start = before.rsplit('\n').next().unwrap_or_default();
    let column = start.chars().count() + 1;
    match start.split_once('=') {
        Some((key, _)) => format!("line {line}, column {column}, key {}: {reason}", key.trim()),
        None => format!("line {line}, column {column}: {reason}"),
    }
}

/// The reason without what stood there: a value of the wrong type or an unknown variant may be a
/// secret in the wrong place. Names of keys stay.
fn without_values(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    let tells_a_value = ["invalid type", "invalid value", "unknown variant"]
        .iter()
        .any(|start| message.starts_with(start));
    match message.rsplit_once("expected ").filter(|_| tells_a_value) {
        Some((_, wanted)) => format!("{wanted} is wanted"),
        None if tells_a_value => "the value is of the wrong kind".into(),
        None => message.into(),
    }
}
