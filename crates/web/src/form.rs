//! What a person typed, and what is wrong with it; nothing typed is lost.

use std::collections::HashMap;

#[derive(Clone, Debug, Default)]
pub struct Form {
    values: HashMap<String, String>,
    errors: HashMap<String, String>,
}

impl Form {
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            values: pairs.into_iter().collect(),
            errors: HashMap::new(),
        }
    }

    /// The trimmed text of a field; empty when it was not sent.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |text| text.trim())
    }

    /// The text as typed: passwords keep their spaces.
    pub fn exact(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.into(), value.into());
    }

    /// Takes a secret away before the form is shown again.
    pub fn forget(&mut self, name: &str) {
        self.values.remove(name);
    }

    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.get(name).map(String::as_str)
    }

    /// The first problem of a field is the one that is shown.
    pub fn refuse(&mut self, name: &str, problem: impl Into<String>) {
        self.errors.entry(name.into()).or_insert_with(|| problem.into());
    }

    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}
