use crate::error::Failure;
use crate::postgres::{NO_TIMEOUT, Session};
use crate::sqlite::Statements;
use crate::{Column, DbError, InsertShape, Row, SelectShape, Sql, UpdateShape, Value};

/// A transaction under way.
pub struct Tx<'c> {
    engine: Engine<'c>,
    wakes: Vec<&'static str>,
    failure: Option<Failure>,
}

pub(crate) enum Engine<'c> {
    Sqlite(&'c rusqlite::Connection, &'c Statements),
    Postgres(&'c mut Session),
}

impl<'c> Tx<'c> {
    pub(crate) fn new(engine: Engine<'c>) -> Self {
        Self {
            engine,
            wakes: Vec::new(),
            failure: None,
        }
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        self.failure
    }

    pub(crate) fn take_wakes(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.wakes)
    }

    /// For the rest of this transaction a statement may take as long as it takes: for proofs over all
    /// of the history.
    pub fn take_all_time(&mut self) -> Result<(), DbError> {
        let done = match &mut self.engine {
            Engine::Sqlite(..) => Ok(()),
            Engine::Postgres(session) => session.control(NO_TIMEOUT),
        };
        self.noted(done)
    }

    /// Raises a signal after the commit.
    pub fn wake(&mut self, signal: &'static str) {
        self.wakes.push(signal);
    }

    /// Runs a statement and returns how many rows it changed.
    pub fn execute(&mut self, sql: &Sql, args: &[Value<'_>]) -> Result<u64, DbError> {
        let done = match &mut self.engine {
            Engine::Sqlite(connection, statements) => statements.execute(connection, sql, args),
            Engine::Postgres(session) => session.execute(sql, args),
        };
        self.noted(done)
    }

    pub fn query<T>(
        &mut self,
        sql: &Sql,
        args: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let rows = match &mut self.engine {
            Engine::Sqlite(connection, statements) => statements.query(connection, sql, args, read),
            Engine::Postgres(session) => session.query(sql, args, read),
        };
        self.noted(rows)
    }

    /// The first row, if there is one.
    pub fn query_opt<T>(
        &mut self,
        sql: &Sql,
        args: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        Ok(self.query(sql, args, read)?.into_iter().next())
    }

    /// The first row of a query that always gives one.
    pub fn query_one<T>(
        &mut self,
        sql: &Sql,
        args: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        self.query_opt(sql, args, read)?
            .ok_or(DbError::NoRow { sql: sql.0 })
    }

    /// Inserts many rows; `columns` are in the shape's order and of one length.
    pub fn insert_rows(
        &mut self,
        shape: &'static InsertShape,
        columns: &[Column<'_>],
    ) -> Result<u64, DbError> {
        debug_assert_eq!(shape.columns.len(), columns.len());
        if columns.first().is_none_or(Column::is_empty) {
            return Ok(0);
        }
        let done = match &mut self.engine {
            Engine::Sqlite(connection, _) => crate::sqlite::insert_rows(connection, shape, columns),
            Engine::Postgres(session) => {
                session.bulk(shape.table, || shape.postgres(), shape_id(shape), None, columns)
            }
        };
        self.noted(done)
    }

    /// Updates many rows by key and returns how many there were.
    pub fn update_rows(
        &mut self,
        shape: &'static UpdateShape,
        keys: &Column<'_>,
        columns: &[Column<'_>],
    ) -> Result<u64, DbError> {
        debug_assert_eq!(shape.columns.len(), columns.len());
        if keys.is_empty() {
            return Ok(0);
        }
        let done = match &mut self.engine {
            Engine::Sqlite(connection, _) => crate::sqlite::update_rows(connection, shape, keys, columns),
            Engine::Postgres(session) => session.bulk(
                shape.table,
                || shape.postgres(),
                shape_id(shape),
                Some(keys),
                columns,
            ),
        };
        self.noted(done)
    }

    /// Reads the rows that have one of the keys; keys without a row are left out.
    pub fn select_by_keys<T>(
        &mut self,
        shape: &'static SelectShape,
        keys: &Column<'_>,
        read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = match &mut self.engine {
            Engine::Sqlite(connection, _) => crate::sqlite::select_by_keys(connection, shape, keys, read),
            Engine::Postgres(session) => {
                session.select_by_keys(|| shape.postgres(), shape_id(shape), keys, read)
            }
        };
        self.noted(rows)
    }

    /// Takes a lock that is held until the transaction ends, for a decision that no single row
    /// guards. SQLite has one writer and needs none.
    pub fn lock(&mut self, key: i64) -> Result<(), DbError> {
        match &mut self.engine {
            Engine::Sqlite(..) => Ok(()),
            Engine::Postgres(session) => {
                let done = session.advisory_lock(key);
                self.noted(done)
            }
        }
    }

    fn noted<T>(&mut self, result: Result<T, DbError>) -> Result<T, DbError> {
        if let Err(error) = &result {
            self.failure = Some(error.failure());
        }
        result
    }
}

/// Shapes are statics: their address names them.
fn shape_id<S>(shape: &'static S) -> usize {
    std::ptr::from_ref(shape) as usize
}
