use super::open::{Opened, SqliteOptions, open_connection};
use super::statements::Statements;
use super::writer::run_alone;
use crate::DbError;
use crate::signal::Signals;
use crate::work::Work;
use rusqlite::Connection;

/// How a commit fails, where a simulation wants it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was kept, and the caller is told so.
    Refused,
    /// Everything was kept, and the caller hears an error.
    AnswerLost,
    /// The process died before the commit: nothing was kept, and nothing runs any more.
    DiedBefore,
    /// The process died after the commit, before anybody heard of it.
    DiedAfter,
}

/// Asked before each commit.
pub type Faults = Box<dyn FnMut() -> Option<Fault> + Send>;

/// A file whose transactions run on the caller's own thread, and can be made to fail.
pub(crate) struct Inline {
    connection: Opened,
    statements: Statements,
    faults: Option<Faults>,
    dead: bool,
}

impl Inline {
    pub fn open(options: &SqliteOptions) -> Result<Self, DbError> {
        Ok(Self {
            connection: open_connection(options, false)?,
            statements: Statements::default(),
            faults: None,
            dead: false,
        })
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    pub fn inject(&mut self, faults: Option<Faults>) {
        self.faults = faults;
    }

    pub fn is_dead(&self) -> bool {
        self.dead
    }

    pub fn write(&mut self, signals: &Signals, work: Work) {
        if self.dead {
            return (work.answer)(Err(DbError::Closed));
        }
        let fault = self.faults.as_mut().and_then(|next| next());
        self.dead = matches!(fault, Some(Fault::DiedBefore | Fault::DiedAfter));
        run_alone(&self.connection, &self.statements, signals, work, fault);
    }

    pub fn read(&mut self, signals: &Signals, work: Work) {
        if self.dead {
            return (work.answer)(Err(DbError::Closed));
        }
        run_alone(&self.connection, &self.statements, signals, work, None);
    }

    /// A full disk: the file may not grow. `false` gives the room back.
    pub fn fill(&self, full: bool) -> Result<(), DbError> {
        let failed = |error| DbError::from_sqlite("limiting the file's size", error);
        let pages: i64 = if full {
            let count = self
                .connection
                .query_row("PRAGMA page_count", [], |row| row.get(0));
            count.map_err(failed)?
        } else {
            i64::from(u32::MAX - 1)
        };
        let limit = format!("PRAGMA max_page_count={pages}");
        let set: Result<i64, _> = self.connection.query_row(&limit, [], |row| row.get(0));
        set.map(drop).map_err(failed)
    }
}
