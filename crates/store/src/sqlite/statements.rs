use crate::sql::sqlite_text;
use crate::{Column, DbError, InsertShape, Row, SelectShape, Sql, UpdateShape, Value};
use rusqlite::{Connection, params_from_iter};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The texts of registered statements as SQLite wants them, each translated once per connection.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    texts: RefCell<HashMap<(usize, usize), Arc<str>>>,
}

impl Statements {
    pub fn execute(&self, connection: &Connection, sql: &Sql, args: &[Value<'_>]) -> Result<u64, DbError> {
        let failed = |error| DbError::from_sqlite(sql.0, error);
        let mut statement = connection.prepare_cached(&self.text(sql)).map_err(failed)?;
        if statement.column_count() > 0 {
            return Err(DbError::Backend {
                at: sql.0,
                source: "it returns rows: query it".into(),
            });
        }
        Ok(statement.execute(params_from_iter(args)).map_err(failed)? as u64)
    }

    pub fn query<T>(
        &self,
        connection: &Connection,
        sql: &Sql,
        args: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let failed = |error| DbError::from_sqlite(sql.0, error);
        let mut statement = connection.prepare_cached(&self.text(sql)).map_err(failed)?;
        let mut rows = statement.query(params_from_iter(args)).map_err(failed)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            found.push(read(&Row::Sqlite(row))?);
        }
        Ok(found)
    }

    fn text(&self, sql: &Sql) -> Arc<str> {
        let key = (sql.0.as_ptr() as usize, sql.0.len());
        self.texts
            .borrow_mut()
            .entry(key)
            .or_insert_with(|| sqlite_text(sql.0).into())
            .clone()
    }
}

pub(crate) fn insert_rows(
    connection: &Connection,
    shape: &InsertShape,
    columns: &[Column<'_>],
) -> Result<u64, DbError> {
    let failed = |error| DbError::from_sqlite(shape.table, error);
    let mut statement = connection.prepare_cached(&shape.sqlite()).map_err(failed)?;
    let mut inserted = 0;
    for row in 0..columns[0].len() {
        for (index, column) in columns.iter().enumerate() {
            statement
                .raw_bind_parameter(index + 1, column.value(row))
                .map_err(failed)?;
        }
        inserted += statement.raw_execute().map_err(failed)? as u64;
    }
    Ok(inserted)
}

pub(crate) fn update_rows(
    connection: &Connection,
    shape: &UpdateShape,
    keys: &Column<'_>,
    columns: &[Column<'_>],
) -> Result<u64, DbError> {
    let failed = |error| DbError::from_sqlite(shape.table, error);
    let mut statement = connection.prepare_cached(&shape.sqlite()).map_err(failed)?;
    let mut updated = 0;
    for row in 0..keys.len() {
        statement.raw_bind_parameter(1, keys.value(row)).map_err(failed)?;
        for (index, column) in columns.iter().enumerate() {
            statement
                .raw_bind_parameter(index + 2, column.value(row))
                .map_err(failed)?;
        }
        updated += statement.raw_execute().map_err(failed)? as u64;
    }
    Ok(updated)
}

pub(crate) fn select_by_keys<T>(
    connection: &Connection,
    shape: &SelectShape,
    keys: &Column<'_>,
    mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
) -> Result<Vec<T>, DbError> {
    let failed = |error| DbError::from_sqlite(shape.table, error);
    let mut statement = connection.prepare_cached(&shape.sqlite()).map_err(failed)?;
    let mut found = Vec::with_capacity(keys.len());
    for row in 0..keys.len() {
        statement.raw_bind_parameter(1, keys.value(row)).map_err(failed)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            found.push(read(&Row::Sqlite(row))?);
        }
    }
    Ok(found)
}
