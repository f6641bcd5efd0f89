use super::Address;
use crate::{Column, DbError, Row, Sql, Value};
use ::postgres::types::ToSql;
use ::postgres::{Client, Statement};
use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

/// Lifts the bound of a statement's time until the transaction ends.
pub(crate) const NO_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";

/// One connection with its prepared statements.
pub(crate) struct Session {
    client: Client,
    prepared: HashMap<(usize, usize), Statement>,
}

impl Session {
    /// Connects, and refuses a server that would lose what it has acknowledged.
    pub fn connect(url: &str) -> Result<Self, DbError> {
        let failed = |error| DbError::from_postgres("connecting", error);
        let mut client = connect(url)?;
        for setting in ["fsync", "synchronous_commit"] {
            let row = client
                .query_one("SELECT current_setting($1)", &[&setting])
                .map_err(failed)?;
            if row.get::<_, String>(0) == "off" {
                return Err(DbError::NotDurable { setting });
            }
        }
        // A plan made on an empty table costs a factor of ten once it has filled.
        let settings =
            "SET plan_cache_mode = force_custom_plan; SET statement_timeout = '60s'; SET TIME ZONE 'UTC'";
        client.batch_execute(settings).map_err(failed)?;
        Ok(Self {
            client,
            prepared: HashMap::new(),
        })
    }

    pub fn control(&mut self, text: &'static str) -> Result<(), DbError> {
        self.client
            .batch_execute(text)
            .map_err(|error| DbError::from_postgres(text, error))
    }

    pub fn script(&mut self, at: &'static str, text: &str) -> Result<(), DbError> {
        self.client
            .batch_execute(text)
            .map_err(|error| DbError::from_postgres(at, error))
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub fn execute(&mut self, sql: &Sql, args: &[Value<'_>]) -> Result<u64, DbError> {
        let statement = self.registered(sql)?;
        self.client
            .execute(&statement, &dynamic(args))
            .map_err(|error| DbError::from_postgres(sql.0, error))
    }

    pub fn query<T>(
        &mut self,
        sql: &Sql,
        args: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let statement = self.registered(sql)?;
        let rows = self
            .client
            .query(&statement, &dynamic(args))
            .map_err(|error| DbError::from_postgres(sql.0, error))?;
        rows.iter().map(|row| read(&Row::Postgres(row))).collect()
    }

    /// A bulk insert or update: each column is one array parameter.
    pub fn bulk(
        &mut self,
        at: &'static str,
        text: impl FnOnce() -> String,
        shape: usize,
        keys: Option<&Column<'_>>,
        columns: &[Column<'_>],
    ) -> Result<u64, DbError> {
        let statement = self.shaped(at, text, shape)?;
        let args: Vec<&(dyn ToSql + Sync)> = keys.into_iter().chain(columns).map(Column::as_array).collect();
        self.client
            .execute(&statement, &args)
            .map_err(|error| DbError::from_postgres(at, error))
    }

    pub fn select_by_keys<T>(
        &mut self,
        text: impl FnOnce() -> String,
        shape: usize,
        keys: &Column<'_>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let at = "a bulk select";
        let statement = self.shaped(at, text, shape)?;
        let rows = self
            .client
            .query(&statement, &[keys.as_array()])
            .map_err(|error| DbError::from_postgres(at, error))?;
        rows.iter().map(|row| read(&Row::Postgres(row))).collect()
    }

    pub fn advisory_lock(&mut self, key: i64) -> Result<(), DbError> {
        let locked = self.client.execute("SELECT pg_advisory_xact_lock($1)", &[&key]);
        locked
            .map(|_| ())
            .map_err(|error| DbError::from_postgres("an advisory lock", error))
    }

    pub fn prepare(&mut self, text: &str) -> Result<(), DbError> {
        let prepared = self.client.prepare(text);
        prepared
            .map(|_| ())
            .map_err(|error| DbError::from_postgres("preparing a statement", error))
    }

    fn registered(&mut self, sql: &Sql) -> Result<Statement, DbError> {
        let key = (sql.0.as_ptr() as usize, sql.0.len());
        if let Some(statement) = self.prepared.get(&key) {
            return Ok(statement.clone());
        }
        let statement = self
            .client
            .prepare(sql.0)
            .map_err(|error| DbError::from_postgres(sql.0, error))?;
        self.prepared.insert(key, statement.clone());
        Ok(statement)
    }

    fn shaped(
        &mut self,
        at: &'static str,
        text: impl FnOnce() -> String,
        shape: usize,
    ) -> Result<Statement, DbError> {
        // No statement's text is of length 0, so shapes and registered statements never meet.
        let key = (shape, 0);
        if let Some(statement) = self.prepared.get(&key) {
            return Ok(statement.clone());
        }
        let statement = self
            .client
            .prepare(&text())
            .map_err(|error| DbError::from_postgres(at, error))?;
        self.prepared.insert(key, statement.clone());
        Ok(statement)
    }
}

/// A bare connection.
pub(super) fn connect(url: &str) -> Result<Client, DbError> {
    let mut address = Address::parse(url)?;
    address
        .config
        .connect_timeout(Duration::from_secs(5))
        // A server that has gone without a word is found out in half a minute, not by the system's hours.
        .tcp_user_timeout(Duration::from_secs(20))
        .keepalives_idle(Duration::from_secs(10))
        .keepalives_interval(Duration::from_secs(5))
        .keepalives_retries(3)
        .application_name("huiling");
    address.config.connect(address.tls()?).map_err(connecting)
}

fn connecting(error: ::postgres::Error) -> DbError {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    if cause == "server does not support TLS" {
        return DbError::Backend {
            at: "connecting",
            source:
                "this sslmode wants TLS, and the server has it off: set ssl = on there, or, where nobody can \
                     listen, say sslmode=disable"
                    .into(),
        };
    }
    DbError::from_postgres("connecting", error)
}

fn dynamic<'a>(args: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    args.iter().map(|arg| arg as _).collect()
}
