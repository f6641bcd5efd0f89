use crate::Value;
use std::borrow::Cow;

/// The type of a column in a bulk statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Bigint,
    Text,
    Bytea,
}

/// One column of many rows, for bulk statements.
#[derive(Debug)]
pub enum Column<'a> {
    Int(Vec<i64>),
    OptInt(Vec<Option<i64>>),
    Text(Vec<&'a str>),
    OptText(Vec<Option<&'a str>>),
    Bytes(Vec<&'a [u8]>),
    OptBytes(Vec<Option<&'a [u8]>>),
}

/// `INSERT` of many rows. `conflict` is empty or an `ON CONFLICT …` clause.
#[derive(Debug)]
pub struct InsertShape {
    pub table: &'static str,
    pub columns: &'static [(&'static str, ColumnKind)],
    pub conflict: &'static str,
}

/// `UPDATE` of many rows by one key.
#[derive(Debug)]
pub struct UpdateShape {
    pub table: &'static str,
    pub key: (&'static str, ColumnKind),
    pub columns: &'static [(&'static str, ColumnKind)],
}

/// `SELECT` of the rows with given keys. Rows come in the keys' order on SQLite and sorted by key
/// on PostgreSQL; give the keys sorted, and lock (`for_update`) is taken in that order.
#[derive(Debug)]
pub struct SelectShape {
    pub columns: &'static str,
    pub table: &'static str,
    pub key: (&'static str, ColumnKind),
    pub for_update: bool,
}

/// A bulk statement, so that a test prepares each on both engines.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Insert(&'static InsertShape),
    Update(&'static UpdateShape),
    Select(&'static SelectShape),
}

impl ColumnKind {
    fn array(self) -> &'static str {
        match self {
            Self::Bigint => "BIGINT[]",
            Self::Text => "TEXT[]",
            Self::Bytea => "BYTEA[]",
        }
    }
}

impl<'a> Column<'a> {
    pub fn len(&self) -> usize {
        match self {
            Self::Int(values) => values.len(),
            Self::OptInt(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::OptText(values) => values.len(),
            Self::Bytes(values) => values.len(),
            Self::OptBytes(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn value(&self, row: usize) -> Value<'a> {
        match self {
            Self::Int(values) => Value::Int(values[row]),
            Self::OptInt(values) => values[row].into(),
            Self::Text(values) => Value::Text(Cow::Borrowed(values[row])),
            Self::OptText(values) => values[row].into(),
            Self::Bytes(values) => Value::Bytes(Cow::Borrowed(values[row])),
            Self::OptBytes(values) => values[row].into(),
        }
    }

    pub(crate) fn as_array(&self) -> &(dyn ::postgres::types::ToSql + Sync) {
        match self {
            Self::Int(values) => values,
            Self::OptInt(values) => values,
            Self::Text(values) => values,
            Self::OptText(values) => values,
            Self::Bytes(values) => values,
            Self::OptBytes(values) => values,
        }
    }
}

impl InsertShape {
    pub(crate) fn sqlite(&self) -> String {
        let marks: Vec<String> = (1..=self.columns.len()).map(|n| format!("?{n}")).collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({}) {}",
            self.table,
            names(self.columns),
            marks.join(", "),
            self.conflict
        )
    }

    pub(crate) fn postgres(&self) -> String {
        let arrays = arrays(self.columns, 1);
        format!(
            "INSERT INTO {} ({}) SELECT * FROM unnest({arrays}) {}",
            self.table,
            names(self.columns),
            self.conflict
        )
    }
}

impl UpdateShape {
    pub(crate) fn sqlite(&self) -> String {
        let sets: Vec<String> = self
            .columns
            .iter()
            .enumerate()
            .map(|(i, (name, _))| format!("{name} = ?{}", i + 2))
            .collect();
        format!(
            "UPDATE {} SET {} WHERE {} = ?1",
            self.table,
            sets.join(", "),
            self.key.0
        )
    }

    pub(crate) fn postgres(&self) -> String {
        let sets: Vec<String> = self
            .columns
            .iter()
            .map(|(name, _)| format!("{name} = new.{name}"))
            .collect();
        let key = self.key.0;
        format!(
            "UPDATE {table} SET {sets} FROM unnest($1::{key_array}, {arrays}) AS new ({key}, {names}) WHERE {table}.{key} = new.{key}",
            table = self.table,
            sets = sets.join(", "),
            key_array = self.key.1.array(),
            arrays = arrays(self.columns, 2),
            names = names(self.columns),
        )
    }
}

impl SelectShape {
    pub(crate) fn sqlite(&self) -> String {
        format!(
            "SELECT {} FROM {} WHERE {} = ?1",
            self.columns, self.table, self.key.0
        )
    }

    pub(crate) fn postgres(&self) -> String {
        let lock = if self.for_update { "FOR UPDATE" } else { "" };
        let (key, kind) = self.key;
        format!(
            "SELECT {} FROM {} WHERE {key} = ANY($1::{}) ORDER BY {key} {lock}",
            self.columns,
            self.table,
            kind.array()
        )
    }
}

impl Shape {
    pub(crate) fn sqlite(self) -> String {
        match self {
            Self::Insert(shape) => shape.sqlite(),
            Self::Update(shape) => shape.sqlite(),
            Self::Select(shape) => shape.sqlite(),
        }
    }

    pub(crate) fn postgres(self) -> String {
        match self {
            Self::Insert(shape) => shape.postgres(),
            Self::Update(shape) => shape.postgres(),
            Self::Select(shape) => shape.postgres(),
        }
    }
}

fn names(columns: &[(&str, ColumnKind)]) -> String {
    columns
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(", ")
}

fn arrays(columns: &[(&str, ColumnKind)], first: usize) -> String {
    let casts: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, (_, kind))| format!("${}::{}", i + first, kind.array()))
        .collect();
    casts.join(", ")
}
